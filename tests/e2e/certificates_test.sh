#!/usr/bin/env bash
# Certificate chains of DetachedSignature operations: what is wrong with a chain
# is told by certificate, the chain that is there stays, and openssl agrees with
# what is made.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

set_chain() { as carol key set-chain shop/installer "$1"; }

# issue NAME ISSUER EXTENSIONS [START END]: a certificate of $NAME.key's public
# half, or of the CSR for NAME leaf-*; ISSUER "self" signs itself.
issue() {
  local name=$1 issuer=$2 start=${4:-20250101000000Z} end=${5:-20990101000000Z}
  local csr=$name.csr subject="/O=Test/CN=$name" ca
  if [[ $name == leaf* ]]; then
    cp installer.csr "$csr"
    subject='/O=Test/CN=Shop release'
  else
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
      -config "$STATE/openssl.cnf" -keyout "$name.key" -out "$csr" \
      -subj "$subject" 2>/dev/null
  fi
  printf '%s\n' "$3" >"$name.ext"
  if [[ $issuer == self ]]; then
    ca=(-selfsign -keyfile "$name.key")
  else
    ca=(-cert "$issuer.pem" -keyfile "$issuer.key")
  fi
  : >index.txt
  quiet_openssl ca -batch -notext -config ca.cnf "${ca[@]}" -in "$csr" \
    -subj "$subject" -extfile "$name.ext" -startdate "$start" -enddate "$end" \
    -out "$name.pem"
}
CA=$'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign'
LEAF=$'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature'
SIGNER=$LEAF$'\nextendedKeyUsage=codeSigning'

begin
cat >ca.cnf <<'END'
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

title "No chain yet"
want 8 'have its CSR signed and set the chain' as ci sign digest "$DIGEST" -p shop/installer
want 8 'has no certificate chain' as ci sign digest "$DIGEST" \
  -p shop/installer --format pem
not RAW
want 7 'has no certificate chain yet' as ci key chain shop/installer

title "Certificate requests"
want 3 'may not' as ci key csr shop/installer
want 0 'signed by products/shop/operations/installer/keyVersions/1' \
  as carol key csr shop/installer -O installer.csr
want 0 'CN = Shop release' openssl req -in installer.csr -noout -verify -subject
want 0 'Code Signing' openssl req -in installer.csr -noout -text
also 'Requested Extensions' 'Digital Signature' 'CA:FALSE'
want 0 'emailAddress = a@b.example' sh -c "countersign --context carol key csr \
shop/installer --subject 'CN=Other,serialNumber=7,OU=Build,O=Example,L=B,ST=B,\
C=DE,emailAddress=a@b.example' | openssl req -noout -subject -nameopt oneline"
also 'C = DE, ST = B, L = B, O = Example, OU = Build, serialNumber = 7, CN = Other'
want 0 'O = Example, CN = Other' sh -c "countersign --context carol key csr \
shop/installer --subject 'CN=Other,O=Example' 2>/dev/null |
openssl req -noout -subject"
want 2 'nonsense' as carol key csr shop/installer --subject nonsense

issue root self "$CA"
issue outer root "$CA"
issue inner outer "$CA"
issue leaf inner "$SIGNER"
issue foreign-root self "$CA"
issue namesake inner "$SIGNER"
issue leaf-expired inner "$SIGNER" 20250101000000Z 20250201000000Z
issue leaf-future inner "$SIGNER" 20980101000000Z
issue leaf-server inner "$LEAF"$'\nextendedKeyUsage=serverAuth'
issue leaf-plain inner "$LEAF"
issue leaf-ca inner "$CA"$'\nextendedKeyUsage=codeSigning'
issue old-ca outer "$CA" 20250101000000Z 20250201000000Z
issue leaf-old-ca old-ca "$SIGNER"
issue no-ca outer "$LEAF"
issue leaf-no-ca no-ca "$SIGNER"
issue own self "$SIGNER"

title "Chains that are wrong"
# refused 'PART' CERTIFICATE...
refused() {
  local part=$1
  shift
  cat "$@" >chain.pem
  want 2 "$part" set_chain chain.pem
  also 'BAD_CERTIFICATE_CHAIN'
}
refused 'the leaf (certificate 1) does not fit the key' namesake.pem inner.pem \
  outer.pem
refused 'does not fit the key' inner.pem outer.pem leaf.pem
refused 'certificate 1) is out of order: its issuer is certificate 3' \
  leaf.pem outer.pem inner.pem
