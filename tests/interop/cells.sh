# Cells of the tables: a command is run and held against what is expected; at
# the end the tables are printed as Markdown. Sourced by interop.sh, which sets
# RESULTS (a file) and LOGS (a folder).

SECTION=''
UNEXPECTED=0

section() {
  SECTION=$*
  printf '\n== %s\n' "$*"
}

# record ROW COLUMN RESULT
record() { printf '%s\t%s\t%s\t%s\n' "$SECTION" "$1" "$2" "$3" >>"$RESULTS"; }

# step ROW COLUMN WANT COMMAND...: WANT is yes or no. Runs the command and
# writes down what happened; what is not as expected is told at once. Its exit
# code is the command's, for rows that cannot go on; cell's is always 0.
cell() { step "$@" || true; }
step() {
  local row=$1 column=$2 want=$3 got=no log
  shift 3
  log=$LOGS/$(printf '%s-%s-%s' "$SECTION" "$row" "$column" |
    tr -c 'A-Za-z0-9\n' '_').log
  printf '$ %s\n' "${*@Q}" >"$log"
  # A shell of its own, so that `set -e` and functions work; no cell hangs.
  if (
    set -e
    "$@"
  ) >>"$log" 2>&1 </dev/null; then got=yes; fi
  if [[ $got == "$want" ]]; then
    record "$row" "$column" "$got"
  else
    UNEXPECTED=$((UNEXPECTED + 1))
    record "$row" "$column" "**$got**"
    printf 'UNEXPECTED: %s, %s: %s instead of %s\n' "$row" "$column" "$got" \
      "$want"
    tail -n 4 "$log" | cut -c 1-600 | sed 's/^/    /'
    printf '    (%s)\n' "$log"
  fi
  [[ $got == yes ]]
}

# try ROW COLUMN TOOL WANT COMMAND...: a cell where the tool is there.
try() {
  local row=$1 column=$2 tool=$3
  shift 3
  if have "$tool"; then
    cell "$row" "$column" "$@"
  else
    record "$row" "$column" 'no tool'
  fi
}

# offers COMMAND...: does this client have that command?
offers() {
  countersign "$@" --help 2>/dev/null | grep -q "^Usage: countersign $*"
}

# not_here WHAT: a row or a section that cannot run, aloud.
not_here() {
  printf 'NOT RUN: %s\n' "$*"
  record "$*" 'not run' '-'
}

# Every section as a Markdown table, in the order in which things were run.
print_tables() {
  awk -F '\t' '
    !($1 in rows) { sections[++n] = $1; rows[$1] = 0 }
    !(($1, $2) in row_seen) { row_seen[$1, $2]; row[$1, ++rows[$1]] = $2 }
    !(($1, $3) in col_seen) { col_seen[$1, $3]; col[$1, ++cols[$1]] = $3 }
    { value[$1, $2, $3] = $4 }
    END {
      for (s = 1; s <= n; s++) {
        name = sections[s]
        printf "\n### %s\n\n| |", name
        for (c = 1; c <= cols[name]; c++) printf " %s |", col[name, c]
        printf "\n|---|"
        for (c = 1; c <= cols[name]; c++) printf "---|"
        printf "\n"
        for (r = 1; r <= rows[name]; r++) {
          printf "| %s |", row[name, r]
          for (c = 1; c <= cols[name]; c++) {
            key = name SUBSEP row[name, r] SUBSEP col[name, c]
            printf " %s |", (key in value) ? value[key] : ""
          }
          printf "\n"
        }
      }
    }' "$RESULTS"
}
