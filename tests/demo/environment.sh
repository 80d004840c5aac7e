# A development site in one folder: CA, identities, token, configuration, and a
# server over them. Sourced by demo.sh, serve.sh and tests/bench/bench.sh, which
# set STATE (the folder, absolute), COUNTERSIGND and COUNTERSIGN (binaries).
# Nothing here is fit for production: keys without pass phrases, one machine.

TRUST_DOMAIN=demo.example
SOFTHSM_MODULE=${SOFTHSM_MODULE:-/usr/lib/softhsm/libsofthsm2.so}
# Name, subjectAltName: who the demo's people and machines are.
IDENTITIES=(
  "ci      URI:spiffe://$TRUST_DOMAIN/ci/checkout"
  "alice   email:alice@$TRUST_DOMAIN"
  "bob     email:bob@$TRUST_DOMAIN"
  "carol   email:carol@$TRUST_DOMAIN"
  "dave    email:dave@$TRUST_DOMAIN"
)

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# Runs an openssl command; its chatter is shown only when it fails.
quiet_openssl() {
  local chatter
  chatter=$(openssl "$@" 2>&1) || fail "openssl $1: $chatter"
}

# make_ca FILE_STEM COMMON_NAME
make_ca() {
  quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 3650 -nodes \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj "/O=Demo/CN=$2" \
    -addext basicConstraints=critical,CA:true \
    -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$1.key" -out "$1.pem"
}

# make_certificate NAME SUBJECT_ALT_NAME EXTENDED_KEY_USAGE
make_certificate() {
  quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 365 -nodes \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj "/O=Demo/CN=$1" \
    -CA "$STATE/pki/ca.pem" -CAkey "$STATE/pki/ca.key" \
    -addext basicConstraints=critical,CA:false \
    -addext keyUsage=critical,digitalSignature \
    -addext "extendedKeyUsage=$3" -addext "subjectAltName=$2" \
    -keyout "$STATE/pki/$1.key" -out "$STATE/pki/$1.pem"
}

make_pki() {
  local line name san
  mkdir -p "$STATE/pki"
  # Without a file of ours, Debian's adds CA:true to each certificate.
  printf '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n' \
    >"$STATE/openssl.cnf"
  make_ca "$STATE/pki/ca" "Demo identity CA"
  make_certificate server "DNS:localhost,IP:127.0.0.1" serverAuth
  for line in "${IDENTITIES[@]}"; do
    read -r name san <<<"$line"
    make_certificate "$name" "$san" clientAuth
  done
  quiet_openssl genpkey -algorithm ed25519 -out "$STATE/pki/log.key"
}

# A SoftHSM token. softhsm2-util takes PINs from its command line, which every
# process can read, or from a terminal: `script` (bsdutils, on every Debian)
# is the terminal. The PIN then lies in a file of mode 0600 only.
make_token() {
  local pin so_pin
  mkdir -p "$STATE/tokens"
  cat >"$STATE/softhsm2.conf" <<END
directories.tokendir = $STATE/tokens
objectstore.backend = file
log.level = ERROR
END
  pin=$(openssl rand -hex 8) so_pin=$(openssl rand -hex 8)
  printf '%s' "$pin" >"$STATE/pin"
  export SOFTHSM2_CONF=$STATE/softhsm2.conf
  printf '%s\n%s\n%s\n%s\n' "$so_pin" "$so_pin" "$pin" "$pin" |
    script -qec 'softhsm2-util --init-token --free --label demo' /dev/null \
      >/dev/null 2>&1 || fail "softhsm2-util could not make a token"
}

