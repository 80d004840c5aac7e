#!/usr/bin/env bash
# `./dev soak`: minutes of load with outages in between, and the server's memory
# and descriptors watched all the while.
#   soak.sh OUTAGE OUT [MINUTES]   the driver; writes OUT/soak.json
#   COUNTERSIGND, COUNTERSIGN      the binaries
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUTAGE=$1 OUT=$2 MINUTES=${3:-10}
STATE=$OUT/soak
# shellcheck source=../demo/environment.sh
source "$HERE/../demo/environment.sh"
# shellcheck source=../outage/hsm.sh
source "$HERE/../outage/hsm.sh"

mkdir -p "$OUT"
stop_server
make_site
one_session
trap 'stop_server; hsm_off; rm -rf "$HSM"' EXIT
hsm_on
start_server
put_client_on_path

quietly() {
  local chatter
  chatter=$("$@" 2>&1) || fail "$*: $chatter"
}
quietly countersign --context carol product create "$HERE/product.json"
quietly countersign --context bob product approve shop --yes
quietly countersign --context ci key public shop/build -O "$STATE/build.pem"
quiet_openssl pkey -pubin -in "$STATE/build.pem" -outform DER \
  -out "$STATE/build.der"
hsm_off

echo "Load and outages for $MINUTES minutes ..."
export SOFTHSM2_CONF=$STATE/softhsm2.conf
good=0
"$OUTAGE" --server "127.0.0.1:$(<"$STATE/port")" \
  --server-pid "$(server_pid)" --pki "$STATE/pki" --hsm "$HSM" \
  --spki "$STATE/build.der" --clients 8 --pause-ms 40 --minutes "$MINUTES" \
  --calm-s 2 --flat --json "$OUT/soak.json" || good=1
countersign --context dave audit verify || good=1
((good == 0)) && echo "Good. Figures: $OUT/soak.json" || echo "NOT GOOD"
exit "$good"
