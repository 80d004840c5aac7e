#!/usr/bin/env bash
# Starts that must not be: each ends with exit 1 and with what is wrong, mistakes
# all at once; a wrong PIN is tried once. Then ends of all kinds: nothing is lost.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

# server FILE [--check]
server() { timeout 20 "$COUNTERSIGND" --config "$@"; }
# with 's/sed/script/': the site's configuration with a change, in bad.yaml.
with() {
  sed -E "$1" "$STATE/countersignd.yaml" >"$STATE/bad.yaml"
  ! cmp -s "$STATE/countersignd.yaml" "$STATE/bad.yaml" ||
    broken "$1 changes nothing"
}
# Neither a check nor a start takes it.
refused() {
  want 1 "$1" server "$STATE/bad.yaml" --check
  want 1 "$1" server "$STATE/bad.yaml"
}

title "Starts that must not be"
trap at_exit EXIT
make_site
want 0 'token "main": "demo" found, nobody logged in' \
  server "$STATE/countersignd.yaml" --check
want 106 '--config is required' "$COUNTERSIGND"
want 1 'absent.yaml' server "$STATE/absent.yaml"

printf 'listen: {address: [\n' >"$STATE/bad.yaml"
refused 'bad.yaml:2:'
with 's/^(listen:)$/\1\n  address: x:1/'
refused 'address'
with 's/^  address: 127.*/  address: 127.0.0.1\n  adress: 1/
  s/^      token_label:.*/      token_label: "a label that is longer than thirty-two octets"/
  s/origin:.*/origin: "a b+c"/
  s/administrator_groups: .*/administrator_groups: [admins]/
  s|path: .*|path: /none/countersign.db|'
want 1 'mistakes in the configuration' server "$STATE/bad.yaml"
also 'listen.address' 'adress' 'hsm.tokens[0].token_label' 'log.origin' 'admins' \
  'storage.sqlite.path'
want 1 'mistakes in the configuration' server "$STATE/bad.yaml" --check
with '/^hsm:/,/pin_file/d'
refused 'hsm'
{
  printf 'a0: &a0 [x]\n'
  for ((i = 1; i < 40; i++)); do
    printf 'a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n' "$i" "$i" \
      $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1))
  done
} >"$STATE/bad.yaml"
refused 'bad.yaml'
printf '[%.0s' {1..100000} >"$STATE/bad.yaml"
refused 'bad.yaml'

title "Secrets"
for secret in pin pki/server.key pki/log.key; do
  chmod 0640 "$STATE/$secret"
  cp "$STATE/countersignd.yaml" "$STATE/bad.yaml"
  refused "$secret"
  chmod 0600 "$STATE/$secret"
done
cp -p "$STATE/pin" "$STATE/right"
: >"$STATE/pin"
want 1 'empty' server "$STATE/countersignd.yaml"
want 1 'empty' server "$STATE/countersignd.yaml" --check
printf '0000' >"$STATE/pin"
want 1 'PIN' server "$STATE/countersignd.yaml"
equal "$(grep -c '^countersignd: ' <<<"$OUTPUT")" 1
not 0000
cp -p "$STATE/right" "$STATE/pin"
rm "$STATE/pin"
cp "$STATE/countersignd.yaml" "$STATE/bad.yaml"
refused 'pin'
cp -p "$STATE/right" "$STATE/pin"

title "Token and module"
# Each is named by --check and at start. None costs a try of the PIN: the token
# serves those that come after.
with 's/token_label: demo/token_label: other/'
want 1 'token main: ' server "$STATE/bad.yaml" --check
also 'other' 'demo'
with "s|module: .*|module: $(command -v openssl)|"
refused 'openssl'
want 1 'openssl' server "$STATE/bad.yaml" --check
with 's|module: .*|module: /usr/lib/none.so|'
refused 'hsm.tokens[0].module: open /usr/lib/none.so'
want 1 'hsm.tokens[0].module' server "$STATE/bad.yaml" --check
# Every mistake of every token, not the first alone.
entry() {
  echo "    - {name: $1, module: $SOFTHSM_MODULE, token_label: no-$1," \
    "pin_file: pin, latch_file: $1.latch}"
}
with "s|^storage:|$(entry second)\\n$(entry third)\\nstorage:|"
want 1 'token second: ' server "$STATE/bad.yaml" --check
also 'token third: '
not 'token main: '
# What stood there before there were several tokens.
with '/^  tokens:/d; s/^    - name: main//; s/^      (module|token_label|pin_file):/  \1:/'
refused 'hsm.module: belongs in an entry of tokens, as in hsm: {tokens: [{name:'
# A library, but none of PKCS#11.
library=$(ldd "$COUNTERSIGN" | sed -nE 's/.*libcrypto.* => ([^ ]+) .*/\1/p')
with "s|module: .*|module: $library|"
refused 'C_GetFunctionList'
with 's|certificate_file: .*server.pem|certificate_file: '"$STATE"'/pki/alice.pem|'
refused 'is not the key of the first certificate in certificate_file'
with 's|client_ca_file: .*|client_ca_file: '"$STATE"'/pki/server.key|'
refused 'server.key'
rm -f "$STATE/bad.yaml"

begin

title "Ends of all kinds"
# Nothing of the above counted as a start.
equal "$(as dave audit list --type SERVER_STARTED | grep -c ' server ')" 1
want 0 '' as ci sign digest "$DIGEST" -p shop/build
PENDING=$(ask --description 'across restarts')
REQUEST=$(ask --request-id across)
want 0 '' as dave audit checkpoint -O checkpoint --key-output log.pub
want 1 'another server uses this database' server "$STATE/countersignd.yaml"
for signal in TERM KILL INT; do
  before=$(as dave request list -o json)
  products=$(as carol product list -o json)
  halt "$signal"
  want 6 '127.0.0.1' as ci whoami
  launch
  equal "$(as dave request list -o json)" "$before"
  equal "$(as carol product list -o json)" "$products"
  want 0 'OK: every leaf is there and unchanged' as dave audit verify \
    --log-key log.pub --previous checkpoint
  also 'the log continues it'
  want 0 '' as ci sign digest "$DIGEST" -p shop/build
  want 0 "$REQUEST" ask --request-id across
  want 0 '' as dave audit checkpoint -O checkpoint
done
want 0 '' as alice approve "$PENDING" --yes
want 0 'SIGNED' as ci request wait "$PENDING" --wait 10s

title "Killed right after an approval"
for ((round = 0; round < 2; round++)); do
  REQUEST=$(ask --description "round $round")
  # A wait goes on over the restart.
  as ci request wait "$REQUEST" --wait 20s >"waited" 2>&1 &
  waiting=$!
  want 0 '' as bob approve "$REQUEST" --yes
  halt KILL
  launch_on_same_port
  code=0
  wait "$waiting" || code=$?
  OUTPUT=$(<waited)
  equal "$code" 0
  also SIGNED
  want 0 'OK: every leaf is there and unchanged' as dave audit verify \
    --log-key log.pub --previous checkpoint
done
finish
