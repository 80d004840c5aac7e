#!/usr/bin/env bash
# Component versions where they are kept: signed in a CTF as directory, tar and
# tgz, as one request for a tree, verified with all their content, and broken.
# openssl checks the signatures by itself.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

begin
export TMPDIR=$WORK
want 0 '' as ci key public shop/component -O component.pem
want 0 '' as ci key public shop/release -O release.pem

# put FILE CTF: a blob; prints its digest.
put() {
  local hex
  hex=$(sha256sum <"$1" | cut -d ' ' -f 1)
  mkdir -p "$2/blobs"
  cp "$1" "$2/blobs/sha256.$hex"
  printf 'sha256:%s' "$hex"
}
# version CTF NAME BLOB_TEXT [REFERENCE]...: a component version acme.org/NAME
# 1.0.0 with one blob, as the OCM tools write it, put into the CTF.
version() {
  local ctf=$1 name=$2 blob references='' separator='' one
  printf '%s' "$3" >blob
  blob=$(put blob "$ctf")
  shift 3
  for one; do
    references+="$separator{\"name\":\"ref-$one\",\"version\":\"1.0.0\",\"componentName\":\"acme.org/$one\"}"
    separator=,
  done
  printf '%s' "{\"meta\":{\"schemaVersion\":\"v2\"},\"component\":{\"name\":\"acme.org/$name\",\"version\":\"1.0.0\",\"provider\":\"acme\",\"repositoryContexts\":[],\"sources\":[],\"componentReferences\":[$references],\"resources\":[{\"name\":\"data\",\"version\":\"1.0.0\",\"type\":\"blob\",\"relation\":\"local\",\"access\":{\"type\":\"localBlob\",\"localReference\":\"$blob\",\"mediaType\":\"text/plain\"}}]}}" >cd.json
  local layer='application/vnd.ocm.software.component-descriptor.v2+json'
  local cd size config manifest
  cd=$(put cd.json "$ctf")
  size=$(wc -c <cd.json)
  printf '%s' "{\"componentDescriptorLayer\":{\"mediaType\":\"$layer\",\"digest\":\"$cd\",\"size\":$size}}" >config.json
  config=$(put config.json "$ctf")
  printf '%s' "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"application/vnd.ocm.software.component.config.v1+json\",\"digest\":\"$config\",\"size\":$(wc -c <config.json)},\"layers\":[{\"mediaType\":\"$layer\",\"digest\":\"$cd\",\"size\":$size},{\"mediaType\":\"text/plain\",\"digest\":\"$blob\",\"size\":$(wc -c <blob)}]}" >manifest.json
  manifest=$(put manifest.json "$ctf")
  INDEX+="${INDEX:+,}{\"repository\":\"component-descriptors/acme.org/$name\",\"tag\":\"1.0.0\",\"digest\":\"$manifest\",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}"
}
# close_ctf DIR: writes the index of what was put into it.
close_ctf() {
  printf '%s' "{\"schemaVersion\":1,\"artifacts\":[$INDEX]}" \
    >"$1/artifact-index.json"
  INDEX=''
}
sign_it() { as ci sign component-version "$@"; }
verify_it() { countersign verify component-version "$@"; }

INDEX=''
version tree base 'the base'
version tree left 'left' base
version tree right 'right' base left
version tree top 'top' left right
close_ctf tree
version apart apart 'kept apart'
close_ctf apart
version lonely lonely 'alone' apart
close_ctf lonely

title "Directory, tar and tgz"
cp -r tree dir
tar -C tree -cf tree.tar artifact-index.json blobs
tar -C tree -czf tree.tgz artifact-index.json blobs
for repo in ./dir ./tree.tar ./tree.tgz; do
  top=$repo//acme.org/top:1.0.0
  want 9 'has no signature' verify_it "$top" --public-key component.pem
  want 0 'signed component acme.org/top:1.0.0 as "release"' \
    sign_it "$top" -p shop/component --signature release
  want 0 'verified: acme.org/top:1.0.0 (component versions: 4, resources: 4)' \
    verify_it "$top" --public-key component.pem --signature release
  also 'resource data' 'reference ref-left' 'signature release'
  want 8 '--force' sign_it "$top" -p shop/component --signature release
  also 'SIGNATURE_EXISTS' 'acme.org/top:1.0.0'
  want 0 'as "second"' sign_it "$top" -p shop/component --signature second \
    --algorithm pss --hash sha512
  also 'classic OCM CLI cannot verify a plain RSASSA-PSS'
  want 0 'verified' verify_it "$top" --public-key component.pem
  want 9 'release.pem' sh -c \
    "countersign verify component-version $top --public-key release.pem ||
    { code=\$?; echo release.pem; exit \$code; }"
  want 9 'no signature has the name' verify_it "$top" \
    --public-key component.pem --signature other
  want 0 '"verified": true' verify_it "$top" --public-key component.pem -o json
  is_json "$OUTPUT"
done

title "openssl agrees"
want 0 'jsonNormalisation' countersign hash component-version \
  ./dir//acme.org/top:1.0.0 -o json
