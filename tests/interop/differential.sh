#!/usr/bin/env bash
# Random component descriptors, normalised by this client and by the real OCM
# tools; prints every difference.
#   differential.sh DIFFERENTIAL [SEED [COUNT [NEW]]]
#     DIFFERENTIAL  the binary //tests/interop:differential
#     SEED          default 1
#     COUNT         descriptors, default 1000
#     NEW           how many of them the new tool gets as well (each is a
#                   process of its own there), default 200
# Exit code 1 where something was found; the folder with everything stays then.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools.sh
source "$HERE/tools.sh"
DIFFERENTIAL=$(realpath "$1")
SEED=${2:-1} COUNT=${3:-1000} NEW=${4:-200}
# So many lie in one archive.
BATCH=250
WORK=$(mktemp -d "${TMPDIR:-/tmp}/countersign-differential.XXXXXX")
export HOME=$WORK/home OCM_DISABLE_VERSION_CHECK=1
mkdir "$HOME"

find_tools ocm-v1 ocm-new
have ocm-v1 || have ocm-new || exit 0

# The new tool signs, dry, and tells the digest.
if have ocm-new; then
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
    -out "$WORK/key.pem"
  cat >"$WORK/ocm.yaml" <<END
type: generic.config.ocm.software/v1
configurations:
  - type: credentials.config.ocm.software
    consumers:
      - identity: {type: RSA/v1alpha1, algorithm: RSASSA-PSS, signature: dry}
        credentials:
          - type: RSACredentials/v1
            privateKeyPEMFile: $WORK/key.pem
END
fi

# new_digest ARCHIVE COMPONENT: hex, or "-".
new_digest() {
  local out
  out=$(ocm-new sign cv "ctf::$1//$2:1.0.0" --signature dry --dry-run -o json \
    --config "$WORK/ocm.yaml" 2>"$WORK/new.err") || out=''
  out=$(grep -oE '"value": *"[0-9a-f]{64}"' <<<"$out" | head -n 1 |
    grep -oE '[0-9a-f]{64}') || out=-
  printf '%s %s\n' "$2" "$out"
}

# batch FIRST COUNT NEW
batch() {
  local folder=$WORK/$1 name number
  mkdir "$folder"
  "$DIFFERENTIAL" write "$SEED" "$1" "$2" "$folder"
  if have ocm-v1; then
    for name in v1 v2 v3; do
      # A copy: hashing with v1 and v2 changes the archive.
      cp -r "$folder/ctf" "$folder/copy"
      ocm-v1 hash cv --actual -N "jsonNormalisation/$name" -o json \
        "$folder/copy" >"$folder/$name.json" 2>"$folder/$name.err" || true
      rm -rf "$folder/copy"
    done
  fi
  "$DIFFERENTIAL" compare "$SEED" "$1" "$2" "$folder" || found=1
  # The tables of the new tool are about less.
  rm -f "$folder"/v?.json
  if have ocm-new && (($3 > 0)); then
    for ((number = $1; number < $1 + $3; number++)); do
      new_digest "$folder/ctf" "acme.org/random/d$(printf '%05d' "$number")"
    done >"$folder/v4alpha1.txt"
    "$DIFFERENTIAL" compare "$SEED" "$1" "$3" "$folder" || found=1
  fi
}

found=0
for ((first = 0; first < COUNT; first += BATCH)); do
  size=$((COUNT - first < BATCH ? COUNT - first : BATCH))
  new=$((NEW < size ? NEW : size))
  NEW=$((NEW - new))
  batch "$first" "$size" "$new"
done
if ((found)); then
  printf 'Differences; everything is in %s\n' "$WORK"
  exit 1
fi
rm -rf "$WORK"
printf 'No difference in %s descriptors of seed %s.\n' "$COUNT" "$SEED"
