# One quiet `bazel test` with counts. Sourced by ./dev.

# Lines of Bazel that tell nothing. Not --ui_event_filters=-info: that hides
# warnings and the output of failed tests as well.
BAZEL_NOISE='^(INFO: (Analyzed|Found|Elapsed|From Testing|Invocation|[0-9]+ proc|Build )|Starting local|Executed |Extracting Bazel|Loading:|Analyzing:|$)'

# run_tests BAZEL_ARGUMENT...: runs them and closes with "N passed, N failed".
# Bazel's exit code says whether something failed; the counts come from the
# test.xml files that this run names in its build events (bazel-testlogs keeps
# those of other runs as well). Cached results count too.
run_tests() {
  local events counts bazel_exit passed failed skipped
  events=$(mktemp /tmp/countersign-test.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -f '$events'" EXIT
  bazel_exit=0
  bazel test --keep_going --build_event_json_file="$events" "$@" 2>&1 |
    grep -vE "$BAZEL_NOISE" || bazel_exit=${PIPESTATUS[0]}

  counts=$(test_result_files <"$events" |
    xargs -r awk -f "$ROOT/bazel/scripts/count_tests.awk")
  read -r passed failed skipped <<<"$(awk '
    /^COUNT / { passed += $2; failed += $3; skipped += $4 }
    END { print passed + 0, failed + 0, skipped + 0 }' <<<"$counts")"
  # A test without a test.xml (killed at its time limit), a target that did not
  # build: nothing to count, and still a failure.
  ((bazel_exit == 0 || failed > 0)) || failed=1

  grep -v '^COUNT ' <<<"$counts" || true
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

# Build events on stdin, paths of test.xml files on stdout.
test_result_files() {
  grep -F '"testResult":{' |
    grep -oE '"name":"test\.xml","uri":"file://[^"]+"' |
    sed -e 's/.*"file:\/\///' -e 's/"$//' -e 's/%20/ /g' | tr '\n' '\0' |
    xargs -0 -r -n 1 printf '%s\n'
}
