#!/usr/bin/env bash
# `./dev bench`: three servers with a site and a token of their own each, load,
# figures.
#   bench.sh BINARIES OUT [BENCH OPTIONS]   writes OUT/bench.json
#   COUNTERSIGND, COUNTERSIGN   the binaries
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BINARIES=$1 OUT=$2
shift 2
SITES=(verified unverified narrow)
# shellcheck source=../demo/environment.sh
source "$HERE/../demo/environment.sh"
# shellcheck source=client.sh
source "$HERE/client.sh"

# A thousand connections need as many descriptors, here and in the server.
ulimit -n "$(ulimit -Hn)"

stop_servers() {
  local site
  for site in "${SITES[@]}"; do
    STATE=$OUT/bench/$site
    stop_server
  done
}

quietly() {
  local chatter
  chatter=$("$@" 2>&1) || fail "$*: $chatter"
}

# An issuer whose tokens sign as the pipelines' certificates do; its key is
# where token_rows.cc looks for it.
trust_tokens() {
  mkdir -p "$STATE/issuer"
  "$BINARIES/../../auth/mint_token" --folder "$STATE/issuer" --alg RS256
  sed -i "s|^  group_rules:\$|  token_issuers:\n\
    - name: bench\n\
      issuer: https://issuer.bench.example\n\
      audiences: [countersign]\n\
      jwks_file: $STATE/issuer/jwks.json\n\
  group_rules:\n\
    - group: ci-pipelines\n\
      token_issuer: bench\n\
      claims: [{claim: sub, values: [bench]}]|" "$STATE/countersignd.yaml"
}

# start_site NAME [SETTING OF hsm]
start_site() {
  STATE=$OUT/bench/$1
  make_site
  trust_tokens
  if [[ -n ${2:-} ]]; then
    sed -i "s/^hsm:\$/hsm:\n  $2/" "$STATE/countersignd.yaml"
  fi
  start_server
  put_client_on_path
  quietly countersign --context carol product create "$HERE/product.json"
  quietly countersign --context bob product approve bench --yes
}

stop_servers
trap stop_servers EXIT
start_site verified
start_site unverified "verify_ec: false"
start_site narrow 'max_queue_time: "100ms"'
waiting=$(countersign --context ci sign digest \
  "$(printf '' | openssl dgst -sha256 -r | cut -d ' ' -f 1)" \
  -p bench/waiting --no-wait)

# The bare token is the first site's.
SOFTHSM2_CONF=$OUT/bench/verified/softhsm2.conf "$BINARIES/bench" \
  --site "$OUT/bench/verified" --unverified-site "$OUT/bench/unverified" \
  --narrow-site "$OUT/bench/narrow" --module "$SOFTHSM_MODULE" \
  --waiting-request "$waiting" --json "$OUT/bench.json" "$@"

# The client's rows, unless one row was asked for.
if [[ " $* " != *' --only'* ]]; then
  STATE=$OUT/bench/verified
  put_client_on_path
  bench_client
fi
