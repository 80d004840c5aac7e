#!/usr/bin/env bash
# README's commands and settings: each ./dev command exists, the YAML is a
# configuration that the client takes, each link leads somewhere; and each file
# that docs/architecture.md names is there. What README shows of the demo is
# checked by demo_test, and its lines for other tools by ./dev interop.
set -euo pipefail
countersign=$1
failures=0
problem() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" README.md | grep -v '^```'; }

# Every block has a language that something here or in demo_test runs.
while read -r language; do
  case $language in bash | console | yaml) ;;
    sh) ;; # tests/interop/readme.sh runs these lines
    *) problem "a block of README that nobody runs: \"$language\"" ;;
  esac
done < <(grep '^```' README.md | sed -n '1~2s/^```//p')

commands=$(./dev help)
while read -r line; do
  [[ $line =~ ^\./dev\ ([a-z]+)$ ]] || problem "not a ./dev command: $line"
  grep -qE "^  ${BASH_REMATCH[1]} " <<<"$commands" ||
    problem "./dev help does not know: $line"
done < <(block bash)

block yaml >"$TEST_TMPDIR/config.yaml"
COUNTERSIGN_CONFIG=$TEST_TMPDIR/config.yaml "$countersign" context list \
  >"$TEST_TMPDIR/contexts" || problem "the client refuses README's settings"
grep -q 'signer.example.org:7443' "$TEST_TMPDIR/contexts" ||
  problem "the client does not see README's server"

while read -r link; do
  [[ -e $link ]] || problem "a link to nowhere: $link"
done < <(grep -oE '\]\([^):#]+\)' README.md | sed -E 's/^..|.$//g')

# docs/architecture.md goes file by file: each is there.
while read -r file; do
  [[ -e $file ]] || problem "docs/architecture.md names $file"
done < <(grep -oE '`[a-z_/0-9]+\.(cc|h|sh|proto)`' docs/architecture.md |
  tr -d '\`' | sort -u)

((failures == 0)) || exit 1
echo "README and docs/architecture.md hold."