DIGEST_OF_TOP=$(field value <<<"$OUTPUT")
countersign normalise component-version ./dir//acme.org/top:1.0.0 -O top.norm
equal "$(sha256sum <top.norm | cut -d ' ' -f 1)" "$DIGEST_OF_TOP"
for descriptor in dir/blobs/*; do
  # The one that has both signatures, of which "release" is the first.
  grep -q '"name":"second"' "$descriptor" || continue
  HEX=$(grep -oE '"value":"[0-9a-f]{512}"' "$descriptor" | sed -n 1p |
    cut -d '"' -f 4)
done
printf '%b' "$(sed 's/../\\x&/g' <<<"$HEX")" >release.sig
want 0 'Verified OK' openssl dgst -sha256 -verify component.pem \
  -signature release.sig top.norm

title "A tree in one request"
cp -r tree signed
want 0 '' sign_it ./signed//acme.org/top:1.0.0 -p shop/release --recursive \
  --no-wait
REQUEST=$OUTPUT
want 0 'component acme.org/base:1.0.0' as alice request show "$REQUEST"
also 'component acme.org/top:1.0.0' 'component.versions' 'component.resources'
want 5 'WAIT_ENDED' sign_it ./signed//acme.org/top:1.0.0 -p shop/release \
  --recursive --wait 1s
equal "$(as ci request list -o json | grep -c 'shop/operations/release/signing')" 1
want 0 '' as alice approve "$REQUEST" --yes
want 0 'signed component acme.org/base:1.0.0' \
  sign_it ./signed//acme.org/top:1.0.0 -p shop/release --recursive
also 'signed component acme.org/top:1.0.0'
for name in base left right top; do
  want 0 'verified' verify_it ./signed//acme.org/$name:1.0.0 \
    --public-key release.pem --recursive
done
want 0 'acme.org/left' verify_it ./signed --public-key release.pem
want 0 'component versions: 4' verify_it ./signed --public-key release.pem

title "A request that was rejected is followed by another"
cp -r tree again
REQUEST=$(sign_it ./again//acme.org/left:1.0.0 -p shop/release --no-wait)
want 0 '' as alice reject "$REQUEST" --reason 'not this'
SECOND=$(sign_it ./again//acme.org/left:1.0.0 -p shop/release --no-wait)
[[ $SECOND != "$REQUEST" ]] || broken "the rejected request was found"

title "References elsewhere"
want 7 '--lookup REPO' sign_it ./lonely//acme.org/lonely:1.0.0 -p shop/component
also 'acme.org/lonely:1.0.0 -> acme.org/apart:1.0.0'
want 0 'as "default"' sign_it ./lonely//acme.org/lonely:1.0.0 \
  -p shop/component --lookup ./apart
want 7 '--lookup REPO' verify_it ./lonely//acme.org/lonely:1.0.0 \
  --public-key component.pem
want 0 'verified' verify_it ./lonely --public-key component.pem --lookup ./apart

title "What was changed is found"
cp -r signed tampered
blob=$(printf 'the base' | sha256sum | cut -d ' ' -f 1)
printf 'the bass' >"tampered/blobs/sha256.$blob"
want 9 'DIGEST_MISMATCH' verify_it ./tampered//acme.org/top:1.0.0 \
  --public-key release.pem
also 'acme.org/base:1.0.0' 'resource "data"' 'MISMATCH'
want 9 '"verified": false' verify_it ./tampered//acme.org/top:1.0.0 \
  --public-key release.pem -o json
want 9 'Nothing was signed' sign_it ./tampered//acme.org/top:1.0.0 \
  -p shop/component --signature third
rm "tampered/blobs/sha256.$blob"
want 7 'BLOB_UNKNOWN' verify_it ./tampered//acme.org/top:1.0.0 \
  --public-key release.pem

title "Certificates"
want 0 '' as carol key csr shop/installer -O installer.csr
cat >leaf.ext <<'END'
basicConstraints=critical,CA:false
keyUsage=critical,digitalSignature
extendedKeyUsage=codeSigning
END
quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 30 -nodes \
  -newkey rsa:2048 -subj '/O=Test/CN=root' -keyout root.key -out root.pem \
  -addext basicConstraints=critical,CA:true \
  -addext keyUsage=critical,keyCertSign,cRLSign
quiet_openssl x509 -req -in installer.csr -CA root.pem -CAkey root.key \
  -days 20 -extfile leaf.ext -out leaf.pem
want 0 '' as carol key set-chain shop/installer leaf.pem
want 8 "the certificate's common name \"Shop release\"" \
  sign_it ./dir//acme.org/base:1.0.0 -p shop/installer --encoding pem
also 'nobody was asked' 'SIGNATURE_NAME_MISMATCH'
want 0 'as "Shop release"' sign_it ./dir//acme.org/base:1.0.0 \
  -p shop/installer --encoding pem --signature 'Shop release'
want 0 'CN=Shop release' verify_it ./dir//acme.org/base:1.0.0 --root root.pem
want 0 'as "free"' sign_it ./dir//acme.org/base:1.0.0 -p shop/installer \
  --encoding pem --signature free --any-certificate-name --algorithm pss
want 0 'verified' verify_it ./dir//acme.org/base:1.0.0 --root root.pem

title "What cannot be"
want 2 'RSASSA' sign_it ./dir//acme.org/top:1.0.0 -p shop/build --algorithm ecdsa
want 2 'SHA-384' sign_it ./dir//acme.org/top:1.0.0 -p shop/component --hash sha384
want 2 '--public-key or --root' verify_it ./dir//acme.org/top:1.0.0
want 7 'acme.org/none' verify_it ./dir//acme.org/none:1.0.0 \
  --public-key component.pem
want 3 '' as dave sign component-version ./dir//acme.org/right:1.0.0 \
  -p shop/component
want 0 'DIGEST' as ci sign component-version ./dir//acme.org/right:1.0.0 \
  -p shop/component --dry-run

finish
