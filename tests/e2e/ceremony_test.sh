#!/usr/bin/env bash
# A key ceremony with the real countersign-hsm on a fresh SoftHSM token, checked
# with openssl: tokens, keys of every type, verdicts, requests, certificates,
# refused PINs, what is wrong. Then every command of docs/ceremony.md. Arguments:
# countersign-hsm, announce_token, docs/ceremony.md.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"
ANNOUNCE=$COUNTERSIGN DOCUMENT=$RAW_CALL
umask 077
mkdir -p "$WORK/bin"
ln -sf "$COUNTERSIGND" "$WORK/bin/countersign-hsm"
export PATH=$WORK/bin:$PATH
cd "$WORK"
ANNOUNCER=''
trap '[[ -z $ANNOUNCER ]] || kill "$ANNOUNCER" 2>/dev/null || true' EXIT

# fresh_hsm NAME: SoftHSM with nothing in it.
fresh_hsm() {
  mkdir -p "$WORK/$1/tokens"
  printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
    "$WORK/$1/tokens" >"$WORK/$1/softhsm2.conf"
  export SOFTHSM2_CONF=$WORK/$1/softhsm2.conf
}
token() { countersign-hsm token "$@"; }
key() { countersign-hsm key "$@" --pin-file pin; }
certificate() { countersign-hsm certificate "$@" --pin-file pin; }
# json PYTHON: about the last output, as `d`; must be true.
json() {
  if ! command -v python3 >/dev/null; then
    is_json "$OUTPUT"
    return
  fi
  python3 -c "import json, sys
d = json.load(sys.stdin)
assert $1, d" <<<"$OUTPUT" || broken "not so: $1"
}

fresh_hsm site
printf '1234567890\n' >pin
printf '0987654321\n' >so-pin

title "A token"
want 0 '(not initialised)' token list
want 7 'the module shows no initialised token' key list
want 0 'Token     release' token init release --pin-file pin --so-pin-file so-pin
want 8 '--erase destroys it' token init release --pin-file pin \
  --so-pin-file so-pin
want 0 'release' token list -o json
json 'd["tokens"][0]["label"] == "release" and d["tokens"][0]["userPin"] == "set"'
serial=$(field serial <<<"$OUTPUT")
want 2 'has 1 to 32 octets, not 40' token init "$(printf 'x%.0s' {1..40})" \
  --pin-file pin --so-pin-file so-pin
printf '123\n' >short
want 2 'a new PIN has 4 to 255 octets, not 3' token init other \
  --pin-file short --so-pin-file so-pin

title "Keys of every type"
want 0 'LABEL  ID  TYPE' key list
# type, what openssl calls it
while read -r type name; do
  want 0 "--label k-$type" key generate "k-$type" --type "$type"
  also "Type             $type" 'countersign key register PRODUCT/OPERATION'
  want 0 'Verdict          good' key inspect "k-$type"
  also 'CKA_SENSITIVE            true' 'CKA_EXTRACTABLE          false'
  want 0 'each verified by OpenSSL' key test-sign "k-$type" --count 3
  want 0 '' key export "k-$type" -O "$type.pem"
  want 0 "$name" openssl pkey -pubin -in "$type.pem" -text -noout
  want 0 '' key csr "k-$type" --subject "CN=$type,O=Example" -O "$type.csr"
  want 0 'verify OK' openssl req -in "$type.csr" -verify -noout
  want 0 "O = Example, CN = $type" openssl req -in "$type.csr" -subject -noout
  openssl req -in "$type.csr" -pubkey -noout | cmp - "$type.pem" ||
    broken "the request is of another key"
done <<'END'
RSA2048 (2048 bit)
RSA3072 (3072 bit)
RSA4096 (4096 bit)
P-256 P-256
P-384 P-384
P-521 P-521
Ed25519 ED25519
END
want 0 'k-RSA4096' key list -o json
json 'len(d["keys"]) == 7 and all(
  k["privateKeys"] == k["publicKeys"] == 1 for k in d["keys"])'
