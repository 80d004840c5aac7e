#!/bin/bash
# The example configuration passes `countersignd --check`: its files are made in
# a throw-away site and its paths pointed there; nothing else in it is changed.
# A copy with a mistake must not pass, or this test could not fail.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

COUNTERSIGND=$PWD/server/countersignd
STATE=$(mktemp -d "${TEST_TMPDIR:-/tmp}/site.XXXXXX")
# shellcheck source=/dev/null
source tests/demo/environment.sh
make_site

site=$STATE/etc
mkdir -p "$site/tls" "$STATE/lib"
cp "$STATE/pki/server.pem" "$STATE/pki/server.key" "$site/tls/"
cp "$STATE/pki/ca.pem" "$site/tls/client-ca.pem"
cp "$STATE/pin" "$site/hsm-pin"
cp "$STATE/pki/log.key" "$site/log.key"
chmod 0600 "$site/tls/server.key" "$site/hsm-pin" "$site/log.key"

sed -e "s|/etc/countersign|$site|" \
  -e "s|/opt/hsm/lib/libpkcs11.so|$SOFTHSM_MODULE|" \
  -e "s|/var/lib/countersign|$STATE/lib|" \
  -e "s|token_label: countersign|token_label: demo|" \
  deploy/countersignd.example.yaml >"$STATE/example.yaml"
[[ $(grep -cE '^ *[a-z_]+:' deploy/countersignd.example.yaml) == \
  $(grep -cE '^ *[a-z_]+:' "$STATE/example.yaml") ]] || fail "lines were lost"

"$COUNTERSIGND" --check --config "$STATE/example.yaml" ||
  fail "the example does not pass --check"

sed 's/auditor_groups: \[auditors\]/auditor_groups: [nobody]/' \
  "$STATE/example.yaml" >"$STATE/wrong.yaml"
if "$COUNTERSIGND" --check --config "$STATE/wrong.yaml" 2>"$STATE/said"; then
  fail "--check passed a group that nobody is in"
fi
grep -q nobody "$STATE/said" || fail "--check did not name it: $(<"$STATE/said")"
