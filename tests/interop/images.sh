# Rows of ./dev interop for container images, blobs and attestations: cosign,
# skopeo, npm's @sigstore/verify. Sourced by interop.sh after start_site.

# Verifies offline, both formats and both versions (facts: 1.0).
cosign_key() { # TOOL KEY IMAGE [OPTION]...
  "$1" verify --key "$2.pub" --insecure-ignore-tlog=true \
    --trusted-root empty_root.json "${@:4}" "$3"
}
cosign_certificate() { # TOOL IMAGE
  "$1" verify --certificate-identity https://ci.example/release \
    --certificate-oidc-issuer-regexp '.*' --insecure-ignore-tlog=true \
    --insecure-ignore-sct=true --trusted-root trusted_root.json "$2"
}

make_trust() {
  local type='application/vnd.dev.sigstore.trustedroot+json;version=0.1'
  printf '{"mediaType":"%s"}' "$type" >empty_root.json
  printf '{"mediaType":"%s","certificateAuthorities":[{"certChain":{"certificates":[{"rawBytes":"%s"},{"rawBytes":"%s"}]},"validFor":{"start":"2020-01-01T00:00:00Z"}}]}' \
    "$type" "$(openssl x509 -in intermediate.pem -outform DER | base64 -w 0)" \
    "$(openssl x509 -in root.pem -outform DER | base64 -w 0)" \
    >trusted_root.json
  printf '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}' \
    >signing_config.json
  # cosign 2 wants the fields that SLSA demands.
  cat >predicate.json <<'END'
{
  "buildDefinition": {
    "buildType": "https://ci.example/build",
    "externalParameters": {"ref": "main"}
  },
  "runDetails": {"builder": {"id": "https://ci.example/builder"}}
}
END
  mkdir -p registries.d
  printf 'docker:\n  %s:\n    use-sigstore-attachments: true\n' "$REGISTRY" \
    >registries.d/default.yaml
}

# skopeo_key KEY IMAGE [IDENTITY]
skopeo_copy() {
  printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s":[{"type":"sigstoreSigned","keyPath":"%s","signedIdentity":{"type":"%s"}}]}}}' \
    "$REGISTRY" "$WORK/$1.pub" "${3:-matchRepository}" >policy.json
  rm -rf copied
  skopeo copy --src-tls-verify=false --policy policy.json \
    --registries.d registries.d --remove-signatures "docker://$2" dir:copied
}

our_image() { countersign sign image "$@"; }
our_image_verify() { # KEY IMAGE
  countersign verify image "$2" --public-key "$1.pub"
}

# verify_image_row ROW IMAGE KEY SKOPEO
verify_image_row() {
  try "$1" 'cosign 2' cosign-v2 yes cosign_key cosign-v2 "$3" "$2"
  try "$1" 'cosign 3' cosign-v3 yes cosign_key cosign-v3 "$3" "$2"
  try "$1" skopeo skopeo "$4" skopeo_copy "$3" "$2"
  if offers verify image; then
    cell "$1" countersign yes our_image_verify "$3" "$2"
  fi
}

images_ours() {
  local operation image row
  section 'Images signed by countersign'
  offers sign image || {
    not_here 'sign image'
    return
  }
  for operation in plain rsa3072 rsa4096 p256 p384 p521; do
    image=$(make_image "ours/$operation")
    row="$operation, .sig"
    if step "$row" signed yes our_image "$image" -p "interop/$operation"; then
      verify_image_row "$row" "$image" "$operation" yes
    fi
    image=$(make_image "bundle/$operation")
    row="$operation, .sig and bundle"
    if step "$row" signed yes our_image "$image" -p "interop/$operation" \
      --bundle; then
      verify_image_row "$row" "$image" "$operation" yes
    fi
  done
  row='verified with another key'
  image=$(make_image ours/other)
  if step "$row" signed yes our_image "$image" -p interop/p256; then
    try "$row" 'cosign 2' cosign-v2 no cosign_key cosign-v2 p384 "$image"
    try "$row" 'cosign 3' cosign-v3 no cosign_key cosign-v3 p384 "$image"
    try "$row" skopeo skopeo no skopeo_copy p384 "$image"
    cell "$row" countersign no our_image_verify p384 "$image"
  fi
  images_certificate
  images_attached
  images_attested
}

# For people who keep cosign as the pusher.
images_attached() {
  local tool image row
  for tool in cosign-v2 cosign-v3; do
    have "$tool" || continue
    row="p256, pushed by ${tool/-v/ } attach signature"
    image=$(make_image "attached/$tool")
    if step "$row" signed yes attach "$tool" "$image"; then
      verify_image_row "$row" "$image" p256 yes
    fi
  done
}
attach() {
  our_image "$2" -p interop/p256 --payload-only "$1.payload" \
    --output-signature "$1.signature" &&
    "$1" attach signature --payload "$1.payload" \
      --signature "$1.signature" "$2"
}

