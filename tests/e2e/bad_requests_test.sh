#!/usr/bin/env bash
# Requests that are wrong: each is refused with what is wrong and what would be
# right, by the client where it can tell and by the server in any case.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

VISITOR=email:eve@demo.example
IDENTITIES+=("eve $VISITOR")
# Eve is known, but no rule names her group.
configure() {
  sed -i "s|^  administrator_groups:|    - group: visitors\n\
      subjects: [\"$VISITOR\"]\n&|" "$STATE/countersignd.yaml"
}

# text N: N octets.
text() { printf "%${1}s" '' | tr ' ' x; }
sign() { as ci sign digest "$DIGEST" -p shop/build "$@"; }
CREATE=SigningService/CreateSigningRequest
BUILD=products/shop/operations/build
RELEASE=products/shop/operations/release
# 32 octets of zero and their CRC-32C (RFC 3720 B.4).
ZEROS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
ZERO="{\"value\":\"$ZEROS\",\"crc32c\":2324772522}"
# create 'DIGESTS' ['MORE']: the body of a request, JSON.
create() {
  printf '{"parent":"%s","signing_request":{"digests":[%s],"hash_algorithm":1%s}}' \
    "$BUILD" "$1" "${2:-}"
}

begin

title "Digests and hashes"
want 2 'SHA-512 has 64' sign --hash sha512
want 2 '3 octets; SHA-256 has 32 octets, SHA-384 48, SHA-512 64' \
  as ci sign digest abcd -p shop/build
want 2 'as SHA-1 has, which is not signed' as ci sign digest \
  da39a3ee5e6b4b0d3255bfef95601890afd80709 -p shop/build
want 2 'as MD5 has, which is not signed' as ci sign digest \
  d41d8cd98f00b204e9800998ecf8427e -p shop/build
want 2 '"zz": neither hexadecimal nor base64' as ci sign digest zz -p shop/build
for hash in sha1 SHA-1 md5 sha3-256; do
  want 2 'right is one of SHA-256, SHA-384, SHA-512' sign --hash "$hash"
done
want 3 'SHA-512 needs 64' raw ci "$CREATE" \
  "$(create "$ZERO" | sed 's/"hash_algorithm":1/"hash_algorithm":3/')"
for number in 0 5 -1; do
  want 3 'hash_algorithm must be SHA256, SHA384, SHA512 or UNHASHED' \
    raw ci "$CREATE" "$(create "$ZERO" | sed "s/\"hash_algorithm\":1/\"hash_algorithm\":$number/")"
done
want 3 'digests[0].value must be empty with hash_algorithm UNHASHED' \
  raw ci "$CREATE" \
  "$(create "$ZERO" | sed 's/"hash_algorithm":1/"hash_algorithm":4/')"
want 3 'crc32c does not match value' raw ci "$CREATE" \
  "$(create "${ZERO/2324772522/1}")"
want 3 'crc32c is required' raw ci "$CREATE" \
  "$(create "{\"value\":\"$ZEROS\"}")"
want 2 'RSASSA-PSS is not allowed here; use ECDSA' sign --algorithm RSASSA-PSS
want 2 'right is one of RSASSA-PKCS1-V1_5, RSASSA-PSS, ECDSA' \
  sign --algorithm DSA
want 3 'signature_algorithm must be' raw ci "$CREATE" \
  "$(create "$ZERO" ',"signature_algorithm":77')"
want 3 'encoding must be RAW or PEM' raw ci "$CREATE" \
  "$(create "$ZERO" ',"encoding":12')"
want 2 'cannot answer PEM; ask for RAW' sign --format pem

title "Lists, labels, descriptions, context: to their limits and over them"
want 2 'digest is required' as ci sign digest -p shop/build
want 3 'digests is empty; 1 to 1000 digests are needed' raw ci "$CREATE" \
  "$(create '')"
mapfile -t many < <(yes "$DIGEST" | head -n 1001)
want 2 'has 1001 digests; at most 1000 are possible' \
  as ci sign digest "${many[@]}" -p shop/build
