#!/usr/bin/env bash
# The main job: tests/demo/demo.sh with the binaries of this build. Then, apart
# from it: are the promised files there, does openssl accept every signature, and
# did the demo run each command that README shows?
set -euo pipefail
COUNTERSIGND=$PWD/$1 COUNTERSIGN=$PWD/$2 COUNTERSIGN_HSM=$PWD/$3
export COUNTERSIGND COUNTERSIGN COUNTERSIGN_HSM
export DEMO_STATE=$TEST_TMPDIR/state DEMO_OUT=$TEST_TMPDIR/demo
transcript=$TEST_TMPDIR/transcript

tests/demo/demo.sh >"$transcript" 2>&1 || {
  cat "$transcript"
  tail -n 20 "$DEMO_STATE/server.log" 2>/dev/null
  exit 1
}

failures=0
problem() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

cd "$DEMO_OUT"
for file in component-descriptor.yaml component.pub.pem component.normalised \
  blob blob.sig blob.pub.pem detached detached.pem root.pem requests.json \
  events.json checkpoint log-key.pub gateway.sig gateway.pub.pem issued.pem \
  issued-root.pem; do
  [[ -s $file ]] || problem "no $file"
done

accepts() {
  openssl dgst -sha256 -verify "$1" -signature "$2" "$3" >/dev/null ||
    problem "openssl refuses $2 over $3"
}
refuses() {
  if openssl dgst -sha256 -verify "$1" -signature "$2" "$3" >/dev/null 2>&1
  then problem "openssl accepts $2 over $3"; fi
}
accepts blob.pub.pem blob.sig blob
refuses blob.pub.pem blob.sig detached
accepts component.pub.pem component.sig component.normalised
accepts detached.pub.pem detached.sig detached
accepts gateway.pub.pem gateway.sig gateway
[[ ! -e stolen.sig ]] || problem "a token for another service has signed"
openssl verify -x509_strict -CAfile issued-root.pem issued.pem >/dev/null ||
  problem "openssl refuses issued.pem"

# What the descriptor says was hashed is what was hashed.
digest=$(openssl dgst -sha256 -r component.normalised | cut -d ' ' -f 1)
grep -q "$digest" component-descriptor.yaml ||
  problem "the descriptor does not hold the digest of component.normalised"
[[ $(head -n 2 detached.pem) == *BEGIN\ SIGNATURE*"Signature Algorithm: "* ]] ||
  problem "detached.pem does not begin with its SIGNATURE block"

# The record tells of all of it, denials included.
for state in SIGNED REJECTED CANCELLED; do
  grep -qE "\"state\": *\"$state\"" requests.json ||
    problem "requests.json knows of no $state request"
done
grep -q 'Not tested' requests.json || problem "requests.json lacks the reason"
grep -qi 'denied' events.json || problem "events.json lacks denials"
grep -q 'spiffe://' events.json || problem "events.json lacks who"
for words in TOKEN_AUDIENCE CLAIM_REQUIRED BEARER_TOKEN CERTIFICATE_ISSUED \
  refs/tags/v2.4.1; do
  grep -q "$words" events.json || problem "events.json lacks $words"
done

# No PIN and no private key in the log of the server.
if grep -qF "$(<"$DEMO_STATE/pin")" "$DEMO_STATE/server.log"; then
  problem "the PIN is in the server's log"
fi
if grep -qE 'eyJ[A-Za-z0-9_-]+\.eyJ' "$DEMO_STATE/server.log" "$transcript" \
  events.json; then
  problem "a token is in a log"
fi
cd - >/dev/null

# Each "$ command" of README was run just so.
shown=$(sed -n '/^```console$/,/^```$/p' README.md | grep -E '^\$ ' || true)
[[ -n $shown ]] || problem "README shows nothing of the demo"
# Request names differ from run to run.
blur() { sed -E 's|signingRequests/[0-9a-f-]+|signingRequests/*|g' "$@"; }
blur "$transcript" >"$transcript.blurred"
while read -r line; do
  grep -qxF -e "$line" "$transcript.blurred" ||
    problem "not in the demo: $line"
done < <(blur <<<"$shown")

((failures == 0)) || exit 1
tail -n 12 "$transcript"
