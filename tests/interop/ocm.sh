# Rows of ./dev interop for the Open Component Model. Sourced by interop.sh,
# after start_site, in its working folder.

OCM_COMPONENT=acme.org/interop/app
OCM_REF=//$OCM_COMPONENT:1.0.0

# Archives with one version each: by-v1 (YAML in a tar) and by-new (JSON).
make_archives() {
  printf 'some data\n' >data.txt
  cat >constructor.yaml <<END
components:
  - name: $OCM_COMPONENT
    version: 1.0.0
    provider: {name: acme.org}
    labels:
      - {name: stage, value: "<release & more>", signing: true}
    resources:
      - name: data
        type: plainText
        input: {type: utf8, text: hello}
END
  if have ocm-v1; then
    ocm-v1 add cv -c -F by-v1 constructor.yaml >"$LOGS/add-v1.log" 2>&1
  fi
  if have ocm-new; then
    ocm-new add cv --repository ctf::by-new --constructor constructor.yaml \
      >"$LOGS/add-new.log" 2>&1
  fi
  # What signs and verifies where only one of the tools is there.
  if [[ -d by-v1 ]]; then cp -r by-v1 source; else cp -r by-new source; fi
}

# Configurations of the new tool: new-pub-ALGORITHM.yaml verifies with a key,
# new-root-ALGORITHM.yaml with a root, new-key-ALGORITHM.yaml signs.
new_configuration() {
  cat <<END
type: generic.config.ocm.software/v1
configurations:
  - type: credentials.config.ocm.software
    consumers:
      - identity: {type: RSA/v1alpha1, algorithm: $1, signature: release}
        credentials:
          - type: RSACredentials/v1
$(printf '            %s\n' "${@:2}")
END
}
make_new_configurations() {
  local algorithm operation
  for algorithm in RSASSA-PKCS1-V1_5 RSASSA-PSS; do
    for operation in plain chain tool; do
      new_configuration "$algorithm" "publicKeyPEMFile: $WORK/$operation.pub" \
        >"new-pub-$operation-$algorithm.yaml"
    done
    new_configuration "$algorithm" "publicKeyPEMFile: $WORK/root.pem" \
      >"new-root-$algorithm.yaml"
    new_configuration "$algorithm" "privateKeyPEMFile: $WORK/tool.key" \
      "publicKeyPEMFile: $WORK/tool-chain.pem" >"new-key-$algorithm.yaml"
    for encoding in Plain PEM; do
      printf 'type: RSASigningConfiguration/v1alpha1\nsignatureAlgorithm: %s\nsignatureEncodingPolicy: %s\n' \
        "$algorithm" "$encoding" >"spec-$algorithm-$encoding.yaml"
    done
  done
}

# The four ways of the two tools, and ours, to verify REF, which was signed by
# KEY (a file KEY.pub; "-" for none).
v1_key() { ocm-v1 verify cv -s release -k "$2.pub" "$1"; }
v1_root() { ocm-v1 verify cv -s release --ca-cert roots.pem "$1"; }
new_verify() {
  ocm-new verify cv "$1" --signature release --config "$2" 2>&1 |
    tee /dev/stderr | grep 'SIGNATURE VERIFICATION SUCCESSFUL' >/dev/null
}
new_key() { new_verify "ctf::$1" "new-pub-$2-$3.yaml"; }
new_root() { new_verify "ctf::$1" "new-root-$3.yaml"; }
our_key() {
  countersign verify component-version "$1" --signature release \
    --public-key "$2.pub"
}
our_root() {
  countersign verify component-version "$1" --signature release \
    --root root.pem
}

# verify_row ROW REF KEY ALGORITHM V1KEY V1ROOT NEWKEY NEWROOT OURKEY OURROOT
verify_row() {
  local row=$1 ref=$2 key=$3 algorithm=$4
  shift 4
  try "$row" 'ocm v1, key' ocm-v1 "$1" v1_key "$ref" "$key"
  try "$row" 'ocm v1, root' ocm-v1 "$2" v1_root "$ref"
  try "$row" 'ocm new, key' ocm-new "$3" new_key "$ref" "$key" "$algorithm"
  try "$row" 'ocm new, root' ocm-new "$4" new_root "$ref" - "$algorithm"
  if offers verify component-version; then
    cell "$row" 'countersign, key' "$5" our_key "$ref" "$key"
    cell "$row" 'countersign, root' "$6" our_root "$ref"
  fi
}

