# The real tools of others: where they are, which are missing. Sourced. A tool
# is found under its name here in the folder COUNTERSIGN_INTEROP_TOOLS or on
# PATH; there are two generations of ocm and of cosign, so the names tell them
# apart. A plain `ocm`, `cosign` on PATH counts as what its version says.

declare -A TOOLS=()
declare -A TOOL_IS=(
  [ocm-v1]='the classic OCM CLI (github.com/open-component-model/ocm)'
  [ocm-new]='the new OCM CLI (github.com/open-component-model/open-component-model)'
  [cosign-v2]='cosign 2'
  [cosign-v3]='cosign 3'
  [skopeo]='skopeo as its authors publish it: Debian 12 refuses all signatures'
)

have() { [[ -n ${TOOLS[$1]:-} ]]; }

# plain_name TOOL: under which other name it may be on PATH, where that one is
# of the right generation.
plain_name() {
  local path
  case $1 in
    ocm-v1)
      path=$(command -v ocm) && "$path" hash componentversions --help \
        >/dev/null 2>&1 && printf '%s' "$path"
      ;;
    ocm-new)
      path=$(command -v ocm) && ! "$path" hash componentversions --help \
        >/dev/null 2>&1 && printf '%s' "$path"
      ;;
    cosign-v*)
      path=$(command -v cosign) && "$path" version 2>/dev/null |
        grep -qE "^GitVersion: *v${1#cosign-v}\." && printf '%s' "$path"
      ;;
  esac
}

# find_tools NAME...: fills TOOLS and names what is missing. Each is then a
# function of its name.
find_tools() {
  local name path
  for name; do
    path=${COUNTERSIGN_INTEROP_TOOLS:-/nowhere}/$name
    [[ -x $path ]] || path=$(command -v "$name") || path=$(plain_name "$name") ||
      path=''
    if [[ -z $path ]]; then
      printf 'MISSING: %s, %s\n' "$name" "${TOOL_IS[$name]}"
      continue
    fi
    path=$(realpath "$path")
    TOOLS[$name]=$path
    eval "$name() { '$path' \"\$@\"; }"
  done
}

# tool_version NAME: as it tells it.
tool_version() {
  case $1 in
    ocm-v1)
      ocm-v1 version 2>/dev/null | grep -oE '"GitVersion": *"[^"]*"' |
        cut -d '"' -f 4
      ;;
    ocm-new)
      ocm-new version 2>/dev/null | grep -oE '"gitVersion":"[^"]*"' |
        cut -d '"' -f 4
      ;;
    cosign-v*) "$1" version 2>/dev/null | awk '/^GitVersion/ { print $2 }' ;;
    skopeo) skopeo --version | awk '{ print $3 }' ;;
  esac
}
