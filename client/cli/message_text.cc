#include "client/cli/message_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/openssl.h"

namespace countersign::client {
namespace {

constexpr size_t kRow = 16;

std::string Row(size_t offset, absl::string_view octets) {
  std::string hex;
  std::string shown;
  for (size_t i = 0; i < kRow; ++i) {
    if (i == kRow / 2) hex += ' ';
    if (i >= octets.size()) {
      hex += "   ";
      continue;
    }
    absl::StrAppend(&hex, base::HexEncode(octets.substr(i, 1)), " ");
    shown += absl::ascii_isprint(octets[i]) ? octets[i] : '.';
  }
  return absl::StrFormat("\n%04x  %s |%s|", offset, hex, shown);
}

std::string Dump(absl::string_view message) {
  std::string text;
  for (size_t i = 0; i < message.size(); i += kRow) {
    absl::StrAppend(&text, Row(i, message.substr(i, kRow)));
  }
  return text;
}

std::string Lines(absl::string_view message) {
  std::string text;
  // The break at the end of the last line begins no line of its own.
  if (absl::EndsWith(message, "\n")) message.remove_suffix(1);
  for (const absl::string_view line : absl::StrSplit(message, '\n')) {
    absl::StrAppend(&text, "\n| ", absl::StrReplaceAll(line, {{"\t", "\\t"}}));
  }
  return text;
}

}  // namespace

bool IsPlainText(absl::string_view message) {
  // A tab is shown as "\t": not where that could be meant literally.
  const bool tabs = absl::StrContains(message, '\t');
  if (tabs && absl::StrContains(message, "\\t")) return false;
  const std::string plain =
      absl::StrReplaceAll(message, {{"\n", " "}, {"\t", " "}});
  return base::EscapeForDisplay(plain) == plain;
}

std::string MessageText(absl::string_view message) {
  const std::string size =
      absl::StrCat(message.size(), message.size() == 1 ? " octet" : " octets");
  const std::string hash =
      absl::StrCat("; SHA-256 ", base::HexEncode(base::Sha256(message)));
  if (message.empty()) return size;
  if (!IsPlainText(message)) return absl::StrCat(size, hash, Dump(message));
  return absl::StrCat(size,
                      absl::EndsWith(message, "\n")
                          ? ", text"
                          : ", text without a last line break",
                      hash, Lines(message));
}

}  // namespace countersign::client
