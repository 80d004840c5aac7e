#!/usr/bin/env bash
# Keys that are no longer what the record says: `--check` names each without a
# login, the start names it in the log, signing says the same, and the other
# keys sign on.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"
CEREMONY=$PWD/$4
EXPECTED_ERRORS=key_unusable

LABEL=products/shop/operations/build/keyVersions/1

hsm() {
  SOFTHSM2_CONF=$STATE/softhsm2.conf "$CEREMONY" "$@" \
    --module "$SOFTHSM_MODULE" --token demo --pin-file "$STATE/pin"
}
check() {
  SOFTHSM2_CONF=$STATE/softhsm2.conf timeout 20 "$COUNTERSIGND" \
    --config "$STATE/countersignd.yaml" --check
}
# unusable REASON 'PART': what check, start and signing say of the key.
unusable() {
  want 1 "$2" check
  also "$LABEL"
  : >"$STATE/server.log"
  launch
  for ((i = 0; i < 200; i++)); do
    ! grep -q '"event":"key_unusable"' "$STATE/server.log" || break
    sleep 0.05
  done
  OUTPUT=$(grep '"event":"key_unusable"' "$STATE/server.log") ||
    broken "the start does not name the key"
  also "$LABEL" "\"reason\":\"$1\"" "$2"
  equal "$(wc -l <<<"$OUTPUT")" 1
  want 8 "$2" as ci sign digest "$DIGEST" -p shop/build
  want 0 'SIGNED' as ci sign digest "$DIGEST" -p shop/component -o json
  halt TERM
}

begin
ID=$(as dave key show shop/build -o json | field keyId)
halt TERM
want 0 'configuration OK' check

title "A key that is gone"
want 0 '2 objects' hsm key delete "$LABEL" --confirm "$LABEL"
unusable KEY_MISSING 'is not in the token'

title "Another key under its name"
want 0 '' hsm key generate "$LABEL" --id "$ID" --type P-256
unusable KEY_NOT_PINNED 'pinned'

title "A key of another type under its name"
want 0 '2 objects' hsm key delete "$LABEL" --confirm "$LABEL"
want 0 '' hsm key generate "$LABEL" --id "$ID" --type RSA2048
unusable KEY_OF_OTHER_TYPE 'is RSA2048, not P-256'

title "Two keys under its name"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem
want 0 '2 objects' hsm key delete "$LABEL" --confirm "$LABEL"
want 0 '' hsm key generate "$LABEL" --id "$ID" --type P-256
SOFTHSM2_CONF=$STATE/softhsm2.conf softhsm2-util --import other.pem \
  --label "$LABEL" --id "$ID" --token demo --pin "$(<"$STATE/pin")" \
  --force >/dev/null
unusable KEY_DOUBLED 'more than once'

launch
finish
