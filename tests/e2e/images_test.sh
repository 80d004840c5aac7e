#!/usr/bin/env bash
# Container images in a real registry (Debian's docker-registry on loopback):
# signed in both formats, attested, verified, and broken. openssl checks every
# signature by itself; npm's @sigstore/verify where it is there.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"
# shellcheck source=../demo/artifacts.sh
source "$E2E/../demo/artifacts.sh"

command -v docker-registry >/dev/null || {
  echo 'skipped: docker-registry is not installed'
  exit 0
}
VERIFY_JS=$E2E/verify_bundle.js
begin
trap 'code=$?; stop_registry; at_exit $code' EXIT
start_registry
IMAGE=127.0.0.1:$REGISTRY_PORT/team/app
for operation in build component release installer; do
  want 0 '' as ci key public "shop/$operation" -O "$operation.pub"
done

# get PATH FILE: what the registry has there. Without Accept it denies to have
# OCI manifests.
get() {
  local connection
  exec {connection}<>"/dev/tcp/127.0.0.1/$REGISTRY_PORT"
  printf 'GET /v2/%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n%s\r\n\r\n' \
    "$1" "$REGISTRY_PORT" \
    'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' \
    >&"$connection"
  sed -e '1,/^\r$/d' <&"$connection" >"$2"
  exec {connection}>&-
}
# member NAME FILE: the last value of that name in JSON without blanks.
member() { grep -oE "\"$1\":\"[^\"]*\"" "$2" | tail -n 1 | cut -d '"' -f 4; }
# openssl_verifies KEY SIGNATURE_BASE64 FILE
openssl_verifies() {
  base64 -d <<<"$2" >signature.raw
  want 0 'Verified OK' openssl dgst -sha256 -verify "$1" \
    -signature signature.raw "$3"
}
# an_image TAG: pushes one of its own, prints its digest.
an_image() {
  printf 'image %s\n' "$1" >layer
  push_image team/app "$1" layer
}
sign_image() { as ci sign image "$@"; }
verify_image() { countersign verify image "$@"; }

title 'A tag is not signed unasked'
DIGEST_1=$(an_image v1)
want 2 "$IMAGE@$DIGEST_1" sign_image "$IMAGE:v1" -p shop/build
also '--allow-tag'
want 7 'v9' sign_image "$IMAGE:v9" -p shop/build --allow-tag
want 9 'is not signed' verify_image "$IMAGE:v1" --public-key build.pub

title 'Signed under the .sig tag, as cosign reads it'
want 0 "$IMAGE@$DIGEST_1" sign_image "$IMAGE@$DIGEST_1" -p shop/build
want 0 'was signed' sign_image "$IMAGE@$DIGEST_1" -p shop/build
get "team/app/manifests/${DIGEST_1/:/-}.sig" sig.json
get "team/app/blobs/$(member digest sig.json)" payload.json
equal "$(<payload.json)" "{\"critical\":{\"identity\":{\"docker-reference\":\"$IMAGE\"},\"image\":{\"docker-manifest-digest\":\"$DIGEST_1\"},\"type\":\"cosign container image signature\"},\"optional\":null}"
openssl_verifies build.pub \
  "$(member dev.cosignproject.cosign/signature sig.json)" payload.json
equal "$(grep -o '"layers"' sig.json | wc -l)" 1
want 0 'good' verify_image "$IMAGE:v1" --public-key build.pub
want 9 'not good' verify_image "$IMAGE:v1" --public-key component.pub

title 'Another key appends'
want 0 '' sign_image "$IMAGE@$DIGEST_1" -p shop/component -a env=prod
want 0 '' verify_image "$IMAGE:v1" --public-key build.pub
want 0 'env = prod' verify_image "$IMAGE:v1" --public-key component.pub \
  -a env=prod
want 9 'env' verify_image "$IMAGE:v1" --public-key component.pub -a env=test

# bundle_of DIGEST: the image's only bundle, its statement, and the PAE.
bundle_of() {
  get "team/app/manifests/${1/:/-}" index.json
  get "team/app/manifests/$(member digest index.json)" referrer.json
  get "team/app/blobs/$(grep -oE '"layers":\[\{[^}]*' referrer.json |
    grep -oE 'sha256:[0-9a-f]{64}')" bundle.json
  member payload bundle.json | base64 -d >statement.json
  {
    printf 'DSSEv1 28 application/vnd.in-toto+json %s ' \
      "$(octets statement.json)"
    cat statement.json
  } >pae
}