printf '%s' "$(create "$ZERO$(yes ",$ZERO" | head -n 1000)")" >many.json
want 3 'has 1001 digests; at most 1000 are possible' raw ci "$CREATE" @many.json
want 2 'digests[0].label has 257 octets; at most 256' sign --label "$(text 257)"
want 0 '' sign --label "$(text 256)"
want 2 '2 labels for 1 digests' sign --label a --label b
want 2 'description has 4097 octets; at most 4096' \
  sign --description "$(text 4097)"
want 0 '' sign --description "$(text 4096)"
want 2 'context["k"] has 1025 octets; at most 1024' \
  sign --context "k=$(text 1025)"
want 2 'a key of 65 octets; 1 to 64' sign --context "$(text 65)=v"
want 2 'has 33 entries; at most 32' sign \
  $(for ((i = 0; i < 33; i++)); do echo "--context k$i=v"; done)
want 2 'is given twice' sign --context a=1 --context a=2
want 2 'KEY=VALUE' sign --context alone
want 2 'a duration is needed' sign --expire-in 5parsecs

title "Octets that are not UTF-8"
want 2 '--description' sign --description $'\xff'
not 'libprotobuf'
want 2 '--label' sign --label $'a\xc0\xaf'
want 2 '--context' sign --context $'k=\xed\xa0\x80'
want 2 '--hash' sign --hash $'\xff'
# gRPC itself reads the message and refuses: proto3 strings are UTF-8.
want 13 '' raw ci "$CREATE" "$(create "$ZERO" ',"description":"QQQ"')" \
  --swap QQQ 41ff42
want 13 '' raw ci SigningService/GetSigningRequest '{"name":"QQ"}' \
  --swap QQ fffe

title "Messages over the limit"
printf '%s' "$(create "$ZERO" ",\"description\":\"$(text 5000000)\"")" >big.json
want 8 'larger than max' raw ci "$CREATE" @big.json

title "Names"
for name in Shop/build shop 'shop/build/1/2' 'shop/../build' ''; do
  want 2 'PRODUCT/OPERATION' as ci sign digest "$DIGEST" -p "$name"
done
want 2 'as `countersign request list` prints it' as ci request show nonsense
for name in '' "$BUILD/" /"$BUILD" ../../etc/passwd products/-/operations/- \
  'products/sh%6fp/operations/build' 'products/shop\u0000/operations/build'; do
  want 3 'one has the form products/{product}/operations/{operation}' \
    raw ci "$CREATE" "{\"parent\":\"$name\"}"
done
want 3 'signingRequests/{uuid}' raw ci SigningService/GetSigningRequest \
  "{\"name\":\"$RELEASE/signingRequests/7\"}"
want 3 'one has the form' raw carol KeyService/GetKeyVersion \
  "{\"name\":\"$BUILD/keyVersions/x\"}"