refused 'which does not follow it' leaf.pem outer.pem
refused '(certificate 1) expired at 2025-02-01T00:00:00Z' \
  leaf-expired.pem inner.pem outer.pem
refused 'is not valid before 2098-01-01' leaf-future.pem inner.pem outer.pem
refused 'certificate 2 expired at 2025-02-01T00:00:00Z' \
  leaf-old-ca.pem old-ca.pem outer.pem
refused 'is not for code signing' leaf-server.pem inner.pem outer.pem
refused 'is not for code signing' leaf-plain.pem inner.pem outer.pem
refused 'is a CA'\''s (CA:TRUE)' leaf-ca.pem inner.pem outer.pem
refused 'certificate 2 is no CA'\''s' leaf-no-ca.pem no-ca.pem outer.pem
refused 'does not fit the key' own.pem
refused 'certificate 4 is self-signed, a root; leave the root out' \
  leaf.pem inner.pem outer.pem root.pem
refused 'only CERTIFICATE blocks' root.key leaf.pem
printf 'hello\n' >hello
refused 'the chain is empty' hello
head -n 3 leaf.pem >cut.pem
refused 'BEGIN without END' cut.pem
sed '2s/M/!/' leaf.pem >damaged.pem
refused 'PEM, line 2: column 1 is not base64' damaged.pem
cat leaf.pem{,,,,,,,,,,} >many.pem
refused 'at most 10' many.pem
{ cat leaf.pem && head -c 70000 /dev/zero | tr '\0' ' '; } >large.pem
want 2 '65536' set_chain large.pem
want 2 'absent.pem' set_chain absent.pem
want 3 'may not' as ci key set-chain shop/installer leaf.pem
cat leaf.pem inner.pem outer.pem >good.pem
want 2 'does not fit the key' as carol key set-chain shop/build good.pem
want 7 'has no certificate chain yet' as ci key chain shop/installer

title "The right chain"
want 0 '' set_chain good.pem
want 0 '' as ci key chain shop/installer -O got.pem
want 0 '' cmp good.pem got.pem
# As others extract it from PKCS#7.
want 0 '' as ci key chain shop/installer --format p7b -O got.p7b
openssl pkcs7 -in got.p7b -inform PEM -print_certs |
  sed -n '/^-----BEGIN/,/^-----END/p' | cmp - good.pem ||
  broken "openssl pkcs7 finds other certificates"
want 0 '' as ci key chain shop/installer --format der -O got.der
openssl x509 -inform DER -in got.der | cmp - leaf.pem ||
  broken "--format der is not the leaf"
want 8 'was issued outside' as ci key chain shop/installer --with-root
want 0 'no certificate authorities' as ci ca list
want 7 'there is none' as ci ca crl issuing
printf 'setup.exe' >setup.exe
want 0 '' as ci sign blob setup.exe -p shop/installer --format pem \
  -O setup.pem
want 0 'Signature Algorithm: ' head -n 2 setup.pem
want 0 'good' as ci verify blob setup.exe --signature setup.pem --root root.pem
want 9 '' as ci verify blob setup.exe --signature setup.pem \
  --root foreign-root.pem
printf 'x' >>setup.exe
want 9 '' as ci verify blob setup.exe --signature setup.pem --root root.pem
# A wrong one leaves it.
refused 'is not for code signing' leaf-plain.pem inner.pem outer.pem
want 0 '' as ci key chain shop/installer -O got.pem
want 0 '' cmp good.pem got.pem
# A new version signs once it has a chain; until then the old one does.
want 0 'keyVersions/2' as carol key rotate shop/installer --yes
want 0 'installer/keyVersions/1"' as ci sign blob setup.exe -p shop/installer \
  --format pem -o json
want 2 'does not fit the key' set_chain good.pem
want 0 'signed by products/shop/operations/installer/keyVersions/2' \
  as carol key csr shop/installer -O installer.csr
issue leaf-two inner "$SIGNER"
cat leaf-two.pem inner.pem outer.pem >two.pem
want 0 'keyVersions/2' set_chain two.pem
want 0 'installer/keyVersions/2"' as ci sign blob setup.exe -p shop/installer \
  --format pem -o json
want 0 '' as ci key chain shop/installer/1 -O got.pem
want 0 '' cmp good.pem got.pem
finish
