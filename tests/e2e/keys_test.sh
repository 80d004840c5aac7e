#!/usr/bin/env bash
# The life of keys as users see it: rotated now and later, registered from the
# HSM, disabled, destroyed and restored, limited; Ed25519 and both forms of
# ECDSA, checked with openssl.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"
COUNTERSIGN_HSM=$PWD/$4

BUILD=products/keys/operations/build
# Keys that a ceremony made before the server ran.
configure() {
  local id label
  while read -r id label; do
    "$COUNTERSIGN_HSM" key generate "$label" --id "$id" --type P-256 \
      --module "$SOFTHSM_MODULE" --token demo --pin-file "$STATE/pin" ||
      broken "the ceremony made no key"
  done <<<'c0de01 ceremony one
c0de02 ceremony two'
}
# sign FILE OPERATION [OPTIONS]...: its signature goes to FILE.sig.
sign() {
  local file=$1 operation=$2
  shift 2
  want 0 '' as ci sign blob "$file" -p "keys/$operation" -O "$file.sig" "$@"
}
# With the public key of this version, and openssl.
good() {
  want 0 "" as ci key public "keys/$1" -O key.pem
  want 0 'Verified OK' openssl dgst -sha256 -verify key.pem \
    -signature blob.sig blob
}

begin
cp "$E2E/keys.json" .
want 0 'PENDING_APPROVAL' as carol product create keys.json
also 'ceremony one' 'at most 3 times' 'Ed25519'
want 0 'ACTIVE' as bob product approve keys --yes
printf 'a' >blob

title "Showing"
want 0 'ENABLED' as ci key list keys/build
also 'TOKENS' "$BUILD/keyVersions/1"
want 0 'Verdict' as ci key show keys/build
also 'CKA_SENSITIVE' 'CKA_EXTRACTABLE' 'good' 'made in the token'
want 0 '"attributes"' as ci key show keys/build/1 -o json
is_json "$OUTPUT"
want 0 'registered: it was in the HSM already' as ci key show keys/ceremony
also 'c0de01' 'ceremony one'

title "DER and fixed width"
sign blob build
as ci key public keys/build/1 -O build.pem
want 0 'Verified OK' openssl dgst -sha256 -verify build.pem -signature blob.sig \
  blob
want 0 'good' as ci verify blob blob --signature blob.sig --public-key build.pem
sign blob build --ecdsa-form fixed-width
equal "$(wc -c <blob.sig)" 64
want 0 'good' as ci verify blob blob --signature blob.sig --public-key build.pem
if command -v python3 >/dev/null; then
  python3 - blob.sig blob.der <<'END'
import sys
octets = open(sys.argv[1], 'rb').read()
def integer(part):
    part = part.lstrip(b'\0') or b'\0'
    if part[0] & 0x80: part = b'\0' + part
    return b'\x02' + bytes([len(part)]) + part
body = integer(octets[:32]) + integer(octets[32:])
open(sys.argv[2], 'wb').write(b'\x30' + bytes([len(body)]) + body)
END
  want 0 'Verified OK' openssl dgst -sha256 -verify build.pem \
    -signature blob.der blob
else
  echo 'SKIPPED: no python3 to turn fixed width into DER for openssl'
fi
want 2 'only ECDSA' as ci sign blob blob -p keys/build --ecdsa-form der \
  --algorithm pss
REQUEST=$(as ci request list --parent keys/build -o json | field name)
want 0 'Signed by token' as ci request show "$REQUEST"
want 0 '"token"' as ci request show "$REQUEST" -o json

title "Ed25519"
printf 'what is signed\n' >message
want 2 'ED25519 signs messages, not digests' as ci sign digest "$DIGEST" \
  -p keys/tokens
