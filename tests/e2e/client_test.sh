#!/usr/bin/env bash
# What users of the client rely on: waiting and picking up, Ctrl-C, formats of
# signatures, JSON of each command, text that cannot play tricks on a terminal.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

RELEASE=products/shop/operations/release
# json COMMAND...: exit 0, and JSON on standard output.
json() {
  want 0 '' sh -c '"$@" 2>/dev/null' - countersign "$@"
  is_json "$OUTPUT"
}
# json_error EXIT ARGUMENTS...: JSON on standard error that says why.
json_error() {
  local code=$1
  shift
  want "$code" '"error"' sh -c '"$@" 2>&1 >/dev/null' - countersign "$@"
  is_json "$OUTPUT"
  also '"message"' "\"exitCode\": $code"
}

begin

title "Words that are not known"
want 2 'frobnicate' countersign frobnicate
want 2 'frobnicate' countersign request frobnicate
want 2 'frobnicate' countersign request list --frobnicate
want 2 '' countersign
want 2 'json' countersign whoami -o xml
want 2 'there are: ci, alice' as nobody whoami
want 0 'Exit codes' countersign --help
want 0 'Examples' countersign sign digest --help
want 0 'countersign ' countersign --version
want 2 'connection settings are missing' env -i HOME=/none "$COUNTERSIGN" whoami
also COUNTERSIGN_SERVER --server --token-file --cert
printf 'contexts:\n - [\n' >broken.yaml
want 2 'broken.yaml: line 3' env COUNTERSIGN_CONFIG=broken.yaml \
  "$COUNTERSIGN" whoami
want 6 'localhost:1' as ci whoami --server localhost:1
# Flags are stronger than the environment, which is stronger than the file.
want 0 'email:bob' env COUNTERSIGN_CONTEXT=bob "$COUNTERSIGN" whoami
want 0 'email:dave' env COUNTERSIGN_CONTEXT=bob "$COUNTERSIGN" --context dave \
  whoami

title "Waiting"
want 5 'request wait products/shop' as ci sign digest "$DIGEST" \
  -p shop/release --wait 1s
REQUEST=$(as ci request list --pending -o json | field name)
want 5 "countersign request wait $REQUEST" as ci request wait "$REQUEST" \
  --wait 500ms
# Ctrl-C, as from a terminal: the request stands, and somebody picks it up.
for signal in INT TERM; do
  before=$(as ci request list -o json | grep -c '"state":')
  rm -f waited
  # A shell of job control: others let children ignore SIGINT.
  (
    set -m
    countersign --context ci sign digest "$DIGEST" -p shop/release \
      --description "$signal" >waited 2>&1 &
    for ((waited = 0; waited < 200; waited++)); do
      [[ -f waited ]] && grep -q '^waiting' waited && break
      sleep 0.05
    done
    kill "-$signal" %1
    wait %1
  ) && broken "$signal did not end it" || code=$?
  OUTPUT=$(<waited)
  equal "$code" 130
  also 'the request stands. Pick it up with:' 'countersign request wait products'
  equal "$(as ci request list -o json | grep -c '"state":')" $((before + 1))
  REQUEST=$(grep -oE "$RELEASE/signingRequests/[0-9a-f-]+" waited | sed -n 1p)
  want 0 '' as alice approve "$REQUEST" --yes
  want 0 'SIGNED' as ci request wait "$REQUEST" --wait 10s
done

title "Not waiting, and fetching what was signed"
printf 'a' >blob
REQUEST=$(as ci sign blob blob -p shop/release --no-wait)
want 5 'is not signed yet' as ci request signature "$REQUEST"
want 0 '' as alice approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST"
want 0 '' as ci request signature "$REQUEST" --format raw -O raw.sig
want 0 '' as ci request signature "$REQUEST" --format base64 -O base64.sig
want 0 '' cmp raw.sig <(openssl base64 -d -A <base64.sig)
want 2 'PEM needs a request of a DETACHED_SIGNATURE operation' \
  as ci request signature "$REQUEST" --format pem
want 2 'right is raw, base64 or pem' as ci request signature "$REQUEST" \
  --format hex
want 2 'there are 1 signatures' as ci request signature "$REQUEST" --index 7
want 2 'has that label' as ci request signature "$REQUEST" --label none
want 0 '' as ci key public shop/release -O key.pem
want 0 'Verified OK' openssl dgst -sha256 -verify key.pem -signature raw.sig blob
for signature in raw.sig base64.sig; do
  want 0 'good' as ci verify blob blob --signature "$signature" \
    --public-key key.pem