make_server_configuration() {
  mkdir -p "$STATE/data"
  cat >"$STATE/countersignd.yaml" <<END
# Made by tests/demo/environment.sh; proto/config/v1/config.proto explains it.
listen:
  address: 127.0.0.1:${SERVER_PORT:-0}
  certificate_file: $STATE/pki/server.pem
  private_key_file: $STATE/pki/server.key
  port_file: $STATE/port
identity:
  client_ca_file: $STATE/pki/ca.pem
  group_rules:
    - group: ci-pipelines
      subject_patterns: ["spiffe://$TRUST_DOMAIN/ci/*"]
    - group: release-approvers
      subjects: ["email:alice@$TRUST_DOMAIN", "email:bob@$TRUST_DOMAIN"]
    - group: product-approvers
      subjects: ["email:bob@$TRUST_DOMAIN"]
    - group: administrators
      subjects: ["email:carol@$TRUST_DOMAIN"]
    - group: auditors
      subjects: ["email:dave@$TRUST_DOMAIN"]
  administrator_groups: [administrators]
  product_approver_groups: [product-approvers]
  auditor_groups: [auditors]
hsm:
  tokens:
    - name: main
      module: $SOFTHSM_MODULE
      token_label: demo
      pin_file: $STATE/pin
storage:
  sqlite:
    path: $STATE/data/countersign.db
log:
  origin: $TRUST_DOMAIN/log
  private_key_file: $STATE/pki/log.key
metrics:
  address: 127.0.0.1:0
END
}

# One context for each identity; the port is known only now. By number: a bare
# container may have no /etc/hosts that knows localhost.
make_client_configuration() {
  local line name
  {
    printf 'current_context: ci\ncontexts:\n'
    for line in "${IDENTITIES[@]}"; do
      read -r name _ <<<"$line"
      printf '  - name: %s\n    server: 127.0.0.1:%s\n' "$name" \
        "$(<"$STATE/port")"
      printf '    ca_file: pki/ca.pem\n    certificate_file: pki/%s.pem\n' \
        "$name"
      printf '    private_key_file: pki/%s.key\n' "$name"
    done
  } >"$STATE/client.yaml"
}

# Everything but the server, from nothing.
make_site() {
  rm -rf "${STATE:?}"
  mkdir -p "$STATE"
  (umask 077 && make_pki && make_token) || exit 1
  export SOFTHSM2_CONF=$STATE/softhsm2.conf
  make_server_configuration
}

server_pid() {
  local pid
  [[ -s $STATE/server.pid ]] || return 1
  pid=$(<"$STATE/server.pid")
  # A number may have been given to somebody else since.
  grep -qzF "$STATE/countersignd.yaml" "/proc/$pid/cmdline" 2>/dev/null ||
    return 1
  printf '%s' "$pid"
}

start_server() {
  local waited
  rm -f "$STATE/port"
  SOFTHSM2_CONF=$STATE/softhsm2.conf setsid "$COUNTERSIGND" \
    --config "$STATE/countersignd.yaml" \
    >>"$STATE/server.log" 2>&1 </dev/null &
  printf '%s' "$!" >"$STATE/server.pid"
  for ((waited = 0; waited < 600; waited++)); do
    [[ -s $STATE/port ]] && break
    kill -0 "$(<"$STATE/server.pid")" 2>/dev/null ||
      fail "the server ended: $(tail -n 5 "$STATE/server.log")"
    sleep 0.05
  done
  [[ -s $STATE/port ]] || fail "the server was not ready within 30 s"
  make_client_configuration
}

# Ends the server and waits for its end.
stop_server() {
  local pid waited
  pid=$(server_pid) || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  for ((waited = 0; waited < 200; waited++)); do
    [[ -d /proc/$pid ]] && [[ $(server_pid) == "$pid" ]] || break
    sleep 0.05
  done
  if [[ $(server_pid) == "$pid" ]]; then kill -KILL "$pid"; fi
  rm -f "$STATE/server.pid"
}

# `countersign` as a user would have it: on PATH, with these contexts only.
put_client_on_path() {
  mkdir -p "$STATE/bin"
  ln -sf "$COUNTERSIGN" "$STATE/bin/countersign"
  PATH=$STATE/bin:$PATH
  local variable
  for variable in "${!COUNTERSIGN_@}"; do unset "$variable"; done
  export COUNTERSIGN_CONFIG=$STATE/client.yaml
}
