#!/bin/bash
# The Containerfile keeps its promises: two stages, not root, and no steps of
# its own, so that what builds the image is what ./dev runs everywhere.
set -euo pipefail

file=deploy/Containerfile
failures=0
fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

[[ $(grep -c '^FROM debian:12' "$file") == 2 ]] ||
  fail "there must be two stages from Debian 12"

# RUN steps: ./dev, or one of two commands that only place what ./dev made.
while read -r step; do
  case $step in
    './dev install' | './dev build') ;;
    '/usr/local/lib/countersign/dev install --runtime') ;;
    'install -D '*) ;;
    'useradd '*) ;;
    *) fail "a step that ./dev does not know: RUN $step" ;;
  esac
done < <(sed -n 's/^RUN //p' "$file")
grep -qx 'RUN ./dev install' "$file" || fail "no RUN ./dev install"
grep -qx 'RUN ./dev build' "$file" || fail "no RUN ./dev build"

user=$(sed -n 's/^USER //p' "$file" | tail -1)
[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] ||
  fail "the last USER must be a number other than 0, is '$user'"
# Nothing after USER may turn it back, and nothing copies the whole folder.
grep -nE '^COPY +\. |^ADD ' "$file" && fail "COPY . or ADD"

exit "$((failures > 0))"
