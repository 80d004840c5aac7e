#!/usr/bin/env bash
# The main job, start to end, as users would type it: products are created and
# approved, digests are asked for, agreed to, signed by keys in a token, recorded,
# and verified. `./dev demo` calls it, and so does //tests:demo_test.
#
#   DEMO_STATE   folder for CA, token, database and log of the server (made anew)
#   DEMO_OUT     folder for the results (made anew)
#   COUNTERSIGND, COUNTERSIGN, COUNTERSIGN_HSM   the binaries
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=${DEMO_STATE:?} OUT=${DEMO_OUT:?}
: "${COUNTERSIGND:?}" "${COUNTERSIGN:?}" "${COUNTERSIGN_HSM:?}"
# shellcheck source=environment.sh
source "$HERE/environment.sh"
# shellcheck source=artifacts.sh
source "$HERE/artifacts.sh"
# shellcheck source=tools.sh
source "$HERE/tools.sh"
# shellcheck source=job_token.sh
source "$HERE/job_token.sh"
# shellcheck source=issuing.sh
source "$HERE/issuing.sh"

BOLD='' PLAIN=''
if [[ -t 1 ]]; then BOLD=$'\e[1m' PLAIN=$'\e[0m'; fi

title() { printf '\n%s== %s%s\n' "$BOLD" "$*" "$PLAIN"; }
note() { printf '# %s\n' "$*"; }

# Prints a command as a user would type it, runs it, wants this exit code.
expect() {
  local want=$1 got=0
  printf '\n%s$ %s%s\n' "$BOLD" "$2" "$PLAIN"
  # A shell of its own: `exit` or a changed option stays in there.
  bash -o pipefail -c "$2" 2>&1 || got=$?
  ((got == want)) || fail "exit code $got, expected $want: $2"
}
run() { expect 0 "$1"; }
# One that has to be refused, with this exit code of `countersign`.
refused() {
  expect "$1" "$2"
  note "exit code $1"
}

# Names of the pending signing requests, newest first.
pending() {
  countersign --context alice request list --pending -o json |
    grep -oE '"name": *"[^"]+/signingRequests/[^"]+"' | cut -d '"' -f 4
}

# start_waiting FILE COMMAND: in the background, as in CI; its words go to FILE.
# Returns when its request can be seen; REQUEST is its name.
start_waiting() {
  local waited
  printf '\n%s$ %s &%s\n' "$BOLD" "$2" "$PLAIN"
  bash -o pipefail -c "$2" >"$1" 2>&1 &
  CI_PID=$!
  for ((waited = 0; waited < 200; waited++)); do
    REQUEST=$(pending | head -n 1) || true
    [[ -n $REQUEST ]] && return 0
    kill -0 "$CI_PID" 2>/dev/null || fail "$(<"$1")"
    sleep 0.05
  done
  fail "no request came within 10 s: $(<"$1")"
}
# Waits for what start_waiting left running; prints what it said.
finish_waiting() {
  local got=0
  wait "$CI_PID" || got=$?
  printf '\n'
  note "meanwhile in the pipeline's log:"
  cat "$1"
  ((got == $2)) || fail "the pipeline ended with exit code $got, not $2"
}

products() {
  title "1. The administrator creates products, another person approves them"
  run "countersign --context carol whoami"
  run "countersign --context carol product create products/digest-signing.json \
--set PRODUCTNAME=Checkout --set WRITERGROUP=ci-pipelines \
--set APPROVERGROUP=release-approvers"
  run "countersign --context carol product create \
products/detached-signature.json --set PRODUCTNAME=Installer \
--set WRITERGROUP=ci-pipelines --set APPROVERGROUP=release-approvers \
--set ENDSIGPROFILEID=code-signing"
  run "countersign --context bob product approve checkout --yes"
  run "countersign --context bob product approve installer --yes"
  note "The keys are in the token:"
  run "countersign --context carol key list checkout/component-signing"
}

component() {
  title "2. CI signs a component descriptor; a person has to agree"
  run "countersign hash component-descriptor component-descriptor.yaml"
  run "countersign hash component-descriptor component-descriptor.yaml \
--normalised -O component.normalised"
  start_waiting "$STATE/component.log" "countersign --context ci sign \
component-descriptor component-descriptor.yaml \
-p checkout/component-signing --signature release --description \
'Checkout 2.4.1, build 1077' --context pipeline=checkout/main/1077"
  run "countersign --context alice request list --pending"
  run "countersign --context alice request show $REQUEST"
  run "countersign --context alice approve $REQUEST --yes \
--reason 'Release 2.4.1 as planned'"
  finish_waiting "$STATE/component.log" 0
  run "sed -n '/^signatures:/,\$p' component-descriptor.yaml | cut -c 1-100"
}

