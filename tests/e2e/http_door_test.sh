#!/usr/bin/env bash
# The HTTPS door (docs/http.md) as the ocm command line (v1) and scripts use it:
# octet for octet its request, over openssl's TLS, and openssl checks what comes
# back.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

configure() {
  cat >>"$STATE/countersignd.yaml" <<END
http:
  address: 127.0.0.1:0
  port_file: $STATE/http.port
  default_operation: products/door/operations/release
  paths:
    - {path: /k/fast, operation: products/shop/operations/component}
END
}

# tls WHO: a connection with that person's certificate; "nobody": with none.
tls() {
  local certificate=()
  [[ $1 == nobody ]] ||
    certificate=(-cert "$STATE/pki/$1.pem" -key "$STATE/pki/$1.key")
  openssl s_client -quiet -verify_quiet -verify_return_error -tls1_3 \
    -CAfile "$STATE/pki/ca.pem" -verify_ip 127.0.0.1 "${certificate[@]}" \
    -connect "127.0.0.1:$(<"$STATE/http.port")" 2>>"$WORK/s_client.log"
}

# post WHO TARGET FILE [ACCEPT [FIELD]...]: the head of the answer into
# answer.head, its body into answer.body.
post() {
  local who=$1 target=$2 file=$3 accept=${4:-application/x-pem-file} field
  {
    printf 'POST %s HTTP/1.1\r\nHost: localhost:8443\r\n' "$target"
    printf 'User-Agent: Go-http-client/1.1\r\nContent-Length: %s\r\n' \
      "$(stat -c %s "$file")"
    printf 'Accept: %s\r\nAccept-Encoding: gzip\r\n' "$accept"
    for field in "${@:5}"; do printf '%s\r\n' "$field"; done
    # The tool keeps the connection; a script reads to its end.
    printf 'Connection: close\r\n\r\n'
    cat "$file"
  } | tls "$who" >answer || true
  sed '/^\r$/q' answer >answer.head
  tail -c "+$(($(stat -c %s answer.head) + 1))" answer >answer.body
}
# answered CODE 'PART': the last answer's code, and PART in head or body.
answered() {
  OUTPUT=$(tr -d '\r\0' <answer)
  printf '%s\n' "${OUTPUT:0:300}"
  [[ $OUTPUT == "HTTP/1.1 $1 "* ]] || broken "not the code $1"
  also "$2"
}
# The SIGNATURE block's octets.
signature_of() {
  sed -n '/^$/,/END SIGNATURE/p' "$1" | grep -v -- '-----' | base64 -d
}
# The first request that waits for people, when there is one.
pending() {
  local waited name
  for ((waited = 0; waited < 300; waited++)); do
    name=$(as alice request list --state pending -o json | field name)
    [[ -z $name ]] || break
    sleep 0.1
  done
  printf '%s' "$name"
}

begin
cat >door.json <<'END'
{
    "name": "Door",
    "description": "For OCM tools",
    "productType": "Test",
    "enabled": true,
    "caInfo": [{"CN": "release", "externalRoot": true,
                "useCase": "CodeSigning", "keyType": "RSA2048",
                "certificateType": "ENDENTITY", "profileID": "code-signing"}],
    "rndKeys": [],
    "productOperations": [{
        "name": "Release",
        "operationType": "DetachedSignature",
        "approvalRule": {"name": "One has to agree",
                         "allowedGroups": ["ci-pipelines"],
                         "approvalGroups": ["release-approvers"],
                         "blanketGroups": []}
    }]
}
END
want 0 'PENDING_APPROVAL' as carol product create door.json
want 0 'ACTIVE' as bob product approve door --yes
want 0 '' as carol key csr door/release -O release.csr
quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 3650 -nodes \
  -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj "/O=Demo/CN=Code root" \
  -addext basicConstraints=critical,CA:true \
  -addext keyUsage=critical,keyCertSign -keyout root.key -out root.pem
printf '%s\n' 'basicConstraints=critical,CA:false' \
  'keyUsage=critical,digitalSignature' 'extendedKeyUsage=codeSigning' >leaf.ext