title "What is not there, and what is not for the caller, read alike"
REQUEST=$(ask)
ABSENT=$RELEASE/signingRequests/019505a1-7c3e-7000-8000-5f2d8a6b9c01
# alike COMMAND OPTIONS... -- HIDDEN ABSENT: differ in the name only.
alike() {
  local command=() hidden
  while [[ $1 != -- ]]; do command+=("$1") && shift; done
  want 7 'is not there, or not for this caller' as eve "${command[@]}" "$2"
  hidden=${OUTPUT//"$2"/NAME}
  want 7 'is not there, or not for this caller' as eve "${command[@]}" "$3"
  equal "$hidden" "${OUTPUT//"$3"/NAME}"
}
for command in 'request show' 'request cancel' 'request wait' \
  'request signature' 'approve --yes' 'reject --reason no'; do
  # shellcheck disable=SC2086
  alike $command -- "$REQUEST" "$ABSENT"
done
for command in 'product get' 'product approve --yes' 'product disable' \
  'product enable' 'product reject --reason no' 'request list --parent'; do
  # shellcheck disable=SC2086
  alike $command -- products/shop products/none
done
for command in "sign digest $DIGEST -p" 'key public' 'key csr' 'key list' \
  'key rotate --yes'; do
  # shellcheck disable=SC2086
  alike $command -- "$BUILD" products/none/operations/build
done
want 7 'products/shop/operations/none is not there' \
  as ci sign digest "$DIGEST" -p shop/none
want 7 'products/none is not there' as carol product get none
want 7 "$ABSENT is not there" as alice approve "$ABSENT" --yes
want 0 'no products' as eve product list
want 0 'no signing requests' as eve request list

title "Pages"
want 3 'page_size must not be negative; 0 means 50' raw ci \
  SigningService/ListSigningRequests '{"parent":"products/-","page_size":-1}'
want 3 'page_size must not be negative' raw dave AuditService/ListEvents \
  '{"page_size":-2147483648}'
want 0 '' ask
want 0 'nextPageToken' raw dave SigningService/ListSigningRequests \
  '{"parent":"products/-","page_size":1}'
TOKEN=$(field nextPageToken <<<"$OUTPUT")
want 0 '' raw dave SigningService/ListSigningRequests \
  "{\"parent\":\"products/-\",\"page_size\":1,\"page_token\":\"$TOKEN\"}"
for body in "\"parent\":\"products/shop\",\"page_token\":\"$TOKEN\"" \
  "\"parent\":\"products/-\",\"states\":[1],\"page_token\":\"$TOKEN\"" \
  '"parent":"products/-","page_token":"abc"'; do
  want 3 'page_token is not one of this listing; start without one' \
    raw dave SigningService/ListSigningRequests "{$body}"
done
for method in AuditService/ListEvents ProductService/ListProducts; do
  want 3 'page_token is not one of this listing' raw dave "$method" \
    "{\"page_token\":\"$TOKEN\"}"
done
want 3 'states[0] must be a state' raw ci SigningService/ListSigningRequests \
  '{"parent":"products/-","states":[99]}'
want 2 'right is PENDING_APPROVAL' as ci request list --state odd

title "Etags and request ids"
for method in Approve Reject; do
  want 3 'etag is' raw alice "SigningService/${method}SigningRequest" \
    "{\"name\":\"$REQUEST\",\"reason\":\"r\"}"
  want 10 'show the request again' raw alice \
    "SigningService/${method}SigningRequest" \
    "{\"name\":\"$REQUEST\",\"reason\":\"r\",\"etag\":\"stale\"}"
done
ETAG=$(as alice request show "$REQUEST" -o json | field etag)
want 3 'reason' raw alice SigningService/RejectSigningRequest \
  "{\"name\":\"$REQUEST\",\"etag\":\"$ETAG\"}"
want 2 'reason is required' as alice reject "$REQUEST"
want 0 "$RELEASE/signingRequests/" ask --request-id once
FIRST=$OUTPUT
want 0 "$FIRST" ask --request-id once
want 8 "was used for other content ($FIRST); take a new one" \
  ask --request-id once --description other
want 6 'REQUEST_ID_REUSED' raw ci "$CREATE" \
  "{\"parent\":\"$BUILD\",\"request_id\":\"once\",\"signing_request\":{\
\"digests\":[$ZERO],\"hash_algorithm\":1}}"
want 2 'request_id' ask --request-id "$(text 65)"

title "Proofs"
want 3 'must not be negative' raw dave AuditService/GetInclusionProof \
  '{"leaf_index":-1}'
want 3 'is not in a tree' raw dave AuditService/GetInclusionProof \
  '{"leaf_index":100000}'
want 9 'ask for a size up to that of the checkpoint' raw dave \
  AuditService/GetInclusionProof '{"leaf_index":1,"tree_size":100000}'
want 3 'the first must be 1 to the second' raw dave \
  AuditService/GetConsistencyProof '{"first_tree_size":5,"second_tree_size":2}'

# None of the above was let in: the six that were meant to be.
want 0 '' as dave request list -o json
equal "$(grep -c '"state": "PENDING_APPROVAL"' <<<"$OUTPUT")" 3
equal "$(grep -c '"state": "SIGNED"' <<<"$OUTPUT")" 2
finish
