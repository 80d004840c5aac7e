#!/usr/bin/env bash
# The real server and real clients while the HSM loses power and comes back:
# every request signed exactly once, agreed ones without anybody doing anything,
# health tells the truth, the record is whole. OUTAGE_CYCLES makes it longer.
OUTAGE=$PWD/$4
# shellcheck source=../e2e/lib.sh
source "$PWD/tests/e2e/lib.sh"
# shellcheck source=hsm.sh
source "$PWD/tests/outage/hsm.sh"

# What the server says of outages is what must be said.
EXPECTED_ERRORS='hsm_token_lost|hsm_token_away|token_unhealthy'

configure() {
  one_session
  hsm_on
  trap 'code=$?; hsm_off; rm -rf "$HSM"; at_exit "$code"' EXIT
}

begin
want 0 '' as ci key public shop/build -O build.pem
want 0 '' openssl pkey -pubin -in build.pem -outform DER -out build.der
# From here on the HSM is in the hands of the driver.
hsm_off

title "Outages"
OUTPUT=''
export SOFTHSM2_CONF=$STATE/softhsm2.conf
"$OUTAGE" --server "127.0.0.1:$(<"$STATE/port")" --server-pid "$SERVER_PID" \
  --pki "$STATE/pki" --hsm "$HSM" --spki build.der --clients 4 \
  --cycles "${OUTAGE_CYCLES:-4}" || broken "see above"
finish