our_sign() { countersign sign component-version "$@" --signature release; }

# Every encoding, scheme and hash of ours.
ocm_ours() {
  local encoding algorithm hash row folder
  section 'Component versions signed by countersign'
  offers sign component-version || {
    not_here 'sign component-version'
    return
  }
  for encoding in hex pem; do
    for algorithm in RSASSA-PKCS1-V1_5 RSASSA-PSS; do
      for hash in SHA-256 SHA-512; do
        row="$encoding, $algorithm, $hash"
        folder=ours-$encoding-$algorithm-$hash
        cp -r source "$folder"
        step "$row" signed yes our_sign "./$folder$OCM_REF" \
          -p interop/chain --algorithm "$algorithm" --hash "$hash" \
          --encoding "$encoding" || continue
        case $encoding,$algorithm in
          hex,RSASSA-PKCS1-V1_5) set -- yes no yes no yes no ;;
          # facts: the classic tool compares with the media type of PKCS1.
          hex,RSASSA-PSS) set -- no no yes no yes no ;;
          # PEM wants certificates in the new tool, not a bare key.
          pem,*) set -- yes yes no yes yes yes ;;
        esac
        verify_row "$row" "./$folder$OCM_REF" chain "$algorithm" "$@"
      done
    done
  done
}

# Each form of storage, written back by us. The signature is hex, PKCS1.
ocm_storage() {
  local form
  section 'Where component versions lie: signed by countersign in place'
  offers sign component-version || {
    not_here 'sign component-version'
    return
  }
  store_folder by-v1 'folder of ocm v1 (YAML in a tar)'
  store_folder by-new 'folder of ocm new (JSON)'
  if [[ -d by-v1 ]]; then
    tar -C by-v1 -cf ours.tar artifact-index.json blobs
    tar -C by-v1 -czf ours.tgz artifact-index.json blobs
    for form in tar tgz; do
      step "$form" signed yes our_sign "./ours.$form$OCM_REF" \
        -p interop/plain || continue
      verify_row "$form" "./ours.$form$OCM_REF" plain RSASSA-PKCS1-V1_5 \
        yes no yes no yes no
    done
  fi
  store_registry ocm-v1 'registry, put there by ocm v1'
  store_registry ocm-new 'registry, put there by ocm new'
}
store_folder() {
  [[ -d $1 ]] || return 0
  cp -r "$1" "stored-$1"
  step "$2" signed yes our_sign "./stored-$1$OCM_REF" -p interop/plain ||
    return 0
  verify_row "$2" "./stored-$1$OCM_REF" plain RSASSA-PKCS1-V1_5 \
    yes no yes no yes no
}

# store_registry TOOL ROW
store_registry() {
  local row=$2 repository=http://$REGISTRY/$1
  have "$1" || return 0
  if [[ $1 == ocm-v1 ]]; then
    step "$row" 'put there' yes ocm-v1 transfer cv -f "source$OCM_REF" \
      "$repository" || return 0
  else
    step "$row" 'put there' yes ocm-new transfer cv "ctf::by-new$OCM_REF" \
      "$repository" || return 0
  fi
  step "$row" signed yes our_sign "$repository$OCM_REF" -p interop/plain ||
    return 0
  try "$row" 'ocm v1, key' ocm-v1 yes v1_key "$repository$OCM_REF" plain
  try "$row" 'ocm new, key' ocm-new yes new_verify "$repository$OCM_REF" \
    new-pub-plain-RSASSA-PKCS1-V1_5.yaml
  cell "$row" 'countersign, key' yes our_key "$repository$OCM_REF" plain
}