quiet_openssl x509 -req -in release.csr -CA root.pem -CAkey root.key \
  -days 365 -extfile leaf.ext -out leaf.pem
want 0 '' as carol key set-chain door/release leaf.pem
openssl x509 -in leaf.pem -noout -pubkey >release.pub

printf 'the component' >file
openssl dgst -sha256 -binary file >digest
PSS='/sign/rsassa-pss?hashAlgorithm=SHA-256'
FAST='/k/fast/sign/rsassa-pkcs1-v1_5?hashAlgorithm=SHA-256'
VERIFY=(openssl pkeyutl -verify -pubin -pkeyopt digest:sha256)

title "A signature that nobody has to agree to"
post ci "$FAST" digest application/octet-stream
answered 200 'application/octet-stream'
want 0 '' as ci key public shop/component -O fast.pub
want 0 'Signature Verified' "${VERIFY[@]}" -inkey fast.pub -in digest \
  -sigfile answer.body -pkeyopt rsa_padding_mode:pkcs1
cp answer.body raw
openssl dgst -sha256 -hex -r file | cut -d ' ' -f 1 >hex
post ci "$FAST" hex application/octet-stream+base64 'Content-Encoding: hex'
answered 200 'octet-stream+base64'
equal "$(<answer.body)" "$(base64 -w 0 raw)"
gzip -nc digest >packed
post ci "$FAST" packed application/octet-stream+base64 'Content-Encoding: gzip'
equal "$(<answer.body)" "$(base64 -w 0 raw)"

title "A signature that somebody has to agree to"
(post ci "$PSS&description=Release+7&context.build=17" digest) &
name=$(pending)
[[ -n $name ]] || broken "nothing waits"
want 0 'Release 7' as alice request show "$name"
also '17'
want 0 '' as alice approve "$name" --yes
wait $!
answered 200 'BEGIN SIGNATURE'
equal "$(head -n 2 answer.body)" $'-----BEGIN SIGNATURE-----\nSignature Algorithm: RSASSA-PSS'
equal "$(grep -c 'BEGIN CERTIFICATE' answer.body)" 1
signature_of answer.body >signature
want 0 'Signature Verified' "${VERIFY[@]}" -inkey release.pub -in digest \
  -sigfile signature -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:auto
sed -n '/BEGIN CERT/,$p' answer.body >chain.pem
want 0 'OK' openssl verify -purpose any -CAfile root.pem chain.pem
cp answer.body first

title "Again, as a job that is run again"
post ci "$PSS&description=Release+7&context.build=17" digest
answered 200 'BEGIN SIGNATURE'
cmp answer.body first || broken "another signature"

title "No"
(post ci "$PSS&description=Release+8" digest) &
name=$(pending)
want 0 '' as alice reject "$name" --reason 'not tagged'
wait $!
answered 403 "$name was rejected by email:alice@demo.example: not tagged"
post ci "$PSS&description=Release+8" digest
answered 403 'not tagged'

title "What is wrong is told"
post ci "$PSS" file
answered 400 'holds 13 octets, but a SHA-256 digest has 32'
post ci '/sign/rsassa-pss?hashAlgorithm=MD5' digest
answered 400 'MD5 is not accepted'
post ci "$FAST" digest
answered 400 'octet-stream+hex'
post ci '/k/slow/sign/rsassa-pss?hashAlgorithm=SHA-256' digest
answered 404 'http.paths has /k/fast'
post dave "$PSS" digest
answered 403 'may not ask for signatures'
post nobody "$PSS" digest
answered 401 'no client certificate'
printf 'GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' |
  tls nobody >answer || true
answered 200 'ready'

title "The server stops while somebody waits"
(post ci "$PSS&description=Release+9" digest) &
waiting=$!
name=$(pending)
halt TERM
wait "$waiting"
answered 503 'Retry-After: 1'
also 'the server is stopping' "$name"
launch
(post ci "$PSS&description=Release+9" digest) &
waiting=$!
want 0 '' as alice approve "$name" --yes
wait "$waiting"
answered 200 'BEGIN SIGNATURE'

if grep -qE "$(<hex)|BEGIN SIGNATURE" "$STATE/server.log"; then
  broken "a digest or a signature is in the server's log"
fi
finish