images_attested() {
  local tool image row='p256, attestation of an image'
  image=$(make_image attested/p256)
  step "$row" signed yes countersign sign attestation "$image" \
    -p interop/p256 --predicate predicate.json --type slsaprovenance1 ||
    return 0
  for tool in cosign-v2 cosign-v3; do
    try "$row" "${tool/-v/ }" "$tool" yes kms_verify_attestation "$tool" p256 \
      "$image"
  done
  cell "$row" countersign yes attested_ours p256 "$image"
}
attested_ours() { # KEY IMAGE
  countersign verify attestation "$2" --type slsaprovenance1 \
    --public-key "$1.pub"
}

images_certificate() {
  local form image row
  for form in .sig '.sig and bundle'; do
    row="certificate, $form"
    image=$(make_image "certificate/$(tr -cd a-z <<<"$form")")
    if [[ $form == .sig ]]; then set --; else set -- --bundle; fi
    step "$row" signed yes our_image "$image" -p interop/chain "$@" || continue
    try "$row" 'cosign 2' cosign-v2 yes cosign_certificate cosign-v2 "$image"
    try "$row" 'cosign 3' cosign-v3 yes cosign_certificate cosign-v3 "$image"
    cell "$row" countersign yes countersign verify image "$image" \
      --root root.pem
  done
}

# cosign signs through the KMS plugin. v2 needs no signing configuration.
kms_sign() { # TOOL COMMAND ARGUMENT...
  local tool=$1 command=$2
  shift 2
  case $tool,$command in
    cosign-v2,*) "$tool" "$command" --yes --tlog-upload=false "$@" ;;
    cosign-v3,*) "$tool" "$command" --yes --signing-config signing_config.json \
      --trusted-root empty_root.json "$@" ;;
  esac
}

images_kms() {
  local tool operation key image row
  section 'cosign signs through sigstore-kms-countersign'
  [[ -n ${KMS_PLUGIN:-} ]] || {
    not_here 'sigstore-kms-countersign'
    return
  }
  mkdir -p "$STATE/bin"
  cp "$KMS_PLUGIN" "$STATE/bin/sigstore-kms-countersign"
  for tool in cosign-v2 cosign-v3; do
    have "$tool" || continue
    for operation in plain rsa3072 rsa4096 p256; do
      key=countersign://products/interop/operations/$operation
      row="${tool/-v/ }, $operation"
      image=$(make_image "kms/$tool/$operation")
      cell "$row" public-key yes kms_public_key "$tool" "$key" "$operation"
      if step "$row" sign yes kms_sign "$tool" sign --key "$key" "$image"; then
        cell "$row" 'verify --key countersign://' yes \
          kms_verify "$tool" "$key" "$image"
        # cosign 3 writes bundles alone, which skopeo does not read.
        verify_image_row "$row" "$image" "$operation" \
          "$([[ $tool == cosign-v2 ]] && echo yes || echo no)"
      fi
      image=$(make_image "kms/$tool/attest/$operation")
      if step "$row" attest yes kms_sign "$tool" attest --key "$key" \
        --type slsaprovenance1 --predicate predicate.json "$image"; then
        cell "$row" verify-attestation yes \
          kms_verify_attestation "$tool" "$operation" "$image"
        # cosign 2 keeps attestations under a tag of its own.
        cell "$row" 'countersign verify attestation' \
          "$([[ $tool == cosign-v2 ]] && echo no || echo yes)" \
          attested_ours "$operation" "$image"
      fi
      cell "$row" sign-blob yes kms_sign_blob "$tool" "$key" "$operation"
    done
  done
}
kms_public_key() {
  "$1" public-key --key "$2" >kms.pub && diff kms.pub "$3.pub"
}
kms_verify() {
  "$1" verify --key "$2" --insecure-ignore-tlog=true \
    --trusted-root empty_root.json "$3"
}
kms_verify_attestation() {
  "$1" verify-attestation --key "$2.pub" --insecure-ignore-tlog=true \
    --trusted-root empty_root.json --type slsaprovenance1 "$3"
}
kms_sign_blob() { # TOOL KEY OPERATION
  printf 'a blob of %s\n' "$3" >kms.blob
  if [[ $1 == cosign-v2 ]]; then
    kms_sign "$1" sign-blob --key "$2" --output-signature kms.sig kms.blob &&
      "$1" verify-blob --key "$3.pub" --signature kms.sig \
        --insecure-ignore-tlog=true kms.blob &&
      countersign verify blob kms.blob --signature kms.sig --public-key "$3.pub"
  else
    kms_sign "$1" sign-blob --key "$2" --bundle kms.bundle kms.blob &&
      "$1" verify-blob --key "$3.pub" --bundle kms.bundle \
        --insecure-ignore-tlog=true kms.blob
  fi
}

