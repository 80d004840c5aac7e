#!/usr/bin/env bash
# Bearer tokens as they are on the wire, without our client: good ones sign, by
# gRPC and over HTTPS, and whatever else somebody may come with is refused with
# the right reason, which stands in the record too.
MINT_TOKEN=$PWD/$4
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

ISSUER=https://builds.example
configure() {
  mkdir -p "$STATE/builds" "$STATE/foreign"
  "$MINT_TOKEN" --folder "$STATE/builds" --kid k1
  "$MINT_TOKEN" --folder "$STATE/foreign" --kid k1
  sed -i "s|^  group_rules:\$|  token_issuers:\n\
    - name: builds\n\
      issuer: $ISSUER\n\
      audiences: [countersign]\n\
      jwks_file: $STATE/builds/jwks.json\n\
      recorded_claims: [repository]\n\
      revoked_ids: [gone]\n\
  group_rules:\n\
    - group: ci-pipelines\n\
      token_issuer: builds\n\
      claims: [{claim: repository, values: [acme/app]}]|" \
    "$STATE/countersignd.yaml"
  cat >>"$STATE/countersignd.yaml" <<END
http:
  address: 127.0.0.1:0
  port_file: $STATE/http.port
END
}

# claims [MEMBER=JSON]...: those of a good token, with these members in place.
claims() {
  local member text
  text="\"iss\":\"$ISSUER\",\"sub\":\"job\",\"aud\":\"countersign\""
  text+=",\"repository\":\"acme/app\""
  for member; do
    text=$(sed -E "s|,?\"${member%%=*}\":\"[^\"]*\"||" <<<"$text")
    text+=",\"${member%%=*}\":${member#*=}"
  done
  printf '{%s}' "${text#,}"
}
# mint FOLDER CLAIMS [OPTIONS]...
mint() {
  "$MINT_TOKEN" --folder "$STATE/$1" --claims "$2" "${@:3}"
}

CREATE=SigningService/CreateSigningRequest
ZEROS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
REQUEST="{\"parent\":\"products/shop/operations/build\",\"signing_request\":\
{\"digests\":[{\"value\":\"$ZEROS\",\"crc32c\":2324772522}],\
\"hash_algorithm\":1}}"
WHOAMI=IdentityService/GetCaller

# grpc WHO TOKEN SERVICE/METHOD JSON [OPTIONS]...: WHO's certificate, "nobody":
# none; an empty TOKEN: none.
grpc() {
  local certificate='' key='' bearer=()
  [[ $1 == nobody ]] || certificate=$STATE/pki/$1.pem key=$STATE/pki/$1.key
  [[ -z $2 ]] || bearer=(--metadata authorization "Bearer $2")
  "$RAW_CALL" "127.0.0.1:$(<"$STATE/port")" "$STATE/pki/ca.pem" \
    "$certificate" "$key" "$3" "$4" "${bearer[@]}" "${@:5}"
}
# https WHO FIELD METHOD TARGET [FILE]: one request with that header field; the
# answer, head and body.
https() {
  local certificate=() size=0
  [[ $1 == nobody ]] ||
    certificate=(-cert "$STATE/pki/$1.pem" -key "$STATE/pki/$1.key")
  [[ -z ${5:-} ]] || size=$(stat -c %s "$5")
  {
    printf '%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n' \
      "$3" "$4" "$size"
    [[ -z $2 ]] || printf '%s\r\n' "$2"
    printf 'Accept: application/octet-stream+hex\r\n'
    printf 'Connection: close\r\n\r\n'
    [[ -z ${5:-} ]] || cat "$5"
  } | openssl s_client -quiet -verify_quiet -verify_return_error -tls1_3 \
    -CAfile "$STATE/pki/ca.pem" -verify_ip 127.0.0.1 "${certificate[@]}" \
    -connect "127.0.0.1:$(<"$STATE/http.port")" 2>>"$WORK/s_client.log" |
    tr -d '\r'
}
COMPONENT='/products/shop/operations/component/sign/rsassa-pkcs1-v1_5'
COMPONENT+='?hashAlgorithm=SHA-256'

