# The client's own rows of ./dev bench: what a pipeline waits for besides the
# signature. Sourced by bench.sh, which has a server and the client ready; adds
# its rows to OUT/bench.json.
#   figure NAME 'REMARK' MEMBERS   MEMBERS of a JSON object
figure() {
  printf '%-34s %s\n' "$1" "$2"
  sed -i '$d' "$OUT/bench.json"
  sed -i '$s/$/,/' "$OUT/bench.json"
  printf '  {"name": "%s", %s}\n]\n' "$1" "$3" >>"$OUT/bench.json"
}

# timed COMMAND...: seconds, CPU seconds and peak memory of it go to TOOK,
# CPU and RSS (MiB).
timed() {
  local kib
  "$BINARIES/measure" "$WORK/measured" "$@" >"$WORK/output" 2>&1 </dev/null ||
    fail "$*: $(tail -n 3 "$WORK/output")"
  read -r TOOK CPU kib <"$WORK/measured"
  RSS=$(awk -v kib="$kib" 'BEGIN { printf "%.1f", kib / 1024 }')
}
# of EXPRESSION: its value by awk, with three digits.
of() { awk "BEGIN { printf \"%.3f\", $1 }"; }

# Hashing is held against openssl's CPU time, run just before and after.
bench_hash() {
  local before after
  head -c 1G /dev/zero >"$WORK/blob"
  timed openssl dgst -sha256 "$WORK/blob"
  before=$CPU
  timed countersign hash blob "$WORK/blob"
  local cpu=$CPU took=$TOOK rss=$RSS
  timed openssl dgst -sha256 "$WORK/blob"
  after=$CPU
  rm "$WORK/blob"
  local ratio
  ratio=$(of "$cpu / (($before + $after) / 2)")
  figure client/hash-1GiB "$took s, $ratio of openssl's CPU time, $rss MiB" \
    "\"seconds\": $took, \"cpu_of_openssl\": $ratio, \"rss_mib\": $rss"
}

bench_component_versions() {
  local tree=$WORK/tree root=bench.example/tree/c0:1.0.0
  "$BINARIES/make_component_tree" "$WORK/one" 1 1000
  timed countersign hash component-version "$WORK/one//$root"
  figure client/descriptor-1000 "normalised and hashed in $TOOK s" \
    "\"seconds\": $TOOK, \"cpu_seconds\": $CPU, \"rss_mib\": $RSS"
  "$BINARIES/make_component_tree" "$tree" 200 1
  timed countersign --context ci sign component-version "$tree//$root" \
    --recursive --signature bench -p bench/rsa2048
  figure client/tree-200/sign "$TOOK s in one request, $RSS MiB" \
    "\"seconds\": $TOOK, \"cpu_seconds\": $CPU, \"rss_mib\": $RSS"
  quietly countersign --context ci key public bench/rsa2048 -O "$WORK/key.pem"
  timed countersign verify component-version "$tree//$root" \
    --recursive --signature bench --public-key "$WORK/key.pem"
  figure client/tree-200/verify "$TOOK s, $RSS MiB" \
    "\"seconds\": $TOOK, \"cpu_seconds\": $CPU, \"rss_mib\": $RSS"
}

one_by_one() {
  local digest
  for digest; do
    countersign --context ci sign digest "$digest" -p bench/rsa2048 || return
  done
}

# Twenty digests: a run of the client for each, and one run for all.
bench_batch() {
  local digests=() i single
  for ((i = 0; i < 20; i++)); do
    digests+=("$(printf '%s' "$i" | openssl dgst -sha256 -r | cut -d ' ' -f 1)")
  done
  local begin=$EPOCHREALTIME
  quietly one_by_one "${digests[@]}"
  single=$(of "$EPOCHREALTIME - $begin")
  timed countersign --context ci sign digest "${digests[@]}" -p bench/rsa2048
  figure client/digests-20/one-request \
    "$TOOK s; one by one $single s" \
    "\"seconds\": $TOOK, \"one_by_one_seconds\": $single"
}

bench_client() {
  WORK=$(mktemp -d)
  bench_hash
  bench_component_versions
  bench_batch
  rm -r "$WORK"
}