# What cosign signs with a key of its own.
images_theirs() {
  local tool image row
  section 'Images signed by cosign with its own key'
  offers verify image || {
    not_here 'verify image'
    return
  }
  export COSIGN_PASSWORD=''
  for tool in cosign-v2 cosign-v3; do
    have "$tool" || continue
    "$tool" generate-key-pair --output-key-prefix "own-$tool" \
      >"$LOGS/generate-$tool.log" 2>&1
    row="${tool/-v/ }, its default"
    image=$(make_image "theirs/$tool")
    step "$row" signed yes kms_sign "$tool" sign --key "own-$tool.key" \
      "$image" || continue
    cell "$row" countersign yes our_image_verify "own-$tool" "$image"
    cell "$row" 'countersign, other key' no our_image_verify p256 "$image"
  done
  have cosign-v3 || return 0
  row='cosign 3, as cosign 2 wrote it'
  image=$(make_image theirs/legacy)
  step "$row" signed yes cosign-v3 sign --yes --use-signing-config=false \
    --tlog-upload=false --new-bundle-format=false --key own-cosign-v3.key \
    "$image" || return 0
  cell "$row" countersign yes our_image_verify own-cosign-v3 "$image"
}

# Files and attestations: bundles of ours in cosign and in npm's verifier.
blobs_ours() {
  local operation row
  section 'Files and attestations signed by countersign'
  offers sign attestation || {
    not_here 'sign blob --bundle, sign attestation'
    return
  }
  for operation in plain rsa3072 rsa4096 p256 p384 p521; do
    printf 'a file signed by %s\n' "$operation" >"file-$operation"
    row="$operation, file"
    if step "$row" signed yes countersign sign blob "file-$operation" \
      -p "interop/$operation" --bundle "file-$operation.json"; then
      try "$row" 'cosign 2' cosign-v2 yes blob_cosign_v2 "$operation"
      try "$row" 'cosign 3' cosign-v3 yes blob_cosign_v3 "$operation"
      npm_cell "$row" yes "$operation" "file-$operation.json" \
        "file-$operation"
    fi
    row="$operation, attestation of a file"
    if step "$row" signed yes countersign sign attestation "file-$operation" \
      -p "interop/$operation" --predicate predicate.json \
      --type slsaprovenance1 --bundle "attested-$operation.json"; then
      try "$row" 'cosign 2' cosign-v2 yes attested_cosign cosign-v2 \
        "$operation" --new-bundle-format
      try "$row" 'cosign 3' cosign-v3 yes attested_cosign cosign-v3 "$operation"
      npm_cell "$row" yes "$operation" "attested-$operation.json"
    fi
  done
  row='p256, file, verified with another key'
  cp file-p256 file-other
  cp file-p256.json file-other.json
  cp p384.pub other.pub
  try "$row" 'cosign 2' cosign-v2 no blob_cosign_v2 other
  try "$row" 'cosign 3' cosign-v3 no blob_cosign_v3 other
  npm_cell "$row" no other file-other.json file-other
}
blob_cosign_v2() {
  cosign-v2 verify-blob --key "$1.pub" --bundle "file-$1.json" \
    --new-bundle-format --trusted-root empty_root.json \
    --insecure-ignore-tlog=true "file-$1"
}
blob_cosign_v3() {
  cosign-v3 verify-blob --key "$1.pub" --bundle "file-$1.json" \
    --insecure-ignore-tlog=true "file-$1"
}
attested_cosign() { # TOOL OPERATION [OPTION]...
  "$1" verify-blob-attestation --key "$2.pub" --bundle "attested-$2.json" \
    --type https://slsa.dev/provenance/v1 --insecure-ignore-tlog=true \
    --trusted-root empty_root.json "${@:3}" "file-$2"
}
# npm_cell ROW WANT KEY BUNDLE [FILE]
npm_cell() {
  if [[ -d $NODE_MODULES/@sigstore/verify ]]; then
    cell "$1" '@sigstore/verify' "$2" env NODE_PATH="$NODE_MODULES" \
      node "$HERE/verify_bundle.js" "$3.pub" "$4" "${@:5}"
  else
    record "$1" '@sigstore/verify' 'no tool'
  fi
}