# A tree: product refers to library. One request of ours signs both; the classic
# tool computes the content and the reference again. What was changed afterwards
# is refused by both.
ocm_trees() {
  section 'Trees: a version that refers to another one'
  offers sign component-version || {
    not_here 'sign component-version'
    return
  }
  have ocm-v1 || {
    not_here 'ocm v1'
    return
  }
  cat >tree.yaml <<END
components:
  - name: acme.org/interop/library
    version: 2.0.0
    provider: {name: acme.org}
    resources:
      - {name: code, type: plainText, input: {type: utf8, text: library}}
  - name: acme.org/interop/product
    version: 1.0.0
    provider: {name: acme.org}
    componentReferences:
      - name: library
        componentName: acme.org/interop/library
        version: 2.0.0
    resources:
      - {name: code, type: plainText, input: {type: utf8, text: product}}
END
  ocm-v1 add cv -c -F tree-source tree.yaml >"$LOGS/add-tree.log" 2>&1
  local row top=//acme.org/interop/product:1.0.0
  local below=//acme.org/interop/library:2.0.0
  row='countersign signs the root'
  cp -r tree-source tree-root
  if step "$row" signed yes our_sign "./tree-root$top" -p interop/plain; then
    tree_row "$row" tree-root "$top" plain
  fi
  row='countersign signs all (--recursive)'
  cp -r tree-source tree-all
  if step "$row" signed yes our_sign "./tree-all$top" -p interop/plain \
    --recursive; then
    tree_row "$row" tree-all "$top" plain
    tree_row "$row, the library" tree-all "$below" plain
  fi
  row='ocm v1 signs the root'
  cp -r tree-source tree-v1
  if step "$row" signed yes ocm-v1 sign cv -s release -K tool.key \
    "./tree-v1$top"; then
    tree_row "$row" tree-v1 "$top" tool
  fi
  row='a blob changed afterwards'
  cp -r tree-root tree-changed
  change_blob tree-changed library
  tree_changed "$row" tree-changed "$top"
}
tree_row() {
  cell "$1" 'ocm v1, key' yes v1_key "./$2$3" "$4"
  # It checks neither content nor references.
  try "$1" 'ocm new, key' ocm-new yes new_key "./$2$3" "$4" RSASSA-PKCS1-V1_5
  cell "$1" 'countersign, key' yes our_key "./$2$3" "$4"
}
tree_changed() {
  cell "$1" 'ocm v1, key' no v1_key "./$2$3" plain
  try "$1" 'ocm new, key' ocm-new yes new_key "./$2$3" plain RSASSA-PKCS1-V1_5
  cell "$1" 'countersign, key' no our_key "./$2$3" plain
}
# change_blob FOLDER TEXT: the blob with exactly this text gets another one.
change_blob() {
  local blob=$1/blobs/sha256.$(printf '%s' "$2" | sha256sum | cut -d ' ' -f 1)
  [[ -f $blob ]] || fail "no blob with the text $2"
  printf 'X%s' "${2:1}" >"$blob"
}

# What the tools sign with their own key, verified by us and by each other.
ocm_theirs() {
  section 'Component versions signed by the tools'
  offers verify component-version ||
    not_here 'verify component-version'
  local algorithm encoding hash
  for algorithm in RSASSA-PKCS1-V1_5 RSASSA-PSS; do
    for hash in SHA-256 SHA-512; do
      theirs_v1 "$algorithm" "$hash"
      for encoding in Plain PEM; do
        theirs_new "$algorithm" "$hash" "$encoding"
      done
    done
  done
}
theirs_v1() {
  have ocm-v1 || return 0
  local row="ocm v1: $1, $2, hex" folder=theirs-v1-$1-$2
  cp -r source "$folder"
  step "$row" signed yes ocm-v1 sign cv -s release -K tool.key -S "$1" -H "$2" \
    "./$folder$OCM_REF" || return 0
  if [[ $1 == RSASSA-PSS ]]; then set -- "$1" no; else set -- "$1" yes; fi
  verify_row "$row" "./$folder$OCM_REF" tool "$1" "$2" no yes no yes no
}
theirs_new() {
  have ocm-new || return 0
  [[ -d by-new ]] || return 0
  local row="ocm new: $1, $2, $3" folder=theirs-new-$1-$2-$3
  cp -r by-new "$folder"
  step "$row" signed yes ocm-new sign cv "ctf::$folder$OCM_REF" \
    --signature release --hash "$2" --config "new-key-$1.yaml" \
    --signer-spec "spec-$1-$3.yaml" || return 0
  # The classic tool does not know v4alpha1, which the new one writes.
  if [[ $3 == PEM ]]; then
    verify_row "$row" "./$folder$OCM_REF" tool "$1" no no no yes yes yes
  else
    verify_row "$row" "./$folder$OCM_REF" tool "$1" no no yes no yes no
  fi
}

