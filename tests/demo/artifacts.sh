# What a build leaves and other tools keep, made here with coreutils alone: a
# component version in a CTF (OCM common transport format), a registry on
# loopback, and an image in it. Sourced by demo.sh and by tests; uses STATE and
# `fail` of environment.sh.

octets() { stat -c %s "$1"; }
sha256_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# put_blob CTF FILE: into the CTF; prints "DIGEST","size":SIZE for JSON.
put_blob() {
  local hex
  hex=$(sha256_of "$2")
  cp "$2" "$1/blobs/sha256.$hex"
  printf '"sha256:%s","size":%s' "$hex" "$(octets "$2")"
}

# make_component_version CTF NAME VERSION FILE [REFERENCE]...: one version with
# FILE as its one resource, without digests, and with references to components
# (NAME:VERSION) that stand in the same CTF.
make_component_version() {
  local ctf=$1 name=$2 version=$3 file=$4 reference references=() work content
  local layer descriptor=application/vnd.ocm.software.component-descriptor.v2+json
  shift 4
  work=$(mktemp -d)
  mkdir -p "$ctf/blobs"
  content=$(put_blob "$ctf" "$file")
  for reference; do
    references+=("{\"name\":\"$(basename "${reference%:*}")\",\
\"version\":\"${reference##*:}\",\"componentName\":\"${reference%:*}\"}")
  done
  cat >"$work/descriptor" <<END
{"meta":{"schemaVersion":"v2"},"component":{
"name":"$name","version":"$version","provider":"Demo",
"repositoryContexts":[],"sources":[],
"componentReferences":[$(IFS=,; printf '%s' "${references[*]-}")],
"resources":[{"name":"$(basename "$file")","version":"$version",
"type":"blob","relation":"local","access":{"type":"localBlob",
"localReference":${content%%,*},"mediaType":"application/octet-stream"}}]}}
END
  layer="{\"mediaType\":\"$descriptor\",\
\"digest\":$(put_blob "$ctf" "$work/descriptor")}"
  printf '{"componentDescriptorLayer":%s}' "$layer" >"$work/config"
  cat >"$work/manifest" <<END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":{"mediaType":"application/vnd.ocm.software.component.config.v1+json",
"digest":$(put_blob "$ctf" "$work/config")},
"layers":[$layer,{"mediaType":"application/octet-stream","digest":$content}]}
END
  content=$(put_blob "$ctf" "$work/manifest")
  printf '{"repository":"component-descriptors/%s","tag":"%s","digest":%s}\n' \
    "$name" "$version" "${content%%,*}" >>"$ctf/entries"
  {
    printf '{"schemaVersion":1,"artifacts":[%s]}' \
      "$(paste -sd, "$ctf/entries")"
  } >"$ctf/artifact-index.json"
  rm -r "$work"
}
# After the last version: what OCM tools would not expect goes.
finish_ctf() { rm "$1/entries"; }

# http METHOD PATH [FILE TYPE]: a request to the registry; prints the answer.
http() {
  local file=${3:-/dev/null} connection
  exec {connection}<>"/dev/tcp/127.0.0.1/$REGISTRY_PORT"
  {
    printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n' \
      "$1" "$2" "$REGISTRY_PORT"
    printf 'Content-Type: %s\r\nContent-Length: %s\r\n\r\n' \
      "${4:-application/octet-stream}" "$(octets "$file")"
    cat "$file"
  } >&"$connection"
  cat <&"$connection" | tr -d '\r'
  exec {connection}>&-
}

# A registry of Debian's on a free port of loopback, over plain HTTP.
start_registry() {
  local try waited
  mkdir -p "$STATE/registry"
  for ((try = 0; try < 20; try++)); do
    REGISTRY_PORT=$((20000 + RANDOM % 12000))
    cat >"$STATE/registry.yml" <<END
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $STATE/registry}}
http: {addr: "127.0.0.1:$REGISTRY_PORT"}
END
    docker-registry serve "$STATE/registry.yml" \
      >>"$STATE/registry.log" 2>&1 </dev/null &
    REGISTRY_PID=$!
    for ((waited = 0; waited < 200; waited++)); do
      kill -0 "$REGISTRY_PID" 2>/dev/null || continue 2
      if (http GET /v2/) 2>/dev/null | grep -q '^HTTP/1.1 200'; then return; fi
      sleep 0.05
    done
    stop_registry
  done
  fail "no registry came up: $(tail -n 3 "$STATE/registry.log")"
}
stop_registry() {
  [[ -n ${REGISTRY_PID:-} ]] || return 0
  kill "$REGISTRY_PID" 2>/dev/null || true
  wait "$REGISTRY_PID" 2>/dev/null || true
  REGISTRY_PID=''
}

# upload REPOSITORY FILE: as a blob; prints "DIGEST","size":SIZE for JSON.
upload() {
  local hex location
  hex=$(sha256_of "$2")
  location=$(http POST "/v2/$1/blobs/uploads/" | sed -n 's/^Location: //Ip')
  [[ -n $location ]] || fail "the registry opens no upload for $1"
  location=/v2/${location#*/v2/}
  http PUT "$location&digest=sha256:$hex" "$2" | grep -q '^HTTP/1.1 201' ||
    fail "the registry does not take a blob of $1"
  printf '"sha256:%s","size":%s' "$hex" "$(octets "$2")"
}

# push_image REPOSITORY TAG FILE: an image whose one layer is FILE; prints the
# digest of its manifest.
push_image() {
  local type=application/vnd.oci.image.manifest.v1+json work
  work=$(mktemp -d)
  printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers",%s' \
    "\"diff_ids\":[\"sha256:$(sha256_of "$3")\"]},\"config\":{}}" \
    >"$work/config"
  cat >"$work/manifest" <<END
{"schemaVersion":2,"mediaType":"$type",
"config":{"mediaType":"application/vnd.oci.image.config.v1+json",
"digest":$(upload "$1" "$work/config")},
"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",
"digest":$(upload "$1" "$3")}]}
END
  http PUT "/v2/$1/manifests/$2" "$work/manifest" "$type" |
    grep -q '^HTTP/1.1 201' || fail "the registry does not take image $1:$2"
  printf 'sha256:%s' "$(sha256_of "$work/manifest")"
  rm -r "$work"
}
