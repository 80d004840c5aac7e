# Debian packages: which ones, and how they are installed. Sourced by ./dev;
# deploy/Containerfile comes here through `./dev install`. Everything that is
# built against or run is a package of Debian 12 (docs/adr/0006).

# What a build needs.
PACKAGES_BUILD="
  bazel-bootstrap bazel-rules-java bazel-rules-proto bazel-skylib
  bazel-platforms g++ pkgconf
  protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libgrpc++-dev
  libabsl-dev libssl-dev libp11-dev libp11-kit-dev prometheus-cpp-dev
  libsqlite3-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev
  libcurl4-openssl-dev libarchive-dev libboost-dev zlib1g-dev"

# What the tests, the demo and the bench need on top of a build.
PACKAGES_TEST="
  libgtest-dev libgmock-dev softhsm2 openssl
  p11-kit p11-kit-modules libnss3 docker-registry"

# What a built server and client need (shared libraries, the default token).
PACKAGES_RUNTIME="
  libgrpc++1.51 libprotobuf32 libabsl20220623 libssl3 libp11-3
  libprometheus-cpp-core1.0 libprometheus-cpp-pull1.0 libsqlite3-0
  libyaml-cpp0.7 libcurl4 libarchive13 softhsm2 openssl"

# What developers need: sanitizers, lock analysis, formatting.
PACKAGES_DEVELOPER="
  clang-14 libclang-rt-14-dev llvm-14 clang-format-14 clang-tidy-14"

# Prints those of its arguments that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == \
      installed ]] || printf '%s ' "$package"
  done
}

# Runs its arguments as root, through sudo where we are not root.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root and there is no sudo; run as root: $*"
  fi
}

# apt-get's own word on what it would fetch and unpack; installs nothing, needs no
# root. (--assume-no would install a package that raises no question.)
what_and_how_much() {
  apt-get install --print-uris -y --no-install-recommends \
    -o Debug::NoLocking=1 -- "$@" 2>&1 |
    grep -E '^(Need to get|After this operation|E:)' || true
}

# install_packages YES PACKAGE...: installs what is missing, after saying what
# and how much. YES=1: without a question.
install_packages() {
  local yes=$1 missing answer
  shift
  command -v dpkg-query >/dev/null || die "no dpkg-query: this is made for" \
    "Debian 12. Install these, or their like, by hand: $*"
  read -r -a missing <<<"$(missing_packages "$@")"
  ((${#missing[@]})) || return 0

  if ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
    say "apt-get has no package lists; fetching them:" \
      "$( ((EUID)) && echo 'sudo ')apt-get update"
    as_root apt-get update -qq || die "apt-get update failed"
  fi
  say "Missing Debian packages: ${missing[*]}"
  what_and_how_much "${missing[@]}"
  say "Installing them with:" \
    "$( ((EUID)) && echo 'sudo ')apt-get install --no-install-recommends"
  if ((EUID && !yes)) && [[ -t 0 ]]; then
    read -r -p "Go on? [Y/n] " answer
    [[ ${answer:-y} == [yY]* ]] || die "nothing was installed"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends -o Dpkg::Use-Pty=0 -- "${missing[@]}" >/dev/null ||
    die "apt-get install failed"
  read -r -a missing <<<"$(missing_packages "$@")"
  ((${#missing[@]} == 0)) || die "still missing: ${missing[*]}"
}
