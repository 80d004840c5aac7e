#!/usr/bin/env bash
# People log in at an issuer that others wrote (npm's oidc-provider): by a code
# in any browser, by a browser of this machine; tokens are refreshed silently
# and revoked; and they sign, also after the issuer's keys have changed. First
# the client alone, then with a server. Skipped without node or the module.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

PROVIDER_JS=$E2E/oidc_provider.js
if ! command -v node >/dev/null ||
  ! node -e 'require.resolve("oidc-provider")' 2>/dev/null; then
  echo 'skipped: node or its module oidc-provider is not there (NODE_PATH)'
  exit 0
fi

PROVIDER=$TEST_TMPDIR/provider
PROVIDER_PID='' LOGIN_PID=''
AUDIENCE=https://sign.demo.example
export XDG_STATE_HOME=$TEST_TMPDIR/state
TOKENS=$XDG_STATE_HOME/countersign/tokens
unset DISPLAY WAYLAND_DISPLAY

# await FILE: until it is there and holds something.
await() {
  local waited
  for ((waited = 0; waited < 1200; waited++)); do
    [[ -s $1 ]] && return
    sleep 0.05
  done
  broken "$1 did not come within 60 s"
}

start_provider() {
  rm -rf "$PROVIDER"
  mkdir -p "$PROVIDER"
  printf '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n' \
    >"$PROVIDER/openssl.cnf"
  quiet_openssl req -x509 -config "$PROVIDER/openssl.cnf" -days 2 -nodes \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$PROVIDER/key.pem" -out "$PROVIDER/cert.pem"
  TOKEN_SECONDS=$1 node "$PROVIDER_JS" serve "$PROVIDER" \
    >"$PROVIDER/log" 2>&1 </dev/null &
  PROVIDER_PID=$!
  await "$PROVIDER/issuer"
  ISSUER=$(<"$PROVIDER/issuer")
}
stop_all() {
  [[ -z $PROVIDER_PID ]] || kill -KILL "$PROVIDER_PID" 2>/dev/null || true
  [[ -z $LOGIN_PID ]] || kill -KILL "$LOGIN_PID" 2>/dev/null || true
  PROVIDER_PID='' LOGIN_PID=''
}

# person COMMAND WORDS...: somebody with a browser.
person() {
  NODE_EXTRA_CA_CERTS=$PROVIDER/cert.pem node "$PROVIDER_JS" "$@" 2>&1
}
# begin_login OPTIONS...: in the background; its prompt is then in `prompt`.
begin_login() {
  rm -f "$TEST_TMPDIR/prompt" "$TEST_TMPDIR/result"
  countersign login -o json "$@" >"$TEST_TMPDIR/result" \
    2>"$TEST_TMPDIR/prompt" </dev/null &
  LOGIN_PID=$!
  await "$TEST_TMPDIR/prompt"
}
prompt() { sed -nE 's/.*"'"$1"'":"([^"]*)".*/\1/p' "$TEST_TMPDIR/prompt"; }
# end_login EXIT: waits for it; what it printed is OUTPUT.
end_login() {
  local code=0
  wait "$LOGIN_PID" || code=$?
  LOGIN_PID=''
  OUTPUT=$(cat "$TEST_TMPDIR/result" "$TEST_TMPDIR/prompt")
  [[ $code == "$1" ]] || broken "the login ended with $code, not $1"
}
# login_as NAME OPTIONS...: by the device flow.
login_as() {
  begin_login --device "${@:2}"
  person browse "$(prompt completeUrl)" "$1" >"$TEST_TMPDIR/page" ||
    broken "the browser failed: $(<"$TEST_TMPDIR/page")"
  end_login 0
}
# stored NAME CONTEXT: a member of what is kept.
stored() { field "$1" <"$TOKENS/context-$2.json"; }

# context NAME SERVER [LINES]: lines of the login block of a context.
context() {
  printf '  - name: %s\n    server: %s\n    ca_file: pki/ca.pem\n' "$1" "$2"
  printf '    login:\n      issuer: %s\n      client_id: countersign\n' "$ISSUER"
  printf '      ca_file: %s\n      scopes: [openid, offline_access, groups]\n' \
    "$PROVIDER/cert.pem"
  printf '      prompt: consent\n'
  printf '      %s\n' "${@:3}"
}

trap 'code=$?; stop_all; at_exit $code' EXIT

title 'The client alone'
mkdir -p "$STATE" "$WORK"
put_client_on_path
cd "$WORK"
start_provider 3600
{
  printf 'current_context: id\ncontexts:\n'
  context id '""' 'token: id_token'
  context access '""' "audience: $AUDIENCE"
} >"$WORK/client.yaml"
export COUNTERSIGN_CONFIG=$WORK/client.yaml

title 'With a code in any browser'
begin_login --device
equal "$(prompt url)" "$ISSUER/device"
[[ $(prompt userCode) == ????-???? ]] || broken "no user code: $(prompt userCode)"
person browse "$(prompt completeUrl)" ann >"$TEST_TMPDIR/page"
end_login 0
also '"subject": "ann"' '"refreshable": true'
equal "$(stat -c %a "$TOKENS" "$TOKENS/context-id.json" | tr '\n' ' ')" '700 600 '
equal "$(stored token id | tr -cd . | wc -c)" 2
not "$(stored token id)" "$(stored refreshToken id)"