done
other=$(printf 'b' | sha256sum | cut -d ' ' -f 1)
want 0 '' as ci sign digest "$DIGEST" "$other" -p shop/build --label a --label b
equal "$(grep -c . <<<"$OUTPUT")" 2
want 2 'would run together' as ci sign digest "$DIGEST" "$other" -p shop/build \
  --format raw
want 2 'none' as ci sign digest "$DIGEST" -p shop/build -O none/of/this
# What is no file is written into, and stays what it is.
mkfifo pipe
cat pipe >from-pipe &
want 0 '' as ci sign digest "$DIGEST" -p shop/build -O pipe
wait $!
[[ -p pipe && -s from-pipe ]] || broken "the pipe was replaced"

title "Text that plays tricks"
trick=$'\e[31mred\e]0;title\a\xe2\x80\xaegnp.exe\xe2\x81\xa6\r\b\x7f\xc2\x9b'
REQUEST=$(ask --description "$trick"$'\nState  SIGNED' --label "$trick" \
  --context "key=$trick")
for command in "request show $REQUEST" 'request list --pending' \
  "approve $REQUEST --yes --reason x"; do
  # shellcheck disable=SC2086
  want 0 '\x1b[31mred' as alice $command
  also '\u{202e}gnp.exe\u{2066}'
  not $'\e' $'\a' $'\xe2\x80\xae' $'\xe2\x81\xa6' $'\r' $'\b' $'\x7f' \
    $'\xc2\x9b'
  # No line of the requester's reads like one of ours.
  if grep -qE '^State +SIGNED' <<<"$OUTPUT"; then broken "a line is forged"; fi
done
REQUEST=$(ask --description ok)
want 0 '' as alice reject "$REQUEST" --reason "$trick"
want 4 '\x1b[31mred' as ci request wait "$REQUEST"
not $'\e' $'\xe2\x80\xae'
want 7 '' as ci request show "$RELEASE/signingRequests/019505a1-7c3e-7000-8000-5f2d8a6b9c01"
want 2 '' as ci sign digest "$DIGEST" -p $'\e[31mshop/build'
not $'\e'

title "JSON of each command"
cp "$E2E/../demo/component-descriptor.yaml" cd.yaml && chmod u+w cd.yaml
json --context ci whoami -o json
json --context ci sign digest "$DIGEST" -p shop/build -o json
json --context ci sign blob blob -p shop/build -o json
json --context ci sign blob blob -p shop/build -O blob.sig -o json
json --context ci sign digest "$DIGEST" -p shop/release --no-wait -o json
REQUEST=$(field name <<<"$OUTPUT")
json --context ci request show "$REQUEST" -o json
json --context ci request list -o json
json --context alice approve "$REQUEST" --yes -o json
json --context ci request wait "$REQUEST" -o json
json --context ci request signature "$REQUEST" -o json
json --context ci request cancel "$(ask)" -o json
json --context alice reject "$(ask)" --reason r -o json
json --context ci sign component-descriptor cd.yaml -p shop/component \
  --signature release -o json
json --context carol product get shop -o json
json --context carol product list -o json
json --context carol product create product.json --set PRODUCTNAME=Next \
  --dry-run -o json
json --context carol product disable shop -o json
json --context carol product enable shop -o json
json --context ci key public shop/build -o json
json --context ci key list shop/build -o json
json --context carol key csr shop/installer -o json
json --context carol key csr shop/build --subject CN=Build -o json
json --context carol key rotate shop/build --yes -o json
json --context dave audit list -o json
json --context dave audit checkpoint -o json
json --context dave audit verify -o json
json hash component-descriptor cd.yaml -o json
json hash blob blob -o json
want 0 '' as ci key public shop/build/1 -O build.pem
want 0 '' as ci key public shop/component -O component.pem
json verify blob blob --signature blob.sig --public-key build.pem -o json
json verify component-descriptor cd.yaml --public-key component.pem -o json
json_error 2 --context ci sign digest abcd -p shop/build -o json
json_error 2 frobnicate -o json
json_error 3 --context ci audit list -o json
json_error 4 --context ci sign digest "$DIGEST" -p shop/release \
  --expire-in 1s -o json
json_error 5 --context ci sign digest "$DIGEST" -p shop/release --wait 1s -o json
json_error 6 --context ci whoami --server localhost:1 -o json
json_error 7 --context ci product get none -o json
json_error 8 --context bob product approve shop --yes -o json
json_error 9 verify blob cd.yaml --signature blob.sig \
  --public-key build.pem -o json
finish
