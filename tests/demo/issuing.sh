# The part of the demo in which the site's own authority issues a certificate:
# its key in the token, its certificate self-signed by that key. Sourced by
# demo.sh; uses COUNTERSIGN_HSM.

# Before the server starts: what docs/ceremony.md does with people in the room.
make_issuing_ca() {
  local chatter id
  chatter=$("$COUNTERSIGN_HSM" key generate issuing --type P-256 --token demo \
    --pin-file "$STATE/pin" -o json 2>&1) || fail "the ceremony: $chatter"
  id=$(grep -oE '"keyId": *"[0-9a-f]+"' <<<"$chatter" | head -n 1 |
    cut -d '"' -f 4)
  chatter=$("$COUNTERSIGN_HSM" ca self-sign issuing --path-length 0 --days 3650 \
    --subject 'CN=Demo issuing CA,O=Demo' --token demo \
    --pin-file "$STATE/pin" -O "$STATE/pki/issuing.pem" 2>&1) ||
    fail "the ceremony: $chatter"
  cat >>"$STATE/countersignd.yaml" <<END
issuing_cas:
  - name: issuing
    key_id: $id
    key_label: issuing
    certificate_file: $STATE/pki/issuing.pem
    profiles:
      - id: code
        subject: "CN={common_name},OU={product},O=Demo"
        validity: 8760h
END
}

issued_certificate() {
  title "11. A certificate that the site issues itself, when people agree"
  run "countersign --context carol product create \
products/issued-certificate.json --set PRODUCTNAME=Router \
--set WRITERGROUP=ci-pipelines --set APPROVERGROUP=release-approvers"
  run "countersign --context bob product approve router --yes"
  run "countersign --context ci key chain router/firmware-signing \
-O issued.pem"
  run "countersign --context ci ca chain issuing --root -O issued-root.pem"
  run "openssl verify -x509_strict -CAfile issued-root.pem issued.pem"
  run "openssl x509 -in issued.pem -noout -subject -issuer \
-ext basicConstraints,keyUsage,extendedKeyUsage"
  run "countersign --context ci ca crl issuing --format pem -O issued.crl.pem"
  run "openssl verify -x509_strict -crl_check -CRLfile issued.crl.pem \
-CAfile issued-root.pem issued.pem"
}
