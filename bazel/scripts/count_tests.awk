# Counts the test cases of JUnit XML files (GoogleTest's, and those that Bazel
# makes for a test without one of its own): last a line "COUNT passed failed
# skipped", before it one line for each case that failed or was skipped.
# What a test printed stands in CDATA and is not markup.

function finish() {
  if (name == "" || ended) return
  ended = 1
  if (notrun) return
  if (failed_case) { failed++; print "FAILED  " name }
  else if (skipped_case) { skipped++; print "SKIPPED " name reason }
  else passed++
}

function attribute(text, key,    rest) {
  if (!match(text, "[ \t]" key "=\"[^\"]*\"")) return ""
  rest = substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
  gsub(/&quot;/, "\"", rest); gsub(/&#x0A;/, " ", rest)
  gsub(/&lt;/, "<", rest); gsub(/&gt;/, ">", rest); gsub(/&amp;/, "\\&", rest)
  return rest
}

# Removes CDATA, also where it goes over several lines.
function without_cdata(line,    at, out) {
  out = ""
  while (1) {
    if (in_cdata) {
      at = index(line, "]]>")
      if (!at) return out
      line = substr(line, at + 3); in_cdata = 0
    }
    at = index(line, "<![CDATA[")
    if (!at) return out line
    out = out substr(line, 1, at - 1)
    line = substr(line, at + 9); in_cdata = 1
  }
}

FNR == 1 { finish(); name = ""; in_cdata = 0 }

{
  line = without_cdata($0)
  while (match(line, /<[\/a-z-]+[^<>]*>/)) {
    tag = substr(line, RSTART, RLENGTH)
    line = substr(line, RSTART + RLENGTH)
    if (tag ~ /^<testcase[ >]/) {
      finish()
      name = attribute(tag, "classname")
      name = (name == "" ? "" : name ".") attribute(tag, "name")
      ended = failed_case = skipped_case = 0; reason = ""
      notrun = (attribute(tag, "status") == "notrun")
    } else if (tag ~ /^<(failure|error)[ >\/]/) {
      failed_case = 1
    } else if (tag ~ /^<skipped[ >\/]/) {
      skipped_case = 1; reason = ": " attribute(tag, "message")
    }
  }
}

END { finish(); print "COUNT", passed + 0, failed + 0, skipped + 0 }