title 'A bundle beside it'
DIGEST_2=$(an_image v2)
want 0 'bundle sha256:' sign_image "$IMAGE@$DIGEST_2" -p shop/build --bundle
want 0 '' sign_image "$IMAGE@$DIGEST_2" -p shop/build --bundle
bundle_of "$DIGEST_2"
equal "$(grep -o artifactType index.json | wc -l)" 1
openssl_verifies build.pub "$(member sig bundle.json)" pae
OUTPUT=$(<statement.json)
also "\"sha256\":\"${DIGEST_2#sha256:}\"" 'https://sigstore.dev/cosign/sign/v1'
want 0 'bundle sha256:' verify_image "$IMAGE:v2" --public-key build.pub
also 'signature sha256:'
# cosign looks at no .sig where there is a bundle, so another signature gets one.
want 0 'a bundle is written too' sign_image "$IMAGE@$DIGEST_2" -p shop/component

title "npm's verifier"
if command -v node >/dev/null &&
  node -e 'require("@sigstore/verify")' 2>/dev/null; then
  want 0 'verified' node "$VERIFY_JS" bundle.json build.pub
  want 1 '' node "$VERIFY_JS" bundle.json component.pub
else
  echo 'skipped: node or its module @sigstore/verify is not there (NODE_PATH)'
fi

title 'People decide, and the same command finishes'
DIGEST_3=$(an_image v3)
want 0 '/signingRequests/' sign_image "$IMAGE@$DIGEST_3" -p shop/release \
  -a commit=1a2b3c --no-wait
REQUEST=$OUTPUT
want 0 "image.digest = $DIGEST_3" as alice request show "$REQUEST"
also "image.reference = $IMAGE" 'annotation.commit = 1a2b3c' 'container image'
want 5 "$REQUEST" sign_image "$IMAGE@$DIGEST_3" -p shop/release \
  -a commit=1a2b3c --wait 1s
want 0 '' as alice approve "$REQUEST" --yes
want 0 "$IMAGE@$DIGEST_3" sign_image "$IMAGE@$DIGEST_3" -p shop/release \
  -a commit=1a2b3c
want 0 'commit = 1a2b3c' verify_image "$IMAGE:v3" --public-key release.pub

title 'An attestation is no signature'
DIGEST_4=$(an_image v4)
printf '{\n  "buildType": "https://ci.example/build"\n}\n' >predicate.json
want 0 'sha256:' as ci sign attestation "$IMAGE@$DIGEST_4" \
  --predicate predicate.json --type slsaprovenance1 -p shop/build
bundle_of "$DIGEST_4"
openssl_verifies build.pub "$(member sig bundle.json)" pae
want 0 'https://slsa.dev/provenance/v1' countersign verify attestation \
  "$IMAGE:v4" --type slsaprovenance1 --public-key build.pub -O out.json
cmp out.json statement.json || broken 'another statement was written'
want 9 'not a signature of the image' verify_image "$IMAGE:v4" \
  --public-key build.pub

title 'The pipeline of cosign generate and cosign attach'
DIGEST_5=$(an_image v5)
want 0 '' countersign sign image "$IMAGE@$DIGEST_5" --payload-only payload.json
DIGEST=$(openssl dgst -sha256 -binary payload.json | base64 -w 0)
want 0 '/signingRequests/' as ci sign digest "$DIGEST" -p shop/release \
  --description 'OCI signing request' --hash SHA256 --no-wait
REQUEST_ID=$OUTPUT
want 0 '' as alice approve "$REQUEST_ID" --yes
want 0 '' as ci request wait "$REQUEST_ID"
want 0 '' as ci request signature "$REQUEST_ID" -O signature.b64
equal "$(tail -c 1 signature.b64 | wc -l)" 0
openssl_verifies release.pub "$(<signature.b64)" payload.json
want 0 '' as ci sign digest "$DIGEST" -p shop/component -O component.b64
openssl_verifies component.pub "$(<component.b64)" payload.json

title 'Files'
printf 'firmware\n' >firmware.bin
want 0 '' as ci sign blob firmware.bin -p shop/build --bundle fw.sigstore.json \
  -O firmware.b64
openssl_verifies build.pub "$(<firmware.b64)" firmware.bin
want 0 'good' countersign verify blob firmware.bin --bundle fw.sigstore.json \
  --public-key build.pub
want 9 '' countersign verify blob predicate.json --bundle fw.sigstore.json \
  --public-key build.pub
want 0 '' as ci sign attestation firmware.bin --predicate predicate.json \
  --type https://example.test/p -p shop/build --bundle fw-att.sigstore.json
want 0 'good' countersign verify attestation firmware.bin \
  --bundle fw-att.sigstore.json --public-key build.pub

title 'A registry that is away'
stop_registry
want 6 '127.0.0.1' verify_image "$IMAGE:v1" --public-key build.pub

finish
