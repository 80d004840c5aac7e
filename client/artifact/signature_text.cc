#include "client/artifact/signature_text.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/artifact/yaml_scalar.h"

namespace countersign::client {
namespace {

using base::Json;

// CompactJson leaves some characters raw that YAML 1.1 does not allow raw or
// takes for line breaks. Outside of strings JSON has none of them.
std::string EscapedForYaml(std::string json) {
  std::vector<std::pair<std::string, std::string>> replacements = {
      {"\x7F", "\\u007f"},         {"\xE2\x80\xA8", "\\u2028"},
      {"\xE2\x80\xA9", "\\u2029"}, {"\xEF\xBB\xBF", "\\ufeff"},
      {"\xEF\xBF\xBE", "\\ufffe"}, {"\xEF\xBF\xBF", "\\uffff"},
  };
  for (int c = 0x80; c < 0xA0; ++c) {
    replacements.emplace_back(
        std::string{'\xC2', static_cast<char>(c)},
        absl::StrCat("\\u00", absl::Hex(c, absl::kZeroPad2)));
  }
  return absl::StrReplaceAll(json, replacements);
}

bool IsSafePlain(absl::string_view text) {
  if (text.empty() || !absl::ascii_isalnum(text[0])) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) &&
        absl::string_view("./_-+").find(c) == absl::string_view::npos) {
      return false;
    }
  }
  const absl::StatusOr<Json> resolved = ResolvePlainScalar(text);
  return resolved.ok() && resolved->is_string();
}

// Lines of "key: value".
class Lines {
 public:
  Lines(size_t column, absl::string_view eol) : column_(column), eol_(eol) {}

  void Add(size_t deeper, absl::string_view key, absl::string_view value) {
    absl::StrAppend(&text_, std::string(column_ + deeper, ' '), key, ":",
                    value.empty() ? "" : " ", value, eol_);
  }
  void AddText(size_t deeper, absl::string_view key, absl::string_view value) {
    if (!absl::StrContains(value, '\n') || !IsSafeLiteral(value)) {
      return Add(deeper, key, YamlScalar(value));
    }
    Add(deeper, key, "|");
    value.remove_suffix(1);
    for (const absl::string_view line : absl::StrSplit(value, '\n')) {
      const std::string blanks(line.empty() ? 0 : column_ + deeper + 2, ' ');
      absl::StrAppend(&text_, blanks, line, eol_);
    }
  }
  std::string Take() { return std::move(text_); }

 private:
  size_t column_;
  absl::string_view eol_;
  std::string text_;
};

}  // namespace

std::string YamlScalar(absl::string_view text) {
  if (IsSafePlain(text)) return std::string(text);
  return JsonScalar(text);
}

std::string JsonScalar(absl::string_view text) {
  return EscapedForYaml(base::CompactJson(Json(text)));
}

bool IsSafeLiteral(absl::string_view text) {
  if (text.empty() || text[0] == '\n' || !absl::EndsWith(text, "\n") ||
      absl::EndsWith(text, "\n\n")) {
    return false;
  }
  char before = '\n';
  for (const char c : text) {
    if (c != '\n' && (c < ' ' || c > '~')) return false;
    if (before == '\n' && c == ' ') return false;
    before = c;
  }
  return true;
}

Json SignatureJson(const DescriptorSignature& signature) {
  Json digest{Json::Object()};
  digest.Set("hashAlgorithm", signature.digest.hash_algorithm);
  digest.Set("normalisationAlgorithm",
             signature.digest.normalisation_algorithm);
  digest.Set("value", signature.digest.value);
  Json spec{Json::Object()};
  spec.Set("algorithm", signature.algorithm);
  if (!signature.issuer.empty()) spec.Set("issuer", signature.issuer);
  spec.Set("mediaType", signature.media_type);
  spec.Set("value", signature.value);
  Json entry{Json::Object()};
  entry.Set("name", signature.name);
  entry.Set("digest", std::move(digest));
  entry.Set("signature", std::move(spec));
  if (signature.timestamp) entry.Set("timestamp", *signature.timestamp);
  return entry;
}

std::string SignatureYaml(const DescriptorSignature& signature, size_t column,
                          absl::string_view eol) {
  Lines lines(column, eol);
  lines.Add(0, "- name", YamlScalar(signature.name));
  lines.Add(2, "digest", "");
  lines.AddText(4, "hashAlgorithm", signature.digest.hash_algorithm);
  lines.AddText(4, "normalisationAlgorithm",
                signature.digest.normalisation_algorithm);
  lines.AddText(4, "value", signature.digest.value);
  lines.Add(2, "signature", "");
  lines.AddText(4, "algorithm", signature.algorithm);
  if (!signature.issuer.empty()) lines.AddText(4, "issuer", signature.issuer);
  lines.AddText(4, "mediaType", signature.media_type);
  lines.AddText(4, "value", signature.value);
  if (signature.timestamp) {
    lines.Add(2, "timestamp",
              EscapedForYaml(base::CompactJson(*signature.timestamp)));
  }
  return lines.Take();
}

std::string JsonText(const Json& value, absl::string_view indent,
                     absl::string_view unit, absl::string_view eol) {
  if (unit.empty()) return EscapedForYaml(base::CompactJson(value));
  std::string text;
  // PrettyJson indents by two blanks; strings hold no raw line feed.
  for (const absl::string_view line :
       absl::StrSplit(base::PrettyJson(value), '\n')) {
    const size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    if (!text.empty()) {
      absl::StrAppend(&text, eol, indent);
      for (size_t i = 0; i < blanks / 2; ++i) absl::StrAppend(&text, unit);
    }
    absl::StrAppend(&text, line.substr(blanks));
  }
  return EscapedForYaml(std::move(text));
}

}  // namespace countersign::client