title 'Refused by the person'
begin_login --device --context access
person deny "$(prompt completeUrl)" >"$TEST_TMPDIR/page"
end_login 3
also 'LOGIN_DENIED'
[[ ! -e $TOKENS/context-access.json ]] || broken 'something was stored'

title 'With a browser of this machine'
begin_login --browser --context access
[[ $(prompt url) == "$ISSUER/auth?"* ]] || broken "another URL: $(prompt url)"
person browse "$(prompt url)" bob >"$TEST_TMPDIR/page"
end_login 0
also '"subject": "bob"'
grep -q 'goes on in the terminal' "$TEST_TMPDIR/page" ||
  broken "another page: $(<"$TEST_TMPDIR/page")"

title 'Ctrl-C'
begin_login --browser --context access
kill -INT "$LOGIN_PID"
end_login 130

title 'Logged out'
want 0 'revoked' countersign logout --context access
[[ ! -e $TOKENS/context-access.json ]] || broken 'the tokens are still there'
want 0 'nobody was logged in' countersign logout --context access
want 0 '' countersign logout
equal "$(grep -rlE 'eyJ|refreshToken' "$XDG_STATE_HOME" | wc -l)" 0

title 'Settings that do not do'
want 2 'client_id' countersign login --issuer https://other.example
want 6 'https://127.0.0.1:1' countersign login --device \
  --issuer https://127.0.0.1:1 --client-id x
# Without the context, which knows the issuer's CA.
want 6 "$ISSUER" env -u COUNTERSIGN_CONFIG countersign login --device \
  --issuer "$ISSUER" --client-id x
want 3 'invalid_client' countersign login --device --issuer "$ISSUER" \
  --client-id x --issuer-ca "$PROVIDER/cert.pem"
stop_all
unset COUNTERSIGN_CONFIG

title 'With a server'
# Short tokens: those of a minute have to be refreshed after 45 seconds.
start_provider 60
configure() {
  sed -i "s|^  group_rules:\$|  token_issuers:\n\
    - name: company\n\
      issuer: $ISSUER\n\
      audiences: [\"$AUDIENCE\"]\n\
      algorithms: [ES256]\n\
      ca_file: $PROVIDER/cert.pem\n\
  group_rules:\n\
    - group: ci-pipelines\n\
      token_issuer: company\n\
      claims: [{claim: groups, values: [builders]}]\n\
    - group: release-approvers\n\
      token_issuer: company\n\
      subjects: [\"token:bob\"]|" "$STATE/countersignd.yaml"
}
# begin makes the site anew and its own trap; the provider outlives it.
begin
trap 'code=$?; stop_all; at_exit $code' EXIT
{
  context ann "127.0.0.1:$(<"$STATE/port")" "audience: $AUDIENCE"
  context robert "127.0.0.1:$(<"$STATE/port")" "audience: $AUDIENCE"
} >>"$STATE/client.yaml"

title 'Nobody has logged in'
want 3 'countersign login --context ann' as ann whoami

title 'Who logs in is told who they are'
login_as ann --context ann
also '"subject": "token:ann"' 'ci-pipelines'
login_as bob --context robert
also 'release-approvers'
want 0 'token:ann' as ann whoami

title 'One asks, another one agrees'
printf 'firmware\n' >firmware.bin
want 0 '' as ann sign blob firmware.bin -p shop/build -O firmware.sig
want 0 '/signingRequests/' as ann sign digest "$DIGEST" -p shop/release --no-wait
REQUEST=$OUTPUT
want 0 'token:ann' as robert request show "$REQUEST"
want 0 '' as robert approve "$REQUEST" --yes
want 0 '' as ann request signature "$REQUEST" -O release.sig

title 'The issuer has other keys'
kill -HUP "$PROVIDER_PID"
await "$PROVIDER/rotated"
# A new login has a token of the new key, which the server has not seen.
login_as ann --context ann
want 0 '' as ann sign blob firmware.bin -p shop/build -O firmware.sig

title 'Refreshed silently, in two processes at once'
FIRST=$(stored refreshToken ann)
# As if a minute had passed.
sed -i -E 's/("expireTime": )[0-9]+/\11000/; s/("obtainTime": )[0-9]+/\1900/' \
  "$TOKENS/context-ann.json"
as ann whoami >"$TEST_TMPDIR/first" 2>&1 &
WHOAMI_PID=$!
want 0 'token:ann' as ann whoami
wait "$WHOAMI_PID" || broken "the other process: $(<"$TEST_TMPDIR/first")"
[[ $(stored refreshToken ann) != "$FIRST" ]] || broken 'no rotation'
want 0 'token:ann' as ann whoami

title 'Logged out, for good'
cp "$TOKENS/context-ann.json" "$TEST_TMPDIR/stolen.json"
want 0 'revoked' as ann logout
want 3 'countersign login' as ann whoami
# The refresh token of before is worth nothing.
install -m 600 "$TEST_TMPDIR/stolen.json" "$TOKENS/context-ann.json"
sed -i -E 's/("expireTime": )[0-9]+/\11000/' "$TOKENS/context-ann.json"
want 3 'the issuer has ended the login' as ann whoami

title 'Tokens are in no log'
for file in "$STATE/server.log" "$TEST_TMPDIR/prompt" "$TEST_TMPDIR/result"; do
  ! grep -qE 'eyJ[A-Za-z0-9_-]{20}' "$file" || broken "a token is in $file"
done
chmod 644 "$TOKENS/context-robert.json"
want 3 'chmod 600' as robert whoami

finish
