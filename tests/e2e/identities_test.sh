#!/usr/bin/env bash
# Who is let in: TLS 1.3 with a certificate of the configured CA, and groups by
# the rules of the configuration, also those that change while it runs.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

IDENTITIES+=("mallory email:mallory@$TRUST_DOMAIN"
  "robot URI:spiffe://$TRUST_DOMAIN/robot")

# with CERTIFICATE KEY ARGUMENTS...: the client with another certificate.
with() {
  local certificate=$1 key=$2
  shift 2
  as ci "$@" --cert "$certificate" --key "$key"
}
TARGET=()
# tls OPTIONS...: a handshake by openssl; the exit code is that of openssl.
tls() { openssl s_client -connect "${TARGET[0]}" -CAfile "$STATE/pki/ca.pem" \
  -alpn h2 -verify_return_error "$@"; }
# Waits for a change of the configuration to be seen; it is looked at every two
# seconds.
await_groups() {
  local waited
  for ((waited = 0; waited < 100; waited++)); do
    [[ $(as mallory whoami) == *"$1"* ]] && return
    sleep 0.1
  done
  OUTPUT=$(as mallory whoami)
  broken "$1 does not come"
}

begin
TARGET=("127.0.0.1:$(<"$STATE/port")")
PKI=$STATE/pki

title "Who is who"
want 0 'spiffe://demo.example/ci/checkout' as ci whoami
also 'ci-pipelines' 'Roles               none'
want 0 'administrator' as carol whoami
want 0 'product approver' as bob whoami
want 0 'auditor' as dave whoami
want 0 'Groups              none' as mallory whoami
want 0 'Groups              none' as robot whoami
want 3 'may not use this service' as mallory product list
want 3 'may not use this service' as mallory sign digest "$DIGEST" -p shop/build

title "Certificates that are not taken"
# A CA of the same name with another key, and certificates of the right CA that
# are over, for servers, or without a name.
(
  umask 077
  # Expired: x509 takes no date in the past, `ca` does.
  cat >ca.cnf <<END
[ca]
default_ca = this
[this]
database = index.txt
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = optional
END
  : >index.txt
  printf 'extendedKeyUsage=clientAuth\nsubjectAltName=email:alice@%s\n' \
    "$TRUST_DOMAIN" >alice.ext
  quiet_openssl req -new -config "$STATE/openssl.cnf" -key "$PKI/alice.key" \
    -subj "/O=Demo/CN=alice" -out alice.csr
  quiet_openssl ca -batch -notext -config ca.cnf -cert "$PKI/ca.pem" \
    -keyfile "$PKI/ca.key" -in alice.csr -extfile alice.ext \
    -startdate 20250101000000Z -enddate 20250201000000Z -out expired.pem
  mkdir -p other/pki
  STATE=$PWD/other
  cp "$PKI/../openssl.cnf" "$STATE/"
  make_ca "$STATE/pki/ca" "Demo identity CA"
  make_certificate alice "email:alice@$TRUST_DOMAIN" clientAuth
)
quiet_openssl req -x509 -config "$STATE/openssl.cnf" -key "$PKI/alice.key" \
  -days 2 -subj /CN=alice -addext "subjectAltName=email:alice@$TRUST_DOMAIN" \
  -out selfsigned.pem
want 3 'expired' with expired.pem "$PKI/alice.key" whoami
want 6 'does not accept the client certificate CN=alice' with other/pki/alice.pem other/pki/alice.key whoami
want 6 'does not accept the client certificate CN=alice' with selfsigned.pem "$PKI/alice.key" whoami
want 2 'key' with "$PKI/alice.pem" "$PKI/bob.key" whoami
want 2 'absent.pem' with absent.pem "$PKI/bob.key" whoami
want 2 '' with "$STATE/countersignd.yaml" "$PKI/bob.key" whoami
# A client that does not look at its own certificate is refused as well.
cp expired.pem "$PKI/expired.pem" && cp "$PKI/alice.key" "$PKI/expired.key"
cp other/pki/alice.pem "$PKI/foreign.pem"
cp other/pki/alice.key "$PKI/foreign.key"
for who in expired foreign; do
  want 14 '' raw "$who" IdentityService/GetCaller '{}'
done
want 14 '' "$RAW_CALL" "${TARGET[0]}" "$PKI/ca.pem" '' '' \
  IdentityService/GetCaller '{}'
# A certificate for servers vouches for nobody who calls.
want 14 '' raw server IdentityService/GetCaller '{}'
# The client does not take another server either.
want 6 'is not the server that we trust' as alice whoami --ca other/pki/ca.pem

title "TLS"
want 0 'TLSv1.3' tls -tls1_3 -cert "$PKI/alice.pem" -key "$PKI/alice.key"
# gRPC closes the connection; no session comes to be.
for version in -tls1_2 -tls1_1 '-tls1_2 -cipher ALL:@SECLEVEL=0'; do
  # shellcheck disable=SC2086
  want 1 'no peer certificate available' tls $version \
    -cert "$PKI/alice.pem" -key "$PKI/alice.key"
done
printf 'GET / HTTP/1.1\r\n\r\n' >"/dev/tcp/127.0.0.1/$(<"$STATE/port")"
want 0 '' as alice whoami

title "Groups change without a restart"
sed -i 's|^  administrator_groups:|    - group: release-approvers\n\
      subjects: ["email:mallory@demo.example"]\n&|' "$STATE/countersignd.yaml"
await_groups release-approvers
want 0 'products/shop' as mallory product list
REQUEST=$(ask)
want 0 '' as mallory approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST" --wait 10s
cp "$STATE/countersignd.yaml" good.yaml
# A file with mistakes changes nothing.
sed -i 's/release-approvers/release approvers/' "$STATE/countersignd.yaml"
for ((waited = 0; waited < 100; waited++)); do
  grep -q config_refused "$STATE/server.log" && break
  sleep 0.1
done
want 0 '2 mistakes' grep config_refused "$STATE/server.log"
want 0 'release-approvers' as mallory whoami
# That somebody has to look at it is right.
EXPECTED_ERRORS=config_refused
grep -v mallory good.yaml | sed '/^    - group: release-approvers$/{N;/subjects/!D}' \
  >"$STATE/countersignd.yaml"
await_groups 'Groups              none'
want 3 'may not use this service' as mallory product list

title "What was denied"
want 0 'email:mallory@demo.example' as dave audit list --type CALL_DENIED \
  --subject email:mallory@demo.example
finish
