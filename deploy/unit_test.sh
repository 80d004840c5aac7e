#!/bin/bash
# The systemd unit says what its comments promise, and systemd agrees with it.
set -euo pipefail

unit=deploy/countersignd.service
failures=0
fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# Without these the service is not what SECURITY.md says.
for line in NoNewPrivileges=yes ProtectSystem=strict LimitCORE=0 \
  MemoryDenyWriteExecute=yes CapabilityBoundingSet= User=countersign \
  StateDirectory=countersign SystemCallFilter=@system-service \
  CPUSchedulingPolicy=batch; do
  grep -qxF -- "$line" "$unit" || fail "$unit lacks the line $line"
done
# systemd takes a comment at the end of a line for a part of the value.
if grep -nE '^[A-Za-z]+=.*[[:space:]]#' "$unit"; then
  fail "a comment after a value"
fi

if ! command -v systemd-analyze >/dev/null; then
  echo "NOT RUN: systemd-analyze is not installed; only the text was checked"
  exit "$((failures > 0))"
fi

# The binary is not installed where tests run; /bin/true is everywhere.
copy="$TEST_TMPDIR/countersignd.service"
sed 's,/usr/bin/countersignd,/bin/true,' "$unit" >"$copy"
verify() {
  SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$1" 2>&1 || true
}
# Other units of the machine may have faults of their own: lines that do not
# name ours are not ours.
verify "$copy" | grep -F countersignd && fail "systemd-analyze verify"

# The check itself can fail.
sed 's,^Type=exec,Type=nonsense,' "$copy" >"$TEST_TMPDIR/countersignd-bad.service"
verify "$TEST_TMPDIR/countersignd-bad.service" | grep -qF countersignd ||
  fail "systemd-analyze verify accepts a broken unit"

# Exposure is 0 (none) to 10; network services without any hardening have 9.6.
if ! systemd-analyze security --offline=true --threshold=15 --no-pager \
  "$copy" >"$TEST_TMPDIR/security" 2>&1; then
  cat "$TEST_TMPDIR/security" >&2
  fail "systemd-analyze security: exposure over 1.5"
fi
tail -1 "$TEST_TMPDIR/security"

exit "$((failures > 0))"