want 0 '"usable": true' key show k-P-256 -o json
json 'd["usable"] and d["keyType"] == "P-256" and all(
  a["verdict"] in ("good", "") for a in d["attributes"])'
want 0 '' key test-sign k-P-256 -o json --count 2
json 'd["verified"] and d["signatures"] == 2 and d["meanMilliseconds"] > 0'
want 0 '' key export k-P-256 -o json
json 'd["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY")'
want 0 '"keyId": "0102"' key generate chosen --type P-256 --id 0102 -o json
json 'd["register"].endswith("--id 0102 --label chosen")'

title "Keys that cannot be made or found"
want 8 'the token has a key "chosen" (id 0102) already' \
  key generate chosen --type P-256
want 8 'already: two alike' key generate another --type P-256 --id 0102
want 2 'use one of RSA2048' key generate bad --type RSA1024
want 2 'in hexadecimal' key generate bad --type P-256 --id xyz
want 7 'the token has no key labelled "absent"' key inspect absent
want 7 'with id 0103' key inspect chosen --id 0103
want 2 'CN' key csr chosen --subject 'O=Example'
want 2 '--count is from 1' key test-sign chosen --count 0
want 2 '"import" is not known here' key import chosen
want 2 'a PIN is never taken from the command line' \
  countersign-hsm key list --pin 12345
not '12345'

title "A key that must not be used"
# From outside: softhsm2-util makes it neither local nor never extractable.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out imported.key \
  2>/dev/null
softhsm2-util --import imported.key --token release --label imported --id a1 \
  --pin 1234567890 >/dev/null
want 9 'Verdict          BAD: the server refuses it' key inspect imported
also 'CKA_LOCAL' 'BAD: must be true' 'KEY_UNSAFE'
want 9 '"usable": false' key inspect imported -o json
# Two with one label.
softhsm2-util --import imported.key --token release --label imported --id a2 \
  --pin 1234567890 >/dev/null
want 8 'say which with --id; their ids are a1, a2' key inspect imported
want 0 'each verified by OpenSSL' key test-sign imported --id a2 --count 1

title "Certificates"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=CA -keyout ca.key \
  -out ca.pem 2>/dev/null
openssl x509 -req -in P-256.csr -CA ca.pem -CAkey ca.key -days 9 \
  -out P-256.crt 2>/dev/null
want 7 'no certificate' certificate read k-P-256
want 0 'Stored for k-P-256' certificate store k-P-256 P-256.crt
want 0 '' certificate read k-P-256 -O read.crt
cmp P-256.crt read.crt || broken "another certificate came back"
want 0 'CN=P-256,O=Example' certificate list
want 0 '"certificates"' certificate list -o json
json 'len(d["certificates"]) == 1'
want 8 '--replace takes it away' certificate store k-P-256 P-256.crt
want 0 'Stored' certificate store k-P-256 P-256.crt --replace
want 0 '"certificates"' certificate list -o json
json 'len(d["certificates"]) == 1'
want 9 'its public key is another' certificate store k-P-384 P-256.crt
want 2 'holds no certificate' certificate store k-P-384 P-384.pem
want 2 'No such file' certificate store k-P-384 absent.crt

title "Certificates of authorities"
# type, what openssl calls the signature
while read -r type algorithm; do
  want 0 "SHA-256 of certificate" countersign-hsm ca self-sign "k-$type" \
    --pin-file pin --subject "CN=Root $type,O=Example,C=DE" --days 30 \
    --path-length 0 -O "root-$type.pem"
  want 0 ': OK' openssl verify -x509_strict -check_ss_sig \
    -CAfile "root-$type.pem" "root-$type.pem"
  want 0 "Signature Algorithm: $algorithm" openssl x509 -in "root-$type.pem" \
    -noout -text
  also 'CA:TRUE, pathlen:0' 'Certificate Sign, CRL Sign' \
    'Subject Key Identifier' "Subject: C = DE, O = Example, CN = Root $type"
  openssl x509 -in "root-$type.pem" -pubkey -noout | cmp - "$type.pem" ||
    broken "the certificate is of another key"
  want 0 '' countersign-hsm ca csr "k-$type" --pin-file pin \
    --subject "CN=Issuing $type,O=Example" --path-length 0 -O "ca-$type.csr"
  want 0 'verify OK' openssl req -in "ca-$type.csr" -verify -noout -text
  also 'CA:TRUE, pathlen:0' 'Certificate Sign, CRL Sign'
