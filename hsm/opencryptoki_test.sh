#!/usr/bin/env bash
# Runs $1 (opencryptoki_test.cc) with a fresh soft token of opencryptoki, in a
# mount namespace, as its paths are compiled in and belong to the machine. Where
# that cannot be, the test skips itself and says so.
set -euo pipefail

TEST=$PWD/$1
export TEST_TMPDIR=${TEST_TMPDIR:-/tmp}

# In the namespace, as root.
prepare_and_run() {
  local dir pid waited
  mount --make-rprivate /
  for dir in /run /dev/shm /var/log /var/lib/opencryptoki; do
    mount -t tmpfs none "$dir"
  done
  mkdir -p /run/lock/opencryptoki/swtok /var/log/opencryptoki \
    /var/lib/opencryptoki/swtok/TOK_OBJ
  for dir in /run/lock /var/lib /var/log; do
    chgrp -R pkcs11 "$dir/opencryptoki"
    chmod -R 770 "$dir/opencryptoki"
  done
  printf 'version opencryptoki-3.8\nslot 0\n{\nstdll = %s\ntokname = swtok\n}\n' \
    libpkcs11_sw.so >/run/opencryptoki.conf
  mount --bind /run/opencryptoki.conf /etc/opencryptoki/opencryptoki.conf
  pkcsslotd
  for ((waited = 0; waited < 100; waited++)); do
    pid=$(cat /run/pkcsslotd.pid 2>/dev/null || true)
    [[ -n $pid && -S /run/pkcsslotd.socket ]] && break
    sleep 0.1
  done
  local code=0
  OPENCRYPTOKI_READY=1 "$TEST" || code=$?
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  exit "$code"
}

if [[ -n ${OPENCRYPTOKI_INSIDE:-} ]]; then prepare_and_run; fi
if [[ -e /usr/lib/x86_64-linux-gnu/opencryptoki/libopencryptoki.so.0 ]] &&
  ((EUID == 0)) && getent group pkcs11 >/dev/null &&
  unshare -m --ipc mount --make-rprivate / 2>/dev/null; then
  OPENCRYPTOKI_INSIDE=1 exec unshare -m --ipc "$0" "$1"
fi
echo "SKIPPED: opencryptoki is not installed, or no mount namespaces here"
exec "$TEST"