blob() {
  title "3. CI signs a file with ECDSA; nobody has to agree"
  printf 'checkout-2.4.1.tar.gz, as far as this demo is concerned\n' >blob
  run "countersign --context ci sign blob blob -p checkout/build-artefacts \
-O blob.sig"
}

detached() {
  title "4. A detached signature with its certificate chain"
  run "countersign --context carol key csr installer/installer-signing \
-O installer.csr"
  note "The code-signing CA's work, done with openssl:"
  sign_installer_certificate
  run "countersign --context carol key set-chain installer/installer-signing \
chain.pem"
  printf 'installer-2.4.1.exe, as far as this demo is concerned\n' >detached
  start_waiting "$STATE/detached.log" "countersign --context ci sign blob \
detached -p installer/installer-signing --format pem -O detached.pem \
--description 'Installer 2.4.1'"
  run "countersign --context bob approve $REQUEST --yes"
  finish_waiting "$STATE/detached.log" 0
  run "grep -A 1 -e '-----' -e 'Signature Algorithm' detached.pem"
}

# A root and an intermediate of the demo's own; the leaf from the CSR.
sign_installer_certificate() {
  local ca=$STATE/code-signing
  mkdir -p "$ca"
  (
    umask 077
    make_ca "$ca/root" "Demo code signing root"
    quiet_openssl req -x509 -config "$STATE/openssl.cnf" -days 1825 -nodes \
      -newkey rsa:2048 -subj "/O=Demo/CN=Demo code signing CA 1" \
      -CA "$ca/root.pem" -CAkey "$ca/root.key" \
      -addext basicConstraints=critical,CA:true,pathlen:0 \
      -addext keyUsage=critical,keyCertSign,cRLSign \
      -keyout "$ca/intermediate.key" -out "$ca/intermediate.pem"
  )
  cat >"$ca/leaf.ext" <<'END'
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
END
  run "openssl req -in installer.csr -noout -verify -subject"
  quiet_openssl x509 -req -in installer.csr -CA "$ca/intermediate.pem" \
    -CAkey "$ca/intermediate.key" -days 365 -extfile "$ca/leaf.ext" \
    -out "$ca/leaf.pem"
  cat "$ca/leaf.pem" "$ca/intermediate.pem" >chain.pem
  cp "$ca/root.pem" root.pem
  chmod 0644 root.pem chain.pem
}

refusals() {
  title "5. A request is rejected; a requester may not agree to its own"
  printf 'a hotfix that nobody tested\n' >hotfix
  start_waiting "$STATE/rejected.log" "countersign --context ci sign blob \
hotfix -p checkout/component-signing --description 'Hotfix, urgent!'"
  run "countersign --context bob reject $REQUEST \
--reason 'Not tested; see the release checklist'"
  finish_waiting "$STATE/rejected.log" 4

  note "Alice asks by hand. She is an approver, but not of her own request:"
  run "countersign --context alice sign blob hotfix \
-p checkout/component-signing --no-wait"
  REQUEST=$(pending | head -n 1)
  refused 3 "countersign --context alice approve $REQUEST --yes"
  run "countersign --context alice request cancel $REQUEST \
--reason 'Goes into the next release'"
}

verification() {
  title "6. Every signature is checked: with openssl alone, and with countersign"
  note "The component descriptor: RSASSA-PKCS1-v1_5 over what was normalised"
  run "countersign --context ci key public checkout/component-signing \
-O component.pub.pem"
  run "grep -oE '[0-9a-f]{1024}' component-descriptor.yaml | \
perl -ne 'chomp; print pack \"H*\", \$_' > component.sig"
  run "openssl dgst -sha256 -verify component.pub.pem \
-signature component.sig component.normalised"
  run "countersign verify component-descriptor component-descriptor.yaml \
--signature release --public-key component.pub.pem"
  note "The file: ECDSA over SHA-256, DER"
  run "countersign --context ci key public checkout/build-artefacts \
-O blob.pub.pem"
  run "openssl dgst -sha256 -verify blob.pub.pem -signature blob.sig blob"
  run "countersign verify blob blob --signature blob.sig \
--public-key blob.pub.pem"
  note "The detached signature: chain to the root, then the leaf's key"
  run "sed '1,/END SIGNATURE/d' detached.pem > detached.chain.pem"
  run "openssl verify -CAfile root.pem -untrusted detached.chain.pem \
detached.chain.pem"
  run "openssl x509 -in detached.chain.pem -noout -pubkey > detached.pub.pem"
  run "sed '/END SIGNATURE/q' detached.pem | grep -vE -e '^-|:|^\$' | \
openssl base64 -d > detached.sig"
  run "openssl dgst -sha256 -verify detached.pub.pem \
-signature detached.sig detached"
  run "countersign verify blob detached --signature detached.pem \
--root root.pem"
  note "And a changed file is found out:"
  printf 'something else\n' >tampered
  refused 9 "countersign verify blob tampered --signature blob.sig \
--public-key blob.pub.pem"
}