# The newest refusal in the record: its leaf, octet for octet.
last_denial() {
  as dave audit list --type CALL_DENIED -o json |
    grep -o '"leafBytes": "[^"]*"' | tail -n 1 | cut -d '"' -f 4 | base64 -d
}
# refused REASON TOKEN [WHO]: over both doors, and recorded with that reason,
# with the token's hash and without the token.
refused() {
  local reason=$1 token=$2 who=${3:-nobody} sha
  sha=$(printf '%s' "$token" | sha256sum | cut -d ' ' -f 1)
  want 16 "$reason" grpc "$who" "$token" "$CREATE" "$REQUEST"
  sleep 1 # what strangers may fill of the record comes back so fast
  want 0 "\"$reason\"" last_denial
  also '"anonymous"' "$sha" '"peer"'
  want 0 'HTTP/1.1 401 ' https "$who" "Authorization: Bearer $token" \
    POST "$COMPONENT" "$WORK/digest"
  also 'WWW-Authenticate: Bearer error="invalid_token"'
  sleep 1
  want 0 "\"$reason\"" last_denial
  also "$sha"
}

begin
printf 'the file' | openssl dgst -sha256 -binary >digest
GOOD=$(mint builds "$(claims)")

title "A good token signs, without any certificate"
want 0 '"state": "SIGNED"' grpc nobody "$GOOD" "$CREATE" "$REQUEST"
also '"subject": "token:job"' "\"issuer\": \"$ISSUER\"" 'acme/app'
want 0 '"tokenIssuer": "builds"' grpc nobody "$GOOD" "$WHOAMI" '{}'
also 'ci-pipelines' '"credentialExpireTime"' 'BEARER_TOKEN'
want 0 'HTTP/1.1 200 OK' https nobody "Authorization: bearer $GOOD" POST \
  "$COMPONENT" digest
want 0 'token:job' as dave audit list --type REQUEST_SIGNED -o json

title "Neither certificate nor token"
want 16 'NO_CREDENTIAL' grpc nobody '' "$CREATE" "$REQUEST"
also 'authorization: Bearer TOKEN'
want 0 'NO_CREDENTIAL' last_denial
also '"anonymous"'
want 0 'HTTP/1.1 401 ' https nobody '' POST "$COMPONENT" digest
also 'WWW-Authenticate: Bearer' 'authorization: Bearer TOKEN'

title "Tokens that are not taken"
now=$(date +%s)
refused TOKEN_EXPIRED \
  "$(mint builds "$(claims "iat=$((now - 600))" "exp=$((now - 120))")")"
refused TOKEN_ISSUER_UNKNOWN \
  "$(mint foreign "$(claims 'iss="https://foreign.example"')")"
refused TOKEN_SIGNATURE "$(mint foreign "$(claims)")"
refused TOKEN_AUDIENCE "$(mint builds "$(claims 'aud="another"')")"
refused TOKEN_REVOKED "$(mint builds "$(claims 'jti="gone"')")"
tampered=$(mint builds "$(claims 'repository="acme/other"')")
payload=$(cut -d . -f 2 <<<"$GOOD")
refused TOKEN_SIGNATURE \
  "$(cut -d . -f 1 <<<"$tampered").$payload.$(cut -d . -f 3 <<<"$tampered")"
refused TOKEN_MALFORMED "$(cut -d . -f 1,2 <<<"$GOOD")."
refused TOKEN_MALFORMED abc
want 16 'TOKEN_MALFORMED' grpc nobody '' "$CREATE" "$REQUEST" \
  --metadata authorization "Bearer $GOOD" \
  --metadata authorization "Bearer $GOOD"
want 16 'TOKEN_MALFORMED' grpc nobody '' "$CREATE" "$REQUEST" \
  --metadata authorization 'Basic Y2k6Y2k='

title "A bound token needs its certificate"
thumbprint=$(openssl x509 -in "$STATE/pki/ci.pem" -outform DER |
  openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)
