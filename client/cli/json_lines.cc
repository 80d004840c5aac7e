#include "client/cli/json_lines.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"

namespace countersign::client {
namespace {

// Walks the text once. Depth is bounded by the parser that accepted it (64).
class Walker {
 public:
  explicit Walker(absl::string_view text) : text_(text) {}

  std::map<std::string, int> Walk() {
    Value("");
    return std::move(lines_);
  }

 private:
  char Peek() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::string String() {
    const size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    ++at_;
    if (at_ > text_.size()) at_ = text_.size();
    const auto parsed = base::ParseJson(text_.substr(begin, at_ - begin));
    return parsed.ok() && parsed->is_string() ? parsed->string() : "";
  }

  void Value(const std::string& path) {
    const char c = Peek();
    lines_[path] = line_;
    if (c == '{') {
      Object(path);
    } else if (c == '[') {
      Array(path);
    } else if (c == '"') {
      String();
    } else {
      while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' &&
             text_[at_] != ']' && !absl::ascii_isspace(text_[at_])) {
        ++at_;
      }
    }
  }

  void Object(const std::string& path) {
    ++at_;
    while (Peek() == '"') {
      const std::string key = String();
      if (Peek() != ':') return;
      ++at_;
      Value(path.empty() ? key : absl::StrCat(path, ".", key));
      if (Peek() == ',') ++at_;
    }
    if (Peek() == '}') ++at_;
  }

  void Array(const std::string& path) {
    ++at_;
    for (size_t i = 0; Peek() != ']' && Peek() != '\0'; ++i) {
      const size_t before = at_;
      Value(absl::StrCat(path, "[", i, "]"));
      if (Peek() == ',') ++at_;
      if (at_ == before) return;
    }
    if (Peek() == ']') ++at_;
  }

  absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::map<std::string, int> lines_;
};

}  // namespace

std::map<std::string, int> JsonLines(absl::string_view text) {
  return Walker(text).Walk();
}

}  // namespace countersign::client
