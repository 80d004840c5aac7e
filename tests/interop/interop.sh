#!/usr/bin/env bash
# ./dev interop: the real tools of others against this build, in both
# directions; prints tables as docs/interop.md holds them.
#   interop.sh OUT [SECTION]...
#     OUT           folder for what is made (anew), with logs
#     SECTION       only these: ocm_ours ocm_storage ocm_trees ocm_theirs
#                   ocm_door ocm_plugin images_ours images_kms images_theirs
#                   blobs_ours
#     COUNTERSIGND, COUNTERSIGN, OCM_PLUGIN, KMS_PLUGIN   the binaries; the
#                   last two may be empty
#     COUNTERSIGN_INTEROP_TOOLS   a folder with ocm-v1, ocm-new, cosign-v2,
#                   cosign-v3, skopeo and node_modules; without it they are looked for on PATH
# Exit code 1 where a cell is not as expected.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$1
shift
SECTIONS=("$@")
((${#SECTIONS[@]})) || SECTIONS=(ocm_ours ocm_storage ocm_trees ocm_theirs
  ocm_door ocm_plugin images_ours images_kms images_theirs blobs_ours readme)
: "${COUNTERSIGND:?}" "${COUNTERSIGN:?}"
rm -rf "$OUT"
mkdir -p "$OUT/logs" "$OUT/work" "$OUT/home"
OUT=$(cd "$OUT" && pwd)
STATE=$OUT/site WORK=$OUT/work LOGS=$OUT/logs RESULTS=$OUT/results.tsv
: >"$RESULTS"
# shellcheck source=tools.sh
source "$HERE/tools.sh"
# shellcheck source=cells.sh
source "$HERE/cells.sh"
# shellcheck source=site.sh
source "$HERE/site.sh"
# shellcheck source=ocm.sh
source "$HERE/ocm.sh"
# shellcheck source=images.sh
source "$HERE/images.sh"
# shellcheck source=readme.sh
source "$HERE/readme.sh"
README=$(cd "$HERE/../.." && pwd)/README.md

command -v curl >/dev/null || {
  echo 'curl is missing: it puts the images into the registry' >&2
  exit 2
}
# The demo's environment lets no COUNTERSIGN_ variable through.
NODE_MODULES=$(realpath -m "${COUNTERSIGN_INTEROP_TOOLS:-/nowhere}/node_modules")
find_tools ocm-v1 ocm-new cosign-v2 cosign-v3 skopeo
# Nothing of this machine's user takes part, and no tool looks for news.
export HOME=$OUT/home OCM_DISABLE_VERSION_CHECK=1 SIGSTORE_NO_CACHE=true
export DOCKER_CONFIG=$OUT/home XDG_CONFIG_HOME=$OUT/home

trap stop_site EXIT
start_site
make_trust

if have ocm-v1 || have ocm-new; then
  make_archives
  make_new_configurations
fi
for name in "${SECTIONS[@]}"; do
  if [[ $name == ocm_* && ! -d source ]]; then
    section "$name"
    not_here 'the rows for ocm: neither of the tools is there'
  else
    "$name"
  fi
done

printf '\n| tool | version |\n|---|---|\n'
for tool in ocm-v1 ocm-new cosign-v2 cosign-v3 skopeo; do
  printf '| %s | %s |\n' "$tool" \
    "$(if have "$tool"; then tool_version "$tool"; else echo missing; fi)"
done
print_tables
printf '\n%s cells, %s not as expected; logs in %s\n' "$(wc -l <"$RESULTS")" \
  "$UNEXPECTED" "$LOGS"
((UNEXPECTED == 0))