done <<'END'
RSA2048 sha256WithRSAEncryption
P-256 ecdsa-with-SHA256
P-384 ecdsa-with-SHA384
P-521 ecdsa-with-SHA512
Ed25519 ED25519
END
# A root outside signs it as it asks.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -subj '/O=Example/CN=Outside' -keyout outside.key -out outside.pem \
  -addext 'basicConstraints=critical,CA:TRUE' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
printf 'subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n' >ids
openssl x509 -req -in ca-P-256.csr -CA outside.pem -CAkey outside.key -days 9 \
  -copy_extensions copy -extfile ids -out issuing.pem 2>/dev/null
want 0 'issuing.pem: OK' openssl verify -x509_strict -CAfile outside.pem \
  issuing.pem
want 0 '"certificateSha256"' countersign-hsm ca self-sign k-P-256 \
  --pin-file pin --subject 'CN=a' -o json
json 'd["certificatePem"].startswith("-----BEGIN CERT") and d["subject"] == "CN=a"'
want 0 '"csrPem"' countersign-hsm ca csr k-P-256 --pin-file pin \
  --subject 'CN=a' -o json
want 0 'BEGIN CERTIFICATE' countersign-hsm ca self-sign k-P-256 --pin-file pin \
  --subject 'CN=a'
not 'SHA-256 of'
want 0 'Code Signing' openssl req -in P-256.csr -noout -text
also 'Digital Signature' 'CA:FALSE'
want 2 'CN' countersign-hsm ca self-sign k-P-256 --pin-file pin --subject 'O=a'
want 2 '--days is from 1' countersign-hsm ca self-sign k-P-256 --pin-file pin \
  --subject 'CN=a' --days 0
want 2 '--path-length' countersign-hsm ca csr k-P-256 --pin-file pin \
  --subject 'CN=a' --path-length -1
want 7 'no key labelled "absent"' countersign-hsm ca self-sign absent \
  --pin-file pin --subject 'CN=a'

title "PINs"
want 2 'give --pin-file FILE' countersign-hsm key list
printf '00000000\n' >wrong
want 3 'CKR_PIN_INCORRECT' countersign-hsm key list --pin-file wrong
# Latched: the token is asked no more, and not for another label either.
want 3 'PIN_LATCHED' countersign-hsm key list --pin-file wrong
want 0 'CKR_PIN_INCORRECT' countersign-hsm latch show --pin-file wrong
want 0 '"latched": true' countersign-hsm latch show --pin-file wrong -o json
json 'd["token"] == "release"'
want 2 '--confirm "release"' countersign-hsm latch clear --pin-file wrong
want 1 'not confirmed' countersign-hsm latch clear --pin-file wrong --confirm no
want 0 'Cleared: wrong.latch' countersign-hsm latch clear --pin-file wrong \
  --confirm release
want 0 'No PIN is latched' countersign-hsm latch show --pin-file wrong
chmod 644 wrong
want 2 'chmod 600 wrong' countersign-hsm key list --pin-file wrong
: >empty
want 2 'empty is empty' countersign-hsm key list --pin-file empty
want 2 'No such file' countersign-hsm key list --pin-file absent
printf '11223344\n' >new-pin
want 0 'The user PIN of "release" is set' token set-pin --pin-file pin \
  --new-pin-file new-pin
cp new-pin pin
want 0 'k-P-256' key list
want 3 "the security officer's PIN was not taken" token set-pin --by-so \
  --so-pin-file new-pin --new-pin-file new-pin
want 0 'is set' token set-pin --by-so --so-pin-file so-pin --new-pin-file pin
want 0 'k-P-256' key list

