#!/usr/bin/env bash
# A development server that stays: `./dev serve` starts it, `./dev stop` ends it.
# Its keys and requests stay between runs; `./dev clean` removes them.
#   DEMO_STATE   its folder;  COUNTERSIGND, COUNTERSIGN   the binaries
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=${DEMO_STATE:?}
# shellcheck source=environment.sh
source "$HERE/environment.sh"

start() {
  : "${COUNTERSIGND:?}" "${COUNTERSIGN:?}"
  if server_pid >/dev/null; then
    echo "A development server is running already."
  else
    [[ -s $STATE/countersignd.yaml ]] || make_site
    start_server
  fi
  put_client_on_path
  cp -r "$HERE/products" "$STATE/"
  cat <<END
Server:    127.0.0.1:$(<"$STATE/port"), process $(server_pid), log $STATE/server.log
Contexts:  ci (pipeline), alice and bob (approvers), carol (administrator),
           dave (auditor)

Type next:
  export PATH=$STATE/bin:\$PATH COUNTERSIGN_CONFIG=$STATE/client.yaml
  countersign --context carol product create \\
      $STATE/products/digest-signing.json --set PRODUCTNAME=Checkout \\
      --set WRITERGROUP=ci-pipelines --set APPROVERGROUP=release-approvers
  countersign --context bob product approve checkout
  countersign --context ci sign blob README.md -p checkout/build-artefacts
  countersign --context dave audit list

./dev stop ends the server.
END
}

stop() {
  if server_pid >/dev/null; then
    stop_server
    echo "Stopped."
  else
    echo "No development server is running."
  fi
}

case ${1:-} in
  start | stop) "$1" ;;
  *) fail "serve.sh start|stop" ;;
esac
