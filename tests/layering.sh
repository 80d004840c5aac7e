#!/usr/bin/env bash
# layering.sh ROOT: the rooms' rings from include lines (docs/adr/0001). Prints
# each violation as FILE:LINE: what, and exits 1 where there is one. System
# headers compile from anywhere, so the build graph alone does not tell.
set -euo pipefail
cd "$1"

# Rooms that are there; a scratch tree of the test has few.
rooms=()
for room in base core audit hsm storage auth server client; do
  [[ -d $room ]] && rooms+=("$room")
done

# Words that only one place may say: REGEX, files that may, why.
says_elsewhere() {
  find -L "${rooms[@]}" -name '*.cc' -o -name '*.h' |
    { grep -vE "$2" || true; } |
    { xargs -r grep -nHE "$1" || true; } |
    sed -E "s|^([^:]*:[0-9]+):.*|\1: $3|"
}

check_words() {
  local tests='(_test\.cc|/(test|testing|softhsm|nss)_[a-z_]*\.(cc|h))$'
  # gRPC takes a deadline as a point of the wall clock; app.cc gives it one.
  says_elsewhere 'absl::Now\(|absl::SleepFor|sleep_for|system_clock::now' \
    "^(base/clock|server/app)\.cc$|$tests" 'real time outside base/clock.cc'
  says_elsewhere 'RAND_bytes|std::random_device' \
    "^base/random\.cc$|$tests" 'real chance outside base/random.cc'
  # Threads start in the composition root and in what it starts.
  says_elsewhere 'std::thread|pthread_create|std::async' \
    "^(base|hsm|server|client|storage)/|$tests" 'a thread'
  # Programs of the user's: credentials, tokens, a browser. hsm/ has fixtures.
  says_elsewhere 'posix_spawnp?\(|popen\(|[^a-z_]fork\(|execvp?e?\(' \
    "^(client/(login|oci|token)|hsm)/|$tests" 'a process'
  says_elsewhere '(std::)?getenv\(' \
    "^(client/(api|cli|plugins)|server)/|$tests" 'the environment'
}

check_includes() {
  find -L "${rooms[@]}" -name '*.cc' -o -name '*.h' | sort |
    { xargs -r grep -nHE '^[ \t]*#[ \t]*include' || true; } | awk -F: '
    BEGIN {
      # Own room and lower rings; audit -> core is the one edge inside ring 1.
      sees["base"] = " base "
      sees["core"] = " base core "
      sees["audit"] = " base core audit "
      sees["hsm"] = " base core audit hsm "
      sees["storage"] = " base core audit storage "
      sees["auth"] = " base core audit auth "
      sees["server"] = " base core audit hsm storage auth server "
      sees["client"] = " base client "
      # What of ring 1 is checked offline, and so is the client'"'"'s too.
      offline["audit/checkpoint.h"] = offline["audit/merkle_tree.h"] = 1
      offline["audit/proofs.h"] = offline["audit/signed_note.h"] = 1
      offline["audit/verify_log.h"] = offline["core/approval_statement.h"] = 1
      # Of the adapters'"'"' rooms, what is no adapter: octets, plain values, and a
      # port that metrics implement. --check asks the adapters themselves whether
      # they will find what the configuration names: check_site.cc names them
      # beside app.cc.
      no_adapter["hsm/csr.h"] = no_adapter["hsm/signer_observer.h"] = 1
      no_adapter["hsm/token_options.h"] = 1
      # One outside world for each room: header, files that may.
      world["^(libp11\\.h|p11-kit|p11-kit-1/)"] = "^hsm/"
      world["^(sqlite3\\.h|libpq|postgresql/)"] = "^storage/"
      world["^(grpc|grpcpp)/|\\.pb\\.h$"] = "^(server|client)/"
      world["^prometheus/"] = "^server/metrics"
      world["^openssl/"] = "^base/"
      world["^yaml-cpp/"] = "^(server|client)/"
      world["^curl/"] = "^client/oci/|^base/https_call\\.cc$"
      world["^zlib\\.h$"] = "^client/ocm/"
      world["^archive(_entry)?\\.h$"] = "^client/ocm/"
      world["^boost/"] = "^(server/http|client/plugins)/"
      world["^CLI/"] = "^client/cli/|^hsm/ceremony/|^server/main\\.cc$"
      # core/ is deterministic.
      pure = "^(thread|mutex|shared_mutex|condition_variable|future|fstream" \
        "|filesystem|iostream|cstdio|unistd\\.h|fcntl\\.h|pthread\\.h|sys/" \
        "|absl/synchronization/|base/(file|log|mutex|secret_bytes)\\.h)"
    }
    function violation(what) { print file ":" line ": " what; bad = 1 }
    {
      file = $1; line = $2
      match($0, /["<][^">]*[">]/)
      header = substr($0, RSTART + 1, RLENGTH - 2)
      room = file; sub(/\/.*/, "", room)
      target = header; sub(/\/.*/, "", target)
      is_test = file ~ /_test\.cc$|_(contract|fixture|test_driver)\.h$/ ||
        file ~ /\/(fake|sample|test|testing)_[a-z_]*\.(cc|h)$/

      if ((target in sees) && index(sees[room], " " target " ") == 0 &&
          !(room == "client" && header in offline))
        violation(room " includes " header)
      for (pattern in world)
        if (header ~ pattern && file !~ world[pattern])
          violation(header " outside its room")
      if (room == "core" && !is_test && header ~ pure)
        violation("core/ includes " header)
      if (room == "server" && target ~ /^(hsm|storage)$/ && !is_test &&
          !(header in no_adapter) && file !~ /^server\/(app|check_site)\.cc$/)
        violation(header " is named outside server/app.cc")
    }
    END { exit bad }'
}

status=0
check_includes || status=1
words=$(check_words)
if [[ -n $words ]]; then
  printf '%s\n' "$words"
  status=1
fi
exit "$status"
