# One quiet `bazel test` with counts. Sourced by ./dev.

# Lines of Bazel that tell nothing. Not --ui_event_filters=-info: that hides
# warnings and the output of failed tests as well.
BAZEL_NOISE='^(INFO: (Analyzed|Found|Elapsed|From Testing|Invocation|[0-9]+ proc|Build )|Starting local|Executed |Extracting Bazel|There were tests whose|Loading:|Analyzing:|$)'

# run_tests BAZEL_ARGUMENT...: runs them and closes with "N passed, N failed".
# Bazel's exit code says whether something failed; the counts come from the
# test.xml files that this run names in its build events (bazel-testlogs keeps
# those of other runs as well). Cached results count too.
run_tests() {
  local scratch counts bazel_exit passed failed skipped not_built teller
  scratch=$(mktemp -d /tmp/countersign-test.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$scratch'" EXIT
  bazel_exit=0
  echo "Building and testing (from nothing this takes about ten minutes) ..."
  tell_progress "$scratch/events" &
  teller=$!
  bazel test --keep_going --build_event_json_file="$scratch/events" "$@" 2>&1 |
    grep -vE "$BAZEL_NOISE" | tee "$scratch/output" ||
    bazel_exit=${PIPESTATUS[0]}
  kill "$teller" 2>/dev/null || true
  wait "$teller" 2>/dev/null || true

  counts=$(test_result_files "$scratch/events" |
    xargs -r awk -f "$ROOT/bazel/scripts/count_tests.awk")
  read -r passed failed skipped <<<"$(awk '
    /^COUNT / { passed += $2; failed += $3; skipped += $4 }
    END { print passed + 0, failed + 0, skipped + 0 }' <<<"$counts")"
  # What did not build, or left no test.xml, has nothing to count and has
  # still failed.
  not_built=$(grep -cE ' (FAILED TO BUILD|NO STATUS)$' "$scratch/output" ||
    true)
  failed=$((failed + not_built))
  ((bazel_exit == 0 || failed > 0)) || failed=1

  grep -v '^COUNT ' <<<"$counts" || true
  if [[ -n ${CI_RUN:-} ]] && grep '^SKIPPED ' <<<"$counts" |
    grep -qvE -f "$ROOT/tests/expected_skips.txt"; then
    echo "CI has to be able to run what tests/expected_skips.txt does not name."
    bazel_exit=3
  fi
  if ((bazel_exit == 0 && passed == 0)); then
    echo "No test ran."
    bazel_exit=4
  fi
  if ((skipped)); then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  return "$bazel_exit"
}

# Says once a minute how far the tests are, until it is ended.
tell_progress() {
  local minutes=0
  # The sleep must not hold our pipe open when we are ended.
  while sleep 60 >/dev/null 2>&1; do
    minutes=$((minutes + 1))
    echo "... $minutes min: $(grep -cF '"testResult":{' "$1" 2>/dev/null ||
      true) test targets done"
  done
}

# A file of build events; paths of test.xml files on stdout.
test_result_files() {
  grep -F '"testResult":{' "$1" |
    grep -oE '"name":"test\.xml","uri":"file://[^"]+"' |
    sed -e 's/.*"file:\/\///' -e 's/"$//' || true
}