title "Modules and tokens that are not there"
want 7 'no PKCS#11 module at /nowhere' token list --module /nowhere
want 2 'an absolute path' token list --module module.so
want 2 'is no PKCS#11 module' token list --module "$WORK/pin"
# A library, but none of PKCS#11.
library=$(ldd "$(command -v openssl)" |
  sed -nE 's/.*libcrypto.* => ([^ ]+) .*/\1/p')
want 2 'is no PKCS#11 module: it has no C_GetFunctionList' token list \
  --module "$library"
want 7 'no token with label "absent"; there are: "release' \
  key list --token absent
want 7 'no token with serial "1"' key list --serial 1
want 0 'second' token init second --pin-file pin --so-pin-file so-pin
want 2 'which token? Say --token LABEL' key list
want 0 'k-P-256' key list --token release
want 0 'k-P-256' key list --serial "$serial"

title "While a server uses the token"
mkfifo hold
"$ANNOUNCE" release "$serial" <hold >announced &
ANNOUNCER=$!
exec 3>hold
for ((i = 0; i < 600; i++)); do
  [[ -s announced ]] && break
  sleep 0.05
done
want 8 "served by process $ANNOUNCER" \
  key delete chosen --token release --confirm chosen
want 8 "served by process $ANNOUNCER" token set-pin --token release \
  --pin-file pin --new-pin-file pin
want 8 "served by process $ANNOUNCER" token init release --erase \
  --pin-file pin --so-pin-file so-pin --confirm release
want 0 'chosen' key list --token release
want 0 'Destroyed: chosen' \
  key delete chosen --token release --confirm chosen --force
exec 3>&-
wait "$ANNOUNCER"
ANNOUNCER=''

title "Away with it"
want 2 '--confirm "k-P-384"' key delete k-P-384 --token release
want 1 'not confirmed' key delete k-P-384 --token release --confirm k-P-38
want 0 '2 objects' key delete k-P-384 --token release --confirm k-P-384
want 7 'k-P-384' key inspect k-P-384 --token release
want 0 '3 objects' key delete k-P-256 --token release --confirm k-P-256
want 0 '"certificates": []' certificate list --token release -o json
want 3 "the security officer's PIN was not taken" token init release --erase \
  --pin-file pin --so-pin-file pin --confirm release
want 0 'k-RSA2048' key list --token release
want 0 'release' token init release --erase --pin-file pin \
  --so-pin-file so-pin --confirm release
want 0 '"keys": []' key list --token release -o json

title "docs/ceremony.md"
# What is new each time: ids and digests, times, dates, slots, columns.
alike() {
  sed -E 's/[0-9a-f]{16,}/HEX/g; s/[0-9]+\.[0-9]+ (m?s)/TIME \1/g
    s/[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]+(Z|[+-][0-9:]+))?/DATE/g; s/\b[0-9]{5,}\b/NUMBER/g
    s/ +/ /g'
}
fresh_hsm document
mkdir -p page
cd page
run=0
# run_block COMMAND EXPECTED
compare() {
  local got
  got=$(bash -c "$1" 2>&1 </dev/null || true)
  printf '$ %s\n' "$1"
  run=$((run + 1))
  diff <(alike <<<"$2") <(alike <<<"$got") ||
    broken "docs/ceremony.md tells another story (<) than $1 (>)"
}
command='' expected=''
while IFS= read -r line; do
  if [[ $line == '$ '* || $line == '```' ]]; then
    [[ -z $command ]] || compare "$command" "${expected%$'\n'}"
    command='' expected=''
    [[ $line == '```' ]] || command=${line#'$ '}
  else
    expected+=$line$'\n'
  fi
done < <(sed -n '/^```console$/,/^```$/{/^```console$/d;p}' "$DOCUMENT")
((run > 15)) || broken "only $run commands seen in docs/ceremony.md"
# Every block is one that ran.
equal "$(grep -c '^```' "$DOCUMENT")" \
  "$((2 * $(grep -c '^```console$' "$DOCUMENT")))"
printf '\nDone in %s s\n' "$SECONDS"
