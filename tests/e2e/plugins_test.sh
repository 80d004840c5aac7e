#!/usr/bin/env bash
# The programs that other tools start, driven as those tools drive them:
# cosign's KMS plugin by argv, stdin and stdout, one process for each call; the
# OCM CLI's signing handler by HTTP on its socket. openssl judges the signatures.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"
KMS=$PWD/$4 OCM=$PWD/$5 HTTP_CALL=$PWD/$6 GUIDE=$PWD/$7

# What cosign sends. kms_request METHOD ARGUMENTS [KEY [DEADLINE]]
kms_request() {
  local key=${3:-shop/build} deadline=${4:-$(date -u -d '+3 min' +%FT%T.%NZ)}
  printf '{"initOptions":{"ctxDeadline":"%s","protocolVersion":"v1",' "$deadline"
  printf '"keyResourceID":"%s","hashFunc":5,"rpcOptions":' "$key"
  printf '{"keyVersion":"","remoteVerification":false}},"methodName":"%s",' "$1"
  printf '"%s":%s}' "$1" "$2"
}
# kms CONTEXT FILE REQUEST: the answer, one line of JSON.
kms() {
  local context=$1 file=$2
  shift 2
  COUNTERSIGN_CONTEXT=$context "$KMS" v1 "$1" <"$file"
}
sign_arguments() {
  local digest=null
  [[ -z ${1:-} ]] || digest="\"$1\""
  printf '{"signOptions":{"rpcOptions":{},"messageOptions":{"digest":%s}}}' \
    "$digest"
}
# base64 of member NAME in the last output, decoded into FILE.
take() {
  sed -E 's/.*"'"$1"'":"([^"]*)".*/\1/' <<<"$OUTPUT" |
    openssl base64 -d -A >"$2"
}
digest_of() { openssl dgst -sha256 -binary "$1" | openssl base64 -A; }

begin
printf '{"critical":{"identity":{"docker-reference":"reg.example/shop"},"image":{"docker-manifest-digest":"sha256:%s"},"type":"cosign container image signature"},"optional":null}' \
  "$DIGEST" >payload

title "cosign: public keys"
for key in shop/build products/shop/operations/build shop/build/1; do
  want 0 '{"publicKey":' kms ci /dev/null "$(kms_request publicKey '{}' "$key")"
done
take publicKeyPEM build.pub
want 0 '' cmp build.pub <(as ci key public shop/build)
want 7 '"errorMessage"' kms ci /dev/null "$(kms_request publicKey '{}' shop/none)"
want 2 'is no name here' kms ci /dev/null "$(kms_request publicKey '{}' 'shop')"
want 2 'connection settings are missing' env -i HOME=/none "$KMS" v1 \
  "$(kms_request publicKey '{}')"

title "cosign 3: the digest and the message; cosign 2: the message only"
for digest in "$(digest_of payload)" ''; do
  want 0 '{"signMessage":' kms ci payload \
    "$(kms_request signMessage "$(sign_arguments "$digest")")"
  take signature payload.sig
  want 0 'Verified OK' openssl dgst -sha256 -verify build.pub \
    -signature payload.sig payload
done
VALUE=$(openssl base64 -A <payload.sig)
VERIFY='{"signature":"'$VALUE'","verifyOptions":{"messageOptions":{"digest":null}}}'
want 0 '{"verifySignature":{}}' kms ci payload \
  "$(kms_request verifySignature "$VERIFY")"
want 9 'not a signature by' kms ci build.pub \
  "$(kms_request verifySignature "$VERIFY")"
want 0 '' as dave request list -o json
also 'container image reg.example/shop@sha256:'"$DIGEST"
# One signature: the second question was the same.
equal "$(grep -c '"signingRequests"\|"state": "SIGNED"' <<<"$OUTPUT")" 2

title "cosign: a blob of any size"
head -c 5000000 /dev/zero >blob
want 0 '{"signMessage":' kms ci blob \
  "$(kms_request signMessage "$(sign_arguments)" shop/component)"
take signature blob.sig
want 0 '' as ci key public shop/component -O component.pub
want 0 'Verified OK' openssl dgst -sha256 -verify component.pub \
  -signature blob.sig blob

title "cosign: what is refused"
want 9 'nothing was signed' kms ci blob \
  "$(kms_request signMessage "$(sign_arguments "$(digest_of payload)")")"
want 2 'SIGNATURE_NOT_VERIFIABLE' kms ci /dev/null "$(kms_request signMessage \
  "$(sign_arguments "$(openssl dgst -sha384 -binary payload | openssl base64 -A)")")"
want 8 'countersign product create' kms ci /dev/null \
  "$(kms_request createKey '{"algorithm":"ecdsa-p256-sha256"}')"
want 3 'may not' kms dave payload "$(kms_request signMessage "$(sign_arguments)")"
want 6 '--timeout 10m' kms ci payload "$(kms_request signMessage \
  "$(sign_arguments)" shop/release "$(date -u +%FT%TZ)")"