keys() {
  title "7. A key is rotated; the old one signs no more, but still verifies"
  run "countersign --context carol key show checkout/build-artefacts/1"
  run "countersign --context carol key rotate checkout/build-artefacts --yes"
  run "countersign --context carol key disable checkout/build-artefacts/1 \
--reason 'Rotated: release 2.4.1 is out'"
  run "countersign --context carol key list checkout/build-artefacts"
  run "countersign --context ci sign blob blob -p checkout/build-artefacts \
-O blob2.sig"
  run "countersign --context ci key public checkout/build-artefacts \
-O blob2.pub.pem"
  run "openssl dgst -sha256 -verify blob2.pub.pem -signature blob2.sig blob"
  run "openssl dgst -sha256 -verify blob.pub.pem -signature blob.sig blob"
}

# Leaves are brought into the tree some moments after they are numbered. Waits
# until the newest checkpoint covers all that has happened.
await_integration() {
  local waited leaves
  leaves=$(countersign --context dave audit list -o json |
    grep -c '"leafIndex"')
  for ((waited = 0; waited < 100; waited++)); do
    (($(countersign --context dave audit checkpoint | sed -n 2p) >= leaves)) &&
      return 0
    sleep 0.05
  done
  fail "the log's checkpoint stays behind its $leaves leaves"
}

audit() {
  title "12. The auditor: who used which key and when, and what was denied"
  note "A pipeline tries to read the record, which is not for it:"
  refused 3 "countersign --context ci audit list"
  run "countersign --context dave audit list --type CALL_DENIED"
  run "countersign --context dave audit list"
  await_integration
  run "countersign --context dave audit checkpoint -O checkpoint \
--key-output log-key.pub"
  run "cat checkpoint"
  run "countersign --context dave audit verify --log-key log-key.pub \
--previous checkpoint"
  run "countersign --context dave audit list -o json > events.json"
  run "countersign --context dave request list -o json > requests.json"
}

summary() {
  local events
  events=$(grep -c '"leafIndex"' events.json)
  title "Done in $SECONDS s"
  cat <<END
Eight signatures were made by keys that never left the token, each agreed to as
its rule says. One request was rejected, one self-approval refused, and two tokens
that proved the wrong thing. All of it is in the record: $events events, verified.

Results: ${OUT/#$PWD\//}
  component-descriptor.yaml  signed; component.normalised: the bytes hashed;
                             component.pub.pem
  blob, blob.sig, blob.pub.pem, and by the next key blob2.sig, blob2.pub.pem
  detached, detached.pem, root.pem
  release.ctf, release.pub.pem, image.pub.pem
  gateway, gateway.sig, gateway.pub.pem: asked for with a job's token
  issued.pem (leaf first), issued-root.pem, issued.crl.pem
  requests.json, events.json, checkpoint, log-key.pub
END
}

main() {
  rm -rf "${OUT:?}"
  mkdir -p "$OUT"
  stop_server
  make_site
  make_job_issuer
  configure_job_issuer
  make_issuing_ca
  put_client_on_path
  cp -r "$HERE/products" "$OUT/products"
  cp "$HERE/component-descriptor.yaml" "$OUT/"
  chmod -R u+w "$OUT"
  trap 'stop_registry; stop_server' EXIT
  start_server
  add_job_context
  note "A server is up on 127.0.0.1:$(<"$STATE/port"), its token, CA and" \
    "identities are under ${STATE}."
  note "Who is who: ci (a pipeline), alice and bob (approvers), carol" \
    "(administrator), dave (auditor)."
  cd "$OUT"
  products
  component
  blob
  detached
  refusals
  verification
  keys
  component_tree
  image
  job_token
  issued_certificate
  audit
  summary
}

main "$@"
