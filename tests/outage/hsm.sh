# An HSM of its own for a server that a script starts: SoftHSM behind p11-kit
# server, on a socket in $HSM. Sourced before make_site (environment.sh).

# Debian's place of the module that talks to it.
SOFTHSM_MODULE=/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so
# A longer path than 106 octets is no socket's.
HSM=$(mktemp -d /tmp/p11-XXXXXX)
HSM_PID=''
export P11_KIT_SERVER_ADDRESS=unix:path=$HSM/s

hsm_on() {
  local waited
  SOFTHSM2_CONF=$STATE/softhsm2.conf p11-kit server -f \
    --provider /usr/lib/softhsm/libsofthsm2.so --name "$HSM/s" 'pkcs11:' \
    >/dev/null 2>&1 </dev/null &
  HSM_PID=$!
  for ((waited = 0; waited < 600; waited++)); do
    [[ -S $HSM/s ]] && return 0
    sleep 0.05
  done
  echo "p11-kit server does not listen" >&2
  return 1
}

# The server and the processes of its connections.
hsm_off() {
  local children
  [[ -n $HSM_PID ]] || return 0
  kill -STOP "$HSM_PID" 2>/dev/null || return 0
  children=$(cat "/proc/$HSM_PID/task/$HSM_PID/children" 2>/dev/null || true)
  # shellcheck disable=SC2086
  kill -KILL $children "$HSM_PID" 2>/dev/null || true
  wait "$HSM_PID" 2>/dev/null || true
  HSM_PID=''
}

# With more, p11-kit-client 0.24.1 may never come back when its connection ends;
# one connection carries one call at a time anyway.
one_session() {
  sed -i 's|^      token_label: demo$|&\n      sessions: 1|' \
    "$STATE/countersignd.yaml"
}
