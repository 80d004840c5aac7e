#include "base/pem.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"

namespace countersign::base {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kColumns = 64;  // RFC 7468 2
constexpr char kBegin[] = "-----BEGIN ";
constexpr char kEnd[] = "-----END ";
constexpr char kDashes[] = "-----";

// Labels and headers are one line each, whatever a caller puts in.
std::string OneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; },
      ' ');
  return line;
}

// RFC 7468 3: printable, neither empty nor with "-" or blank at an end.
bool IsLabel(absl::string_view label) {
  return !label.empty() && label.front() != ' ' && label.front() != '-' &&
         label.back() != ' ' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) {}

  absl::StatusOr<std::vector<PemBlock>> Run() {
    std::vector<PemBlock> blocks;
    while (Next()) {
      if (absl::StartsWith(line_, kEnd)) return Wrong("END without BEGIN");
      if (!absl::StartsWith(line_, kBegin)) continue;
      absl::StatusOr<PemBlock> block = Block();
      if (!block.ok()) return block.status();
      blocks.push_back(*std::move(block));
    }
    return blocks;
  }

 private:
  // One line further; white space at its end (CR, blanks) does not count.
  bool Next() {
    if (rest_.empty()) return false;
    const size_t newline = rest_.find('\n');
    line_ = absl::StripTrailingAsciiWhitespace(rest_.substr(0, newline));
    rest_.remove_prefix(newline == absl::string_view::npos ? rest_.size()
                                                           : newline + 1);
    ++number_;
    return true;
  }

  absl::Status Wrong(absl::string_view what) const { return At(number_, what); }
  static absl::Status At(int number, absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("PEM, line ", number, ": ", what));
  }

  // The label of a boundary line that starts with `prefix`.
  std::optional<absl::string_view> Label(absl::string_view prefix) const {
    absl::string_view label = line_;
    if (!absl::ConsumePrefix(&label, prefix) ||
        !absl::ConsumeSuffix(&label, kDashes) || !IsLabel(label)) {
      return std::nullopt;
    }
    return label;
  }

  // From the line after BEGIN to the END line.
  absl::StatusOr<PemBlock> Block() {
    const int begin = number_;
    const std::optional<absl::string_view> label = Label(kBegin);
    if (!label.has_value()) return Wrong("broken BEGIN line");
    PemBlock block;
    block.label = std::string(*label);
    bool in_headers = true;
    std::string base64;
    while (Next()) {
      if (absl::StartsWith(line_, kEnd)) {
        if (Label(kEnd) != label) return Wrong("END does not fit BEGIN");
        // Headers that no blank line ended (RFC 1421 4.4) leave doubt about
        // what is header and what is content.
        if (in_headers && !block.headers.empty()) {
          return Wrong("no blank line after the headers");
        }
        absl::StatusOr<std::string> contents = Base64Decode(base64);
        if (!contents.ok()) return At(begin, contents.status().message());
        block.contents = *std::move(contents);
        return block;
      }
      if (absl::StartsWith(line_, kDashes)) return Wrong("BEGIN in a block");
      if (line_.empty()) {
        in_headers = false;
      } else if (const size_t colon = line_.find(':');
                 in_headers && colon != absl::string_view::npos) {
        if (colon == 0 || absl::ascii_isspace(line_[0])) {
          return Wrong("broken header");
        }
        block.headers.emplace_back(
            std::string(line_.substr(0, colon)),
            std::string(absl::StripAsciiWhitespace(line_.substr(colon + 1))));
      } else if (in_headers && !block.headers.empty()) {
        return Wrong("no blank line after the headers");
      } else {
        in_headers = false;
        absl::Status status = CheckBase64Line();
        if (!status.ok()) return status;
        absl::StrAppend(&base64, line_);
      }
    }
    return At(begin, "BEGIN without END");
  }

  absl::Status CheckBase64Line() const {
    const auto wrong = std::find_if_not(line_.begin(), line_.end(), [](char c) {
      return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
    });
    if (wrong == line_.end()) return absl::OkStatus();
    const size_t column = wrong - line_.begin();
    return Wrong(absl::StrCat("column ", column + 1, " is not base64: \"",
                              EscapeForDisplay(line_.substr(column, 1)), "\""));
  }

  absl::string_view rest_;
  absl::string_view line_;
  int number_ = 0;
};

}  // namespace

std::string FormatPem(const PemBlock& block) {
  const std::string label = OneLine(block.label);
  std::string text = absl::StrCat(kBegin, label, kDashes, "\n");
  for (const auto& [key, value] : block.headers) {
    absl::StrAppend(&text, OneLine(key), ": ", OneLine(value), "\n");
  }
  if (!block.headers.empty()) text.push_back('\n');
  const std::string base64 = Base64Encode(block.contents);
  for (size_t at = 0; at < base64.size(); at += kColumns) {
    absl::StrAppend(&text, absl::string_view(base64).substr(at, kColumns),
                    "\n");
  }
  absl::StrAppend(&text, kEnd, label, kDashes, "\n");
  return text;
}

absl::StatusOr<std::vector<PemBlock>> ParsePem(absl::string_view text) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("PEM text of ", text.size(), " octets, over ", kMaxBytes));
  }
  return Parser(text).Run();
}

}  // namespace countersign::base
