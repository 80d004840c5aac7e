# The lines of README's "Use it with the tools you have" as they stand there,
# with the real tools. Sourced by interop.sh; $README is the page. A comment
# before the lines says which tool is meant by `ocm` and `cosign`.

# What the lines need, in a folder of their own.
prepare_readme() {
  local port
  port=$(<"$STATE/http_port")
  mkdir -p readme "$STATE/bin" "$OUT/home/.config/ocm/plugins"
  cp -r by-v1 readme/archive
  cp -r by-new readme/archive-new
  cp root.pem p256.pub signing_config.json readme/
  mv readme/signing_config.json readme/signing.json
  cp empty_root.json readme/empty.json
  cp -r registries.d readme/
  printf '{"buildType":"https://ci.example/build"}' >readme/predicate.json
  printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s":[{"type":"sigstoreSigned","keyPath":"%s","signedIdentity":{"type":"matchRepository"}}]}}}' \
    "$REGISTRY" "$WORK/readme/p256.pub" >readme/policy.json
  cat >readme/signer.yaml <<END
type: CountersignSigning/v1alpha1
operation: interop/chain
END
  cat >readme/verifier.yaml <<END
type: CountersignSigning/v1alpha1
rootCertificatesPEMFile: $WORK/root.pem
END
  cp "$OCM_PLUGIN" "$OUT/home/.config/ocm/plugins/ocm-signing-countersign"
  cp "$KMS_PLUGIN" "$STATE/bin/sigstore-kms-countersign"
  # As docs/http.md has it.
  {
    cat <<END
type: generic.config.ocm.software/v1
configurations:
  - type: credentials.config.ocm.software
    consumers:
      - identity:
          type: Signingserver.gardener.cloud
          scheme: https
          hostname: localhost
          port: "$port"
        credentials:
          - type: Credentials
            properties:
END
    local name file
    for name in 'clientCert ci.pem' 'privateKey ci.key' 'caCerts ca.pem'; do
      read -r name file <<<"$name"
      printf '              %s: |\n' "$name"
      sed 's/^/                /' "$STATE/pki/$file"
    done
    cat <<END
  - type: keys.config.ocm.software
    privateKeys:
      release:
        stringdata: "url: https://localhost:$port/products/interop/operations/chain?description=Nightly"
    rootCertificates:
      - path: $WORK/root.pem
END
  } >"$OUT/home/.ocmconfig"
}

# The tools under the names that README uses, by the comment before the lines.
call_it() { # COMMENT
  case $1 in
    *'OCM CLI 0.48'*) ln -sf "${TOOLS[ocm-v1]}" "$STATE/bin/ocm" ;;
    *'new OCM CLI'*)
      # Its configuration has another form.
      mv "$OUT/home/.ocmconfig" "$OUT/home/ocmconfig-v1"
      ln -sf "${TOOLS[ocm-new]}" "$STATE/bin/ocm"
      ;;
  esac
}

readme() {
  section "README's lines"
  local tool line image
  for tool in ocm-v1 ocm-new cosign-v3 skopeo; do
    have "$tool" || {
      not_here "README's lines: they need $tool"
      return 0
    }
  done
  [[ -n ${OCM_PLUGIN:-} && -n ${KMS_PLUGIN:-} && -s $STATE/http_port ]] || {
    not_here "README's lines: door or plugins are missing"
    return 0
  }
  prepare_readme
  ln -sf "${TOOLS[cosign-v3]}" "$STATE/bin/cosign"
  ln -sf "${TOOLS[skopeo]}" "$STATE/bin/skopeo"
  for image in IMAGE OTHER_IMAGE THIRD_IMAGE; do
    declare -gx "$image=$(make_image "readme/$(tr '[:upper:]_' '[:lower:]-' \
      <<<"$image")")"
  done
  cd readme
  while IFS= read -r line; do
    if [[ $line == '#'* ]]; then
      call_it "$line"
    elif [[ $line =~ ^[A-Z]+= ]]; then
      # A variable for the lines that follow.
      eval "export $line"
    else
      cell "${line//|/\\|}" 'ran' yes bash -o pipefail -c "$line"
    fi
  done < <(sed -n '/^```sh$/,/^```$/p' "$README" | grep -v '^```')
  cd ..
}
