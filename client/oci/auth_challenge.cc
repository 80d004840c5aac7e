#include "client/oci/auth_challenge.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxChallenges = 16;

// RFC 9110 5.6.2.
bool IsTokenChar(char c) {
  return absl::ascii_isalnum(c) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(c) !=
             absl::string_view::npos;
}

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool SkipBlanks() {
    const size_t before = text_.size();
    while (Take(' ') || Take('\t')) {
    }
    return text_.size() != before;
  }
  void SkipBlanksAndCommas() {
    while (SkipBlanks() || Take(',')) {
    }
  }
  absl::string_view Token() {
    size_t size = 0;
    while (size < text_.size() && IsTokenChar(text_[size])) ++size;
    const absl::string_view token = text_.substr(0, size);
    text_.remove_prefix(size);
    return token;
  }
  // NAME=VALUE or NAME="VALUE"; false, with nothing taken, for anything else.
  bool Parameter(std::string& name, std::string& value) {
    const absl::string_view before = text_;
    name = absl::AsciiStrToLower(Token());
    SkipBlanks();
    if (!name.empty() && Take('=')) {
      SkipBlanks();
      if (Take('"') ? QuotedRest(value) : Bare(value)) return true;
    }
    text_ = before;
    return false;
  }

 private:
  bool Bare(std::string& value) {
    value = std::string(Token());
    return !value.empty();
  }
  bool QuotedRest(std::string& value) {
    value.clear();
    while (!text_.empty()) {
      char c = text_[0];
      text_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (text_.empty()) return false;
        c = text_[0];
        text_.remove_prefix(1);
      }
      value += c;
    }
    return false;
  }

  absl::string_view text_;
};

}  // namespace

std::string AuthChallenge::Get(absl::string_view name) const {
  const auto found = parameters.find(std::string(name));
  return found == parameters.end() ? "" : found->second;
}

std::vector<AuthChallenge> ParseAuthChallenges(absl::string_view header) {
  std::vector<AuthChallenge> result;
  Reader reader(header);
  reader.SkipBlanksAndCommas();
  while (!reader.AtEnd() && result.size() < kMaxChallenges) {
    AuthChallenge challenge;
    challenge.scheme = absl::AsciiStrToLower(reader.Token());
    if (challenge.scheme.empty()) break;
    const bool blank = reader.SkipBlanks();
    if (!blank && !reader.AtEnd() && !reader.Take(',')) break;
    std::string name;
    std::string value;
    reader.SkipBlanksAndCommas();
    while (reader.Parameter(name, value)) {
      challenge.parameters.emplace(name, value);
      reader.SkipBlanksAndCommas();
    }
    result.push_back(std::move(challenge));
  }
  return result;
}

}  // namespace countersign::client
