# What the rows of ./dev interop run against, all of it on loopback: a
# countersignd over SoftHSM with the product "interop", a registry, a CA whose
# leaf carries the key of interop/chain, and keys of the tools' own. Sourced by
# interop.sh, which sets STATE and WORK.

HERE_SITE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../demo/environment.sh
source "$HERE_SITE/../demo/environment.sh"

# Our own keys, then the ways in: the door exists where the configuration
# knows it.
add_door() {
  cp "$STATE/countersignd.yaml" "$STATE/without-door.yaml"
  cat >>"$STATE/countersignd.yaml" <<END
http:
  address: 127.0.0.1:0
  port_file: $STATE/http_port
  default_operation: products/interop/operations/chain
  paths:
    - path: /k/release
      operation: products/interop/operations/chain
END
  if ! "$COUNTERSIGND" --config "$STATE/countersignd.yaml" --check \
    >"$LOGS/door-check.log" 2>&1; then
    mv "$STATE/without-door.yaml" "$STATE/countersignd.yaml"
  fi
}

# issue NAME ISSUER SUBJECT EXTENSIONS: NAME.csr or a new key's certificate;
# ISSUER "self" signs itself.
issue() {
  local name=$1 issuer=$2 subject=$3 by=()
  [[ -f $name.csr ]] || quiet_openssl req -new -newkey rsa:2048 -nodes \
    -config "$STATE/openssl.cnf" -keyout "$name.key" -out "$name.csr" \
    -subj "$subject"
  printf '%s\n' "$4" >"$name.ext"
  if [[ $issuer == self ]]; then
    by=(-signkey "$name.key")
  else
    by=(-CA "$issuer.pem" -CAkey "$issuer.key" -CAcreateserial)
  fi
  quiet_openssl x509 -req -in "$name.csr" -days 365 -extfile "$name.ext" \
    "${by[@]}" -out "$name.pem"
}

CA_EXTENSIONS=$'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign'
LEAF_EXTENSIONS=$'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\nsubjectAltName=URI:https://ci.example/release,email:release@ci.example'

# Root, intermediate; the leaf of interop/chain (CN=release) and one for the
# tools' own RSA key tool.key.
make_chain() {
  issue root self "/O=Interop/CN=Root" "$CA_EXTENSIONS"
  issue intermediate root "/O=Interop/CN=Intermediate" "$CA_EXTENSIONS"
  countersign --context carol key csr interop/chain --subject CN=release \
    -O leaf.csr >/dev/null 2>&1
  issue leaf intermediate "/CN=release" "$LEAF_EXTENSIONS"
  cat leaf.pem intermediate.pem >chain.pem
  cat intermediate.pem root.pem >roots.pem
  countersign --context carol key set-chain interop/chain chain.pem >/dev/null
  issue tool intermediate "/CN=release" "$LEAF_EXTENSIONS"
  cat tool.pem intermediate.pem >tool-chain.pem
  quiet_openssl pkey -in tool.key -pubout -out tool.pub
}

public_keys() {
  local operation
  for operation in plain chain rsa3072 rsa4096 p256 p384 p521; do
    countersign key public "interop/$operation" -O "$operation.pub" >/dev/null
  done
}

# A registry on a free port; Debian's does not tell which one it took, so one is
# tried after the other.
REGISTRY='' REGISTRY_PID=''
start_registry() {
  local port waited
  for ((port = 20000 + $$ % 20000; ; port++)); do
    cat >"$STATE/registry.yml" <<END
version: 0.1
log: {level: error}
storage:
  filesystem: {rootdirectory: $STATE/registry}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$port"}
END
    docker-registry serve "$STATE/registry.yml" >"$LOGS/registry.log" 2>&1 &
    REGISTRY_PID=$!
    for ((waited = 0; waited < 200; waited++)); do
      kill -0 "$REGISTRY_PID" 2>/dev/null || break
      if curl -fsS "http://127.0.0.1:$port/v2/" >/dev/null 2>&1; then
        REGISTRY=127.0.0.1:$port
        return
      fi
      sleep 0.05
    done
    kill "$REGISTRY_PID" 2>/dev/null || true
    ((port < 41000)) || fail "no free port for the registry"
  done
}

# put_blob REPOSITORY FILE: prints its digest.
put_blob() {
  local digest location
  digest=sha256:$(sha256sum <"$2" | cut -d ' ' -f 1)
  location=$(curl -fsS -X POST -D - -o /dev/null \
    "http://$REGISTRY/v2/$1/blobs/uploads/" |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  curl -fsS -X PUT -H 'Content-Type: application/octet-stream' \
    --data-binary "@$2" "$location&digest=$digest" >/dev/null
  printf '%s' "$digest"
}

# put_manifest REPOSITORY TAG FILE TYPE: prints its digest.
put_manifest() {
  curl -fsS -X PUT -H "Content-Type: $4" --data-binary "@$3" \
    "http://$REGISTRY/v2/$1/manifests/$2" >/dev/null
  printf 'sha256:%s' "$(sha256sum <"$3" | cut -d ' ' -f 1)"
}

# make_image REPOSITORY [TAG]: a small image; prints REGISTRY/REPOSITORY@DIGEST.
# Each repository has an image of its own.
make_image() {
  local folder=$WORK/image config layer digest
  mkdir -p "$folder"
  printf '%s\n' "$1" >"$folder/hello"
  tar -C "$folder" -cf "$folder/layer.tar" hello
  layer=$(put_blob "$1" "$folder/layer.tar")
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
    "$layer" >"$folder/config.json"
  config=$(put_blob "$1" "$folder/config.json")
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%s}]}' \
    "$config" "$(stat -c %s "$folder/config.json")" "$layer" \
    "$(stat -c %s "$folder/layer.tar")" >"$folder/manifest.json"
  digest=$(put_manifest "$1" "${2:-v1}" "$folder/manifest.json" \
    application/vnd.oci.image.manifest.v1+json)
  printf '%s/%s@%s' "$REGISTRY" "$1" "$digest"
}

start_site() {
  make_site
  add_door
  put_client_on_path
  start_server
  start_registry
  cd "$WORK"
  countersign --context carol product create "$HERE_SITE/product.json" \
    --set PRODUCTNAME=Interop >/dev/null 2>&1
  countersign --context bob product approve interop --yes >/dev/null
  make_chain
  public_keys
}

stop_site() {
  [[ -z $REGISTRY_PID ]] || kill "$REGISTRY_PID" 2>/dev/null || true
  stop_server
}