for request in '' '{' '[]' '{}' '{"methodName":"x"}'; do
  want 2 '{"errorMessage":' kms ci /dev/null "$request"
  equal "$(grep -c . <<<"$OUTPUT")" 1
done
want 2 'Usage' "$KMS"
want 0 'countersign://' "$KMS" --help
want 0 'sigstore-kms-countersign 0.' "$KMS" --version

title "cosign: people agree later than its deadline"
want 5 'still waits for approval' kms ci payload "$(kms_request signMessage \
  "$(sign_arguments)" shop/release "$(date -u -d '+8 sec' +%FT%T.%NZ)")"
also 'the same command again' '--timeout 2h' 'waiting: 0 of 1 agreed'
REQUEST=$(grep -oE 'products/shop/operations/release/signingRequests/[0-9a-f-]+' \
  <<<"$OUTPUT" | sed -n 1p)
want 0 'reg.example/shop' as alice approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST" --wait 20s
want 0 '{"signMessage":' kms ci payload \
  "$(kms_request signMessage "$(sign_arguments)" shop/release)"
take signature release.sig
want 0 '' as ci key public shop/release -O release.pub
want 0 'Verified OK' openssl dgst -sha256 -verify release.pub \
  -signature release.sig payload
equal "$(as ci request list -o json | grep -c 'operations/release/signingR.*,$')" 1

title "ocm: a certificate for the installer's key"
want 0 '' as carol key csr shop/installer -O leaf.csr
quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 30 -nodes \
  -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj "/CN=Signing CA" \
  -addext basicConstraints=critical,CA:true \
  -addext keyUsage=critical,keyCertSign -keyout root.key -out root.pem
printf '%s\n' 'basicConstraints=critical,CA:false' \
  'keyUsage=critical,digitalSignature' 'extendedKeyUsage=codeSigning' >leaf.ext
quiet_openssl x509 -req -in leaf.csr -CA root.pem -CAkey root.key \
  -CAcreateserial -days 10 -extfile leaf.ext -out leaf.pem
want 0 '' as carol key set-chain shop/installer leaf.pem

title "ocm: starting and ending as the CLI does"
want 0 '{"capabilities":[{"type":"signingHandler"' "$OCM" capabilities
also '"type":"CountersignSigning/v1alpha1"'
want 2 'ERROR' "$OCM" --config '{"type":"udp"}'
# start_ocm [TYPE [IDLE_NANOSECONDS]]
start_ocm() {
  local waited
  rm -f address ocm.log
  "$OCM" --config '{"id":"countersign","type":"'"${1:-unix}"'",
    "pluginType":"","idleTimeout":'"${2:-3600000000000}"'}' \
    >address 2>ocm.log &
  OCM_PID=$!
  for ((waited = 0; waited < 200; waited++)); do
    [[ -s address ]] && break
    sleep 0.05
  done
  ADDRESS=$(<address)
}
at_exit() {
  local code=${1:-$?}
  [[ -z ${OCM_PID:-} ]] || kill -KILL "$OCM_PID" 2>/dev/null || true
  [[ -z $SERVER_PID ]] || kill -KILL "$SERVER_PID" 2>/dev/null || true
  exit "$code"
}
post() { "$HTTP_CALL" "$ADDRESS" POST "$@"; }
HEX=$(openssl dgst -sha256 -hex payload | sed 's/.*= //')
DIGEST_JSON='{"hashAlgorithm":"SHA-256","normalisationAlgorithm":"jsonNormalisation/v4alpha1","value":"'$HEX'"}'
# body SPEC [,MEMBERS]
body() {
  printf '{"digest":%s,"config":{"type":"CountersignSigning/v1alpha1"%s}%s}' \
    "$DIGEST_JSON" "$1" "${2:-}"
}
start_ocm
[[ $ADDRESS == http+unix:///*.socket ]] || broken "no address: $ADDRESS"
want 0 '' "$HTTP_CALL" "$ADDRESS" GET /healthz
SPEC=',"operation":"shop/installer"'
want 0 '{"identity":{"type":"CountersignSigning/v1alpha1","signature":"release"}}' \
  post /sign/identity "$(body "$SPEC" ',"name":"release"')"
want 0 '"mediaType":"application/x-pem-file"' post /sign "$(body "$SPEC")" '{}'
SIGNATURE=$(sed -E 's/^\{"signature":(.*)\}$/\1/' <<<"$OUTPUT")
sed -E 's/.*"value":"([^"]*)".*/\1/' <<<"$OUTPUT" | sed 's/\\n/\n/g' >ocm.pem
want 0 '' grep -q '^Signature Algorithm: RSASSA-PKCS1-V1_5$' ocm.pem
sed -n '/BEGIN SIGNATURE/,/END SIGNATURE/p' ocm.pem | grep -vE '^-|^Sig|^$' |
  openssl base64 -d >ocm.sig
openssl x509 -in leaf.pem -noout -pubkey >leaf.pub
want 0 'Verified OK' openssl dgst -sha256 -verify leaf.pub -signature ocm.sig \
  payload
equal "$(grep -c 'BEGIN CERTIFICATE' ocm.pem)" 1
# The leaf's CN is "Shop release", the signature's name "release".
want 0 '"level":"WARN"' cat ocm.log

title "ocm: verification"
# verify SPEC [CREDENTIALS]
verify() {
  post /verify '{"signature":{"name":"release","digest":'"$DIGEST_JSON"',
    "signature":'"$SIGNATURE"'},"config":{"type":"CountersignSigning/v1alpha1"'"$1"'}}' \
    "${2:-{\}}"
}
want 0 '{}' verify ',"rootCertificatesPEMFile":"root.pem"'
want 0 '{}' verify ',"publicKeyPEMFile":"leaf.pub"'
want 0 '{}' verify "$SPEC"
want 0 '{}' verify '' \
  '{"type":"Credentials/v1","properties":{"publicKeyPEMFile":"root.pem"}}'