bound=$(mint builds "$(claims "cnf={\"x5t#S256\":\"$thumbprint\"}")")
want 0 '"state": "SIGNED"' grpc ci "$bound" "$CREATE" "$REQUEST"
refused TOKEN_NOT_BOUND "$bound"
refused TOKEN_NOT_BOUND "$bound" alice

title "A token beside a certificate widens nothing"
want 0 '"state": "SIGNED"' grpc ci "$GOOD" "$CREATE" "$REQUEST"
also '"subject": "token:job"'
# Dave may read the record, the job may sign; together they may do neither.
want 0 'spiffe' grpc ci "$GOOD" "$WHOAMI" '{}'
want 0 'token:job' grpc dave "$GOOD" "$WHOAMI" '{}'
not 'ci-pipelines' 'auditor'
want 7 'PERMISSION_DENIED' grpc dave "$GOOD" "$CREATE" "$REQUEST"
want 7 'PERMISSION_DENIED' grpc dave "$GOOD" AuditService/ListEvents '{}'
# A bad token is not helped by a good certificate.
refused TOKEN_AUDIENCE "$(mint builds "$(claims 'aud="another"')")" ci
want 0 'spiffe://demo.example/ci/checkout' last_denial

title "A certificate alone, as ever"
want 0 '"state": "SIGNED"' grpc ci '' "$CREATE" "$REQUEST"

title "A token is revoked while the server runs"
stolen=$(mint builds "$(claims 'jti="stolen"')")
want 0 'token:job' grpc nobody "$stolen" "$WHOAMI" '{}'
sed -i 's/revoked_ids: \[gone\]/revoked_ids: [gone, stolen]/' \
  "$STATE/countersignd.yaml"
for ((waited = 0; waited < 100; waited++)); do
  grpc nobody "$stolen" "$WHOAMI" '{}' >/dev/null || break
  sleep 0.1
done
refused TOKEN_REVOKED "$stolen"
want 0 'token:job' grpc nobody "$GOOD" "$WHOAMI" '{}'

title "The issuer changes its keys"
rm "$STATE/builds/jwks.json"
fresh=$(mint builds "$(claims)" --kid k2)
for ((waited = 0; waited < 150; waited++)); do
  ! grpc nobody "$fresh" "$WHOAMI" '{}' >/dev/null || break
  sleep 0.1
done
want 0 '"state": "SIGNED"' grpc nobody "$fresh" "$CREATE" "$REQUEST"
# What vanished counts no more, for tokens that were verified before, too.
for ((waited = 0; waited < 150; waited++)); do
  [[ $(grpc nobody "$GOOD" "$WHOAMI" '{}') == *UNAVAILABLE* ]] || break
  sleep 0.1
done
refused TOKEN_KEY_UNKNOWN "$GOOD"
want 0 'ISSUER_KEYS_CHANGED' as dave audit list --type ISSUER_KEYS_CHANGED

title "Readiness"
want 0 'HTTP/1.1 200 OK' https nobody '' GET /readyz
mv "$STATE/builds/jwks.json" "$STATE/builds/away.json"
for ((waited = 0; waited < 150; waited++)); do
  [[ $(https ci '' GET /readyz) != *builds* ]] || break
  sleep 0.1
done
want 0 'token issuers that cannot be reached: builds' https ci '' GET /readyz
also 'HTTP/1.1 200 OK'
want 0 'builds' https nobody "Authorization: Bearer $fresh" GET /readyz
want 0 'ready' https nobody '' GET /readyz
not 'builds'
want 0 'ready' https nobody "Authorization: Bearer $GOOD" GET /readyz
not 'builds'
mv "$STATE/builds/away.json" "$STATE/builds/jwks.json"
want 0 'HTTP/1.1 404' https nobody '' GET /crl/none.crl

title "Nobody fills the record from the network"
before=$(as dave audit list --type CALL_DENIED | grep -c ' CALL_DENIED ')
start=$SECONDS
for ((i = 0; i < 40; i++)); do
  https nobody '' POST "$COMPONENT" digest >/dev/null
done
after=$(as dave audit list --type CALL_DENIED | grep -c ' CALL_DENIED ')
# Ten and one a second; the clocks' seconds do not begin together.
((after - before <= 12 + SECONDS - start)) ||
  broken "$((after - before)) of 40 refusals are in the record"
if ((after - before < 40)); then
  sleep 1.1
  want 0 'HTTP/1.1 401' https nobody '' POST "$COMPONENT" digest
  want 0 '"notRecorded":' last_denial
fi

for secret in "$GOOD" "$bound" "$stolen" "$fresh"; do
  if grep -qF "${secret##*.}" "$STATE/server.log"; then
    broken "a token's signature is in the server's log"
  fi
done
finish