# The signing-service protocol: the classic tool signs through our door.
ocm_door() {
  section 'The signing-service door: ocm v1 signs through countersignd'
  [[ -s $STATE/http_port ]] || {
    not_here 'the door (http in the configuration)'
    return
  }
  have ocm-v1 || {
    not_here 'ocm v1'
    return
  }
  local signer scheme url row folder path
  url=https://localhost:$(<"$STATE/http_port")
  for signer in rsa-signingservice rsapss-signingservice; do
    scheme=RSASSA-PKCS1-V1_5
    [[ $signer == rsa-signingservice ]] || scheme=RSASSA-PSS
    for path in '' /products/interop/operations/chain \
      '/k/release?description=release%20of%20app&label=app&context.ticket=REL-7'; do
      row="$signer, URL ${path:-without a path}"
      folder=door-$signer-$(tr -c 'a-z\n' - <<<"$path")
      cp -r source "$folder"
      step "$row" signed yes door_sign "$signer" "$url$path" "./$folder$OCM_REF" ||
        continue
      # `issuer` as the classic tool writes it stops the new one.
      verify_row "$row" "./$folder$OCM_REF" chain "$scheme" \
        yes yes no no yes yes
    done
  done
  cell 'no client certificate' signed no door_without_certificate "$url"
  cell 'signature name other than the CN' signed no door_sign_as other \
    rsapss-signingservice "$url" "./source$OCM_REF"
}
# Trusts the door, and has nothing to show.
door_without_certificate() {
  SSL_CERT_FILE=$STATE/pki/ca.pem ocm-v1 sign cv -S rsapss-signingservice \
    -K "=url: $1" -s release --ca-cert root.pem "./source$OCM_REF"
}
door_sign() { door_sign_as release "$@"; }
door_sign_as() {
  local port=${3#https://localhost:}
  ocm-v1 --cred :type=Signingserver.gardener.cloud --cred :hostname=localhost \
    --cred :port="${port%%/*}" --cred clientCert="$(<"$STATE/pki/ci.pem")" \
    --cred privateKey="$(<"$STATE/pki/ci.key")" \
    --cred caCerts="$(<"$STATE/pki/ca.pem")" \
    sign cv -S "$2" -K "=url: $3" -s "$1" --ca-cert root.pem "$4"
}

# The plugin for the new tool: signer specifications of ours.
ocm_plugin() {
  section 'The signing plugin: ocm new signs and verifies through countersign'
  [[ -n ${OCM_PLUGIN:-} ]] || {
    not_here 'the plugin for ocm new'
    return
  }
  have ocm-new || {
    not_here 'ocm new'
    return
  }
  mkdir -p plugins
  cp "$OCM_PLUGIN" plugins/ocm-signing-countersign
  local encoding algorithm hash
  for encoding in Plain PEM; do
    for algorithm in RSASSA-PKCS1-V1_5 RSASSA-PSS; do
      for hash in SHA-256 SHA-512; do
        plugin_row "$encoding" "$algorithm" "$hash"
      done
    done
  done
}
# plugin_row ENCODING ALGORITHM HASH
plugin_row() {
  local row="$1, $2, $3" folder=plugin-$1-$2-$3
  cat >"$folder-sign.yaml" <<END
type: CountersignSigning/v1alpha1
operation: interop/chain
signatureEncodingPolicy: $1
signatureAlgorithm: $2
END
  printf 'type: CountersignSigning/v1alpha1\noperation: interop/chain\n' \
    >"$folder-verify.yaml"
  if [[ $1 == PEM ]]; then
    printf 'rootCertificatesPEMFile: %s/root.pem\n' "$WORK" \
      >>"$folder-verify.yaml"
  fi
  cp -r by-new "$folder"
  step "$row" signed yes ocm-new sign cv "ctf::$folder$OCM_REF" \
    --signature release --hash "$3" --plugin-directory plugins \
    --signer-spec "$folder-sign.yaml" || return 0
  cell "$row" 'ocm new, plugin' yes ocm-new verify cv "ctf::$folder$OCM_REF" \
    --signature release --plugin-directory plugins \
    --verifier-spec "$folder-verify.yaml"
  # The name jsonNormalisation/v4alpha1 is unknown to the classic tool.
  if [[ $1 == PEM ]]; then
    verify_row "$row" "./$folder$OCM_REF" chain "$2" no no no yes yes yes
  else
    verify_row "$row" "./$folder$OCM_REF" chain "$2" no no yes no yes no
  fi
}