want 1 'CERTIFICATE_UNTRUSTED' verify \
  ',"rootCertificatesPEMFile":"'"$STATE"'/pki/ca.pem"'
want 1 'SIGNATURE_INVALID' verify ',"publicKeyPEMFile":"release.pub"'
want 1 'TRUST_MISSING' verify ''
want 1 'SIGNATURE_INVALID' verify ',"operation":"shop/release"'

title "ocm: plain signatures, and people"
PLAIN=',"operation":"shop/release","signatureEncodingPolicy":"Plain"'
printf 'other' >other
HEX=$(openssl dgst -sha256 -hex other | sed 's/.*= //')
DIGEST_JSON='{"hashAlgorithm":"SHA-256","normalisationAlgorithm":"jsonNormalisation/v4alpha1","value":"'$HEX'"}'
post /sign "$(body "$PLAIN"',"description":"Shop 1.2"')" '{}' >answer &
CALL=$!
for ((waited = 0; waited < 400; waited++)); do
  grep -q 'to approve' ocm.log && break
  sleep 0.05
done
# The handler still answers while one call waits.
want 0 '' "$HTTP_CALL" "$ADDRESS" GET /healthz
REQUEST=$(grep -oE 'products/shop/operations/release/signingRequests/[0-9a-f-]+' \
  ocm.log | sed -n 1p)
want 0 'Shop 1.2' as alice approve "$REQUEST" --yes
wait "$CALL" || broken "the call failed"
OUTPUT=$(<answer)
also '"mediaType":"application/vnd.ocm.signature.rsa"'
sed -E 's/.*"value":"([^"]*)".*/\1/' answer | sed 's/../\\x&/g' >hex
printf '%b' "$(<hex)" >other.sig
want 0 'Verified OK' openssl dgst -sha256 -verify release.pub \
  -signature other.sig other
want 1 'KEY_NOT_RSA' post /sign "$(body ',"operation":"shop/build"')"
want 1 'signatureEncodingPolicy: Plain' post /sign \
  "$(body ',"operation":"shop/component"')"
want 1 'opperation is not known' post /sign "$(body ',"opperation":"x"')"
want 1 '404' post /shutdown '{}'

title "ocm: the end"
kill -INT "$OCM_PID"
wait "$OCM_PID" || broken "it did not end in order"
[[ ! -e ${ADDRESS#http+unix://} ]] || broken "the socket is still there"
start_ocm tcp 300000000
[[ $ADDRESS == http://127.0.0.1:* ]] || broken "no address: $ADDRESS"
want 0 '' "$HTTP_CALL" "$ADDRESS" GET /healthz
wait "$OCM_PID" || broken "it did not end for want of calls"
OCM_PID=''
while read -r line; do
  is_json "$line"
done <ocm.log

title "The guide"
# Every block of docs/plugins.md that a program reads is at least well-formed.
awk '/^```(yaml|json|shell)$/ {n++; kind = substr($0, 4); next}
  /^```$/ {kind = ""; next}
  kind != "" {print >("guide." n "." kind)}' "$GUIDE"
for block in guide.*.shell; do want 0 '' bash -n "$block"; done
if command -v python3 >/dev/null &&
  python3 -c 'import yaml' 2>/dev/null; then
  for block in guide.*.yaml; do
    want 0 '' python3 -c 'import sys, yaml
list(yaml.safe_load_all(open(sys.argv[1])))' "$block"
  done
else
  printf 'SKIPPED: yaml blocks of the guide: python3 with yaml is not here\n'
fi
for block in guide.*.json; do
  [[ -f $block ]] || continue
  is_json "$(<"$block")"
done

finish
