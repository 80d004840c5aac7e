#!/usr/bin/env bash
# `./dev bench`: a server with a site and a token of its own, load, figures.
#   bench.sh BINARIES OUT [BENCH OPTIONS]   writes OUT/bench.json
#   COUNTERSIGND, COUNTERSIGN   the binaries
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BINARIES=$1 OUT=$2
shift 2
STATE=$OUT/bench
# shellcheck source=../demo/environment.sh
source "$HERE/../demo/environment.sh"

# A thousand connections need as many descriptors, here and in the server.
ulimit -n "$(ulimit -Hn)"

mkdir -p "$OUT"
stop_server
make_site
trap stop_server EXIT
start_server
put_client_on_path

quietly() {
  local chatter
  chatter=$("$@" 2>&1) || fail "$*: $chatter"
}
quietly countersign --context carol product create "$HERE/product.json"
quietly countersign --context bob product approve bench --yes
waiting=$(countersign --context ci sign digest \
  "$(printf '' | openssl dgst -sha256 -r | cut -d ' ' -f 1)" \
  -p bench/waiting --no-wait)

"$BINARIES/bench" --server "127.0.0.1:$(<"$STATE/port")" \
  --server-pid "$(server_pid)" --ca "$STATE/pki/ca.pem" \
  --cert "$STATE/pki/ci.pem" --key "$STATE/pki/ci.key" \
  --module "$SOFTHSM_MODULE" --token-label demo --pin-file "$STATE/pin" \
  --waiting-request "$waiting" --json "$OUT/bench.json" "$@"
