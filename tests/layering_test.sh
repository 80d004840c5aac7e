#!/usr/bin/env bash
# The include rule (docs/adr/0001), proved from include lines and from the build
# graph, and that each check can fail. Arguments: the query results
# CORE_DEPS CLIENT_DEPS (labels, one a line).
set -euo pipefail
core_deps=$1 client_deps=$2
layering=tests/layering.sh
failures=0

problem() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

# --- The tree as it is -------------------------------------------------------
"$layering" . || problem "include lines"
count=$(find -L base core audit hsm storage auth server client \
  -name '*.cc' -o -name '*.h' | wc -l)
((count > 200)) || problem "only $count sources seen: a filegroup is missing"

# --- The build graph ---------------------------------------------------------
FORBIDDEN_IN_CORE='^(//bazel/deb:(grpc|grpc_reflection|protobuf|sqlite|libp11|pkcs11_headers|dl|pthread|prometheus|yaml_cpp|absl_synchronization)|//(proto|hsm|storage|auth|server|client|audit)[:/].*|//base:(file|log|mutex|secret_bytes))$'
FORBIDDEN_IN_CLIENT='^(//bazel/deb:(sqlite|libp11|pkcs11_headers|prometheus)|//(hsm|storage|auth|server)[:/].*|//core:(flow|flows|store|signer|policy|access))$'
graph_violations() { grep -E "$1" "$2" || true; }

found=$(graph_violations "$FORBIDDEN_IN_CORE" "$core_deps")
[[ -z $found ]] || problem "core depends on: $found"
found=$(graph_violations "$FORBIDDEN_IN_CLIENT" "$client_deps")
[[ -z $found ]] || problem "client depends on: $found"
# The list in tests/BUILD.bazel names every header of core/.
for header in core/*.h; do
  stem=$(basename "$header" .h)
  case $stem in
    fake_* | sample_* | *_fixture | *_contract | *_test*) continue ;;
  esac
  grep -qxF "//core:$stem.h" "$core_deps" ||
    problem "$header is not in the query: add //core:$stem to :core_closure"
done

# --- Each check can fail -----------------------------------------------------
# planted NAME FILE LINE: a tree with only this line is refused.
planted() {
  local tree=$TEST_TMPDIR/planted/$1
  mkdir -p "$tree/$(dirname "$2")"
  printf '%s\n' "$3" >"$tree/$2"
  [[ -n $("$layering" "$tree") ]] || problem "not found out: $1"
}
# fine NAME FILE LINE: one with only this line is not.
fine() {
  local tree=$TEST_TMPDIR/fine/$1
  mkdir -p "$tree/$(dirname "$2")"
  printf '%s\n' "$3" >"$tree/$2"
  "$layering" "$tree" || problem "refused for nothing: $1"
}
planted upward core/a.cc '#include "server/app.h"'
planted sideways hsm/a.cc '#include "storage/sqlite_store.h"'
planted core_to_audit core/a.h '#include "audit/leaf.h"'
planted client_to_core client/cli/a.cc '#include "core/flows.h"'
planted base_to_core base/a.cc '#include "core/names.h"'
planted grpc_in_core core/a.cc '#include <grpcpp/grpcpp.h>'
planted grpc_quoted storage/a.cc '#include "grpcpp/grpcpp.h"'
planted proto_in_auth auth/a.cc '#include "config/v1/config.pb.h"'
planted sql_in_server server/a.cc '#include <sqlite3.h>'
planted pkcs11_in_server server/a.cc '#include <p11-kit-1/p11-kit/pkcs11.h>'
planted openssl_in_auth auth/a.cc '#include <openssl/x509.h>'
planted adapter_in_handler server/a.cc '#include "storage/sqlite_store.h"'
planted thread_in_core core/a.cc '#include <thread>'
planted file_in_core core/a.cc '#include "base/file.h"'
planted now_in_core core/a.cc 'absl::Time now = absl::Now();'
planted now_in_server server/a.cc 'absl::Time now = absl::Now();'
planted environment core/a.cc 'const char* home = std::getenv("HOME");'
planted process client/cli/a.cc 'posix_spawnp(&pid, "sh", 0, 0, 0, environ);'
planted environment_of_tokens client/token/a.cc 'std::getenv("HOME");'
planted chance hsm/a.cc 'RAND_bytes(out, 16);'
fine audit_to_core audit/a.cc '#include "core/event.h"'
fine client_proofs client/cli/a.cc '#include "audit/proofs.h"'
fine app server/app.cc '#include "storage/sqlite_store.h"'
fine check_site server/check_site.cc '#include "storage/product_query.h"'
fine token_program client/token/a.cc 'posix_spawnp(&pid, "a", 0, 0, 0, environ);'
fine clock base/clock.cc 'return absl::Now();'

printf '//core:names\n//bazel/deb:grpc\n' >"$TEST_TMPDIR/deps"
[[ -n $(graph_violations "$FORBIDDEN_IN_CORE" "$TEST_TMPDIR/deps") ]] ||
  problem "not found out: gRPC in the build graph of core/"

((failures == 0)) || exit 1
echo "The rooms keep their rings: $count sources."