REQUEST=$(as ci sign blob message -p keys/tokens --no-wait)
want 0 '| what is signed' as alice request show "$REQUEST"
also '15 octets, text' 'ED25519 over the message itself'
want 0 '| what is signed' as alice approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST"
want 0 '' as ci request signature "$REQUEST" --format raw -O message.sig
as ci key public keys/tokens -O tokens.pem
want 0 'Verified Successfully' openssl pkeyutl -verify -rawin -pubin \
  -inkey tokens.pem -in message -sigfile message.sig
want 0 'good' countersign verify blob message --signature message.sig \
  --public-key tokens.pem
want 9 'not good' countersign verify blob blob --signature message.sig \
  --public-key tokens.pem
want 2 'signs messages, not digests' countersign verify digest "$DIGEST" \
  --signature message.sig --public-key tokens.pem
printf 'm\0\e[2J' >binary
REQUEST=$(as ci sign blob binary -p keys/tokens --no-wait)
want 0 '6d 00 1b 5b 32 4a' as alice request show "$REQUEST"
not $'\e'
want 0 '' as ci request cancel "$REQUEST"
head -c 4096 /dev/zero | tr '\0' x >longest
REQUEST=$(as ci sign blob longest -p keys/tokens --no-wait)
want 0 '' as ci request cancel "$REQUEST"
printf x >>longest
want 2 'more than 4096 octets' as ci sign blob longest -p keys/tokens

title "Rotating later"
want 2 'in the future' as carol key rotate keys/build --yes \
  --start-time 2020-01-01T00:00:00Z
want 2 '--yes' as carol key rotate keys/build --start-time +24h
want 3 '' as ci key rotate keys/build --yes
want 0 "$BUILD/keyVersions/2" as carol key rotate keys/build --yes \
  --start-time +24h
also 'Signs from' '(in '
sign blob build
equal "$(as ci key show keys/build -o json | field name)" "$BUILD/keyVersions/1"
want 0 "$BUILD/keyVersions/3" as carol key rotate keys/build --yes \
  --start-time +2s
for ((waited = 0; waited < 200; waited++)); do
  [[ $(as ci key show keys/build -o json | field name) == */3 ]] && break
  sleep 0.05
done
equal "$(as ci key show keys/build -o json | field name)" "$BUILD/keyVersions/3"
sign blob build
good build/3

title "Registering"
want 2 'hexadecimal' as carol key register keys/build --id xyz --label x --yes
want 8 '' as carol key register keys/build --id c0de02 --label other --yes
want 0 'registered' as carol key register keys/build --id C0:DE:02 \
  --label 'ceremony two' --yes
also "$BUILD/keyVersions/4" 'Verdict'
sign blob build
good build/4

title "Disabling"
want 2 'countersign key list' as carol key disable keys/build
want 0 'DISABLED' as carol key disable keys/ceremony/1 --reason 'incident 42'
want 8 'countersign key' as ci sign blob blob -p keys/ceremony
also 'enable'
want 0 'ENABLED' as carol key enable keys/ceremony/1 --reason 'false alarm'
sign blob ceremony

title "Destroying and restoring"
want 2 '--reason' as carol key destroy keys/ceremony/1 --yes
want 2 '--yes' as carol key destroy keys/ceremony/1 --reason old
want 0 'DESTROY_SCHEDULED' as carol key destroy keys/ceremony/1 --reason old \
  --yes
also 'countersign key restore keys/ceremony/1' 'Is destroyed'
want 8 '' as ci sign blob blob -p keys/ceremony
want 8 'countersign key restore keys/ceremony/1' as carol key enable \
  keys/ceremony/1
want 0 'DISABLED' as carol key restore keys/ceremony/1 --reason 'still used'
want 0 'ENABLED' as carol key enable keys/ceremony/1
sign blob ceremony

title "The limit"
for ((i = 0; i < 3; i++)); do sign blob limited; done
want 0 '3 of 3' as ci key list keys/limited
want 8 'countersign key rotate keys/limited' as ci sign blob blob \
  -p keys/limited
want 0 '' as carol key rotate keys/limited --yes
sign blob limited
want 0 '1 of 3' as ci key show keys/limited
finish
