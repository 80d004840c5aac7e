# What the end-to-end tests share: a site of their own (tests/demo/environment.sh)
# under TEST_TMPDIR with a server on a free port, `want`, and the checks at the
# end. Sourced by each test with its three arguments: the binaries of the server
# and of the client, and raw_call.
set -euo pipefail

COUNTERSIGND=$PWD/$1 COUNTERSIGN=$PWD/$2 RAW_CALL=$PWD/$3
STATE=$TEST_TMPDIR/site
# A folder of the test's own to write into, where relative names stay short.
WORK=$TEST_TMPDIR/work
E2E=$PWD/tests/e2e
# shellcheck source=../demo/environment.sh
source "$PWD/tests/demo/environment.sh"

DIGEST=$(printf 'a' | sha256sum | cut -d ' ' -f 1)
SERVER_PID=''
# Events that a test expects in the server's log as errors: a|b.
EXPECTED_ERRORS=''
# How the reports of ./dev test --asan and --tsan begin.
SANITIZER_REPORT='(Address|Leak|Thread)Sanitizer|: runtime error: '
# Whole stacks, so that suppressions by library work (sanitizer_options.cc).
export ASAN_OPTIONS=${ASAN_OPTIONS:-fast_unwind_on_malloc=0}
# What the last command of want, run or raw printed.
OUTPUT=''

# broken MESSAGE: prints the last output too, and ends the test.
broken() {
  printf 'FAILED: %s\n' "$1"
  printf -- '--- output:\n%s\n--- server.log:\n' "$OUTPUT"
  tail -n 15 "$STATE/server.log" 2>/dev/null || true
  exit 1
}

# want EXIT 'PART' COMMAND...: this exit code, and PART in what it prints (both
# streams). The command is printed, shortened.
want() {
  local code=$1 part=$2 got=0 shown
  shift 2
  shown="${*@Q}"
  printf '$ %s\n' "${shown:0:300}"
  OUTPUT=$("$@" 2>&1 </dev/null | tr -d '\0'; exit "${PIPESTATUS[0]}") || got=$?
  head -n 4 <<<"${OUTPUT:0:400}"
  [[ $got == "$code" ]] || broken "exit code $got, not $code"
  [[ $OUTPUT == *"$part"* ]] || broken "not in the output: $part"
  # Whatever went wrong, nobody is told how the inside looks.
  [[ $code == 1 || $OUTPUT != *'INTERNAL'* ]] || broken "an internal error"
}
# also 'PART'...: more that the last output holds. not: that it does not hold.
also() {
  local part
  for part; do
    [[ $OUTPUT == *"$part"* ]] || broken "not in the output: $part"
  done
}
not() {
  local part
  for part; do
    [[ $OUTPUT != *"$part"* ]] || broken "in the output: $part"
  done
}
equal() {
  [[ $1 == "$2" ]] || broken "\"$1\" is not \"$2\""
}
title() { printf '\n== %s\n' "$*"; }

# as WHO ARGUMENTS...: countersign with that person's context.
as() {
  local who=$1
  shift
  countersign --context "$who" "$@"
}
# raw WHO SERVICE/METHOD JSON [--swap TEXT HEX]...: a call that the client would
# not make. Exit codes are gRPC's: 3 INVALID_ARGUMENT, 5 NOT_FOUND,
# 6 ALREADY_EXISTS, 7 PERMISSION_DENIED, 8 RESOURCE_EXHAUSTED,
# 9 FAILED_PRECONDITION, 10 ABORTED, 14 UNAVAILABLE.
raw() {
  local who=$1
  shift
  "$RAW_CALL" "127.0.0.1:$(<"$STATE/port")" "$STATE/pki/ca.pem" \
    "$STATE/pki/$who.pem" "$STATE/pki/$who.key" "$@"
}
# ask [OPTIONS]...: a request by CI that waits for people; prints its name.
ask() {
  as ci sign digest "$DIGEST" -p shop/release --no-wait "$@"
}
state_of() {
  as dave request show "$1" -o json | field state
}
# field NAME: the first value of that name in JSON on standard input.
field() {
  sed -nE 's/^ *"'"$1"'": *"?([^",]*)"?,?$/\1/p' | sed -n 1p
}
is_json() {
  if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; json.load(sys.stdin)' <<<"$1" ||
      broken "this is no JSON: $1"
  else
    [[ $1 == [{[]*[}\]] ]] || broken "this is no JSON: $1"
  fi
}

# The server as a child of ours: its end can be waited for.
launch() {
  local waited
  rm -f "$STATE/port"
  SOFTHSM2_CONF=$STATE/softhsm2.conf "$COUNTERSIGND" \
    --config "$STATE/countersignd.yaml" >>"$STATE/server.log" 2>&1 </dev/null &
  SERVER_PID=$!
  for ((waited = 0; waited < 600; waited++)); do
    [[ -s $STATE/port ]] && break
    kill -0 "$SERVER_PID" 2>/dev/null || broken "the server ended"
    sleep 0.05
  done
  [[ -s $STATE/port ]] || broken "the server was not ready within 30 s"
  make_client_configuration
}
# For clients that are waiting over a restart.
launch_on_same_port() {
  # The first address: the other one is that of the metrics.
  sed -i "0,/^  address:/s/127.0.0.1:0$/127.0.0.1:$(<"$STATE/port")/" \
    "$STATE/countersignd.yaml"
  launch
}
# halt SIGNAL
halt() {
  kill "-$1" "$SERVER_PID"
  wait "$SERVER_PID" 2>/dev/null || true
  SERVER_PID=''
}
# at_exit [EXIT]: for traps that do more before.
at_exit() {
  local code=${1:-$?}
  [[ -z $SERVER_PID ]] || kill -KILL "$SERVER_PID" 2>/dev/null || true
  exit "$code"
}

# A site with a server and the product "shop", approved. A test that wants
# another configuration defines `configure`; it is called before the start.
begin() {
  OUTPUT=''
  trap at_exit EXIT
  make_site
  if declare -F configure >/dev/null; then configure; fi
  put_client_on_path
  launch
  mkdir -p "$WORK"
  cd "$WORK"
  cp "$E2E/product.json" .
  want 0 'PENDING_APPROVAL' as carol product create product.json \
    --set PRODUCTNAME=Shop
  want 0 'ACTIVE' as bob product approve shop --yes
}

# The server is up, nothing is half done, the record is whole.
finish() {
  title "Afterwards"
  kill -0 "$SERVER_PID" 2>/dev/null || broken "the server is not up"
  want 0 'email:dave@demo.example' as dave whoami
  want 0 '"signingRequests"' as dave request list -o json
  not '"state": "APPROVED"'
  local signed signatures
  want 0 '' as dave request list --state signed -o json
  signed=$(grep -c '"state": "SIGNED"' <<<"$OUTPUT" || true)
  signatures=$(grep -c '"signatures": \[' <<<"$OUTPUT" || true)
  equal "$signed" "$signatures"
  want 0 'OK: every leaf is there and unchanged' as dave audit verify
  if grep '"severity":"ERROR"' "$STATE/server.log" |
    grep -vE "\"event\":\"(${EXPECTED_ERRORS:-none})\""; then
    broken "the server's log has errors"
  fi
  if grep -qF "$(<"$STATE/pin")" "$STATE/server.log"; then
    broken "the PIN is in the server's log"
  fi
  halt TERM
  if grep -qE "$SANITIZER_REPORT" "$STATE/server.log"; then
    grep -v '^{"time"' "$STATE/server.log"
    broken "a sanitizer's report is in the server's log"
  fi
  printf '\nDone in %s s\n' "$SECONDS"
}
