#include "tests/interop/yaml_text.h"

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace countersign::interop {
namespace {

using Kind = YamlNode::Kind;

std::string Hex(unsigned char octet) {
  char text[8];
  std::snprintf(text, sizeof(text), "%02x", octet);
  return text;
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
bool HasControl(const std::string& text, const char* but) {
  for (const char c : text) {
    if (IsControl(c) && !absl::StrContains(but, std::string(1, c))) return true;
  }
  // What YAML takes for a line end or does not print: only as escapes.
  for (const char* odd : {"\u0080", "\u0085", "\u2028", "\u2029", "\ufeff"}) {
    if (absl::StrContains(text, odd)) return true;
  }
  return false;
}

std::string EscapedOctet(char c, Dice& dice) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return dice.Chance(50) ? "\\t" : "\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      return absl::StrCat(dice.Chance(50) ? "\\x" : "\\u00",
                          Hex(static_cast<unsigned char>(c)));
  }
}

std::string DoubleQuoted(const std::string& text, Dice& dice) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += absl::StrCat("\\", std::string(1, c));
    } else if (IsControl(c)) {
      out += EscapedOctet(c, dice);
    } else if (c > ' ' && dice.Chance(2)) {
      out += absl::StrCat("\\x", Hex(static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  // Raw ones would be line ends to a YAML 1.1 reader.
  return absl::StrReplaceAll(out, {{"\u0085", "\\u0085"},
                                   {"\u0080", "\\x80"},
                                   {"\u2028", "\\L"},
                                   {"\u2029", "\\P"},
                                   {"\ufeff", "\\uFEFF"}}) +
         "\"";
}

std::string JsonQuoted(const std::string& text, Dice& dice) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += absl::StrCat("\\", std::string(1, c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (IsControl(c) || (c > ' ' && dice.Chance(2))) {
      out += absl::StrCat("\\u00", Hex(static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  return absl::StrReplaceAll(out, {{"\u0085", "\\u0085"},
                                   {"\u0080", "\\u0080"},
                                   {"\u2028", "\\u2028"},
                                   {"\u2029", "\\u2029"},
                                   {"\ufeff", "\\ufeff"}}) +
         "\"";
}

bool MayBePlain(const std::string& text) {
  if (text.empty() || text.size() > 40) return false;
  for (const char c : text) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '.' || c == '/' || c == '-' || (c & 0x80);
    if (!good) return false;
  }
  const char first = text[0];
  return first != '.' && first != '-' && !HasControl(text, "");
}

class Writer {
 public:
  explicit Writer(Dice& dice) : dice_(dice), step_(2 + 2 * dice.Roll(2)) {}

  std::string Document(const YamlNode& node) {
    std::string out;
    if (dice_.Chance(10)) out += "---\n";
    if (dice_.Chance(10)) out += "# a comment\n";
    out += Block(node, 0);
    if (dice_.Chance(3)) out += "...\n";
    if (literal_) return out;
    if (dice_.Chance(3)) return absl::StrReplaceAll(out, {{"\n", "\r\n"}});
    if (dice_.Chance(3)) out.pop_back();
    return out;
  }

 private:
  std::string Key(const YamlNode& key) {
    if (key.kind == Kind::kToken) return key.text;
    if (MayBePlain(key.text) && dice_.Chance(50)) return key.text;
    return DoubleQuoted(key.text, dice_);
  }

  std::string Quoted(const std::string& text) {
    if (MayBePlain(text) && dice_.Chance(40)) return text;
    if (!HasControl(text, "") && dice_.Chance(40)) {
      return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
    }
    return DoubleQuoted(text, dice_);
  }

  // "|" or ">" with the lines below it.
  std::string Literal(const std::string& text, int indent) {
    literal_ = true;
    const bool folded = dice_.Chance(30);
    std::string out = folded ? ">" : "|";
    if (absl::StartsWith(text, " ") || absl::StartsWith(text, "\n") ||
        dice_.Chance(10)) {
      absl::StrAppend(&out, step_);
    }
    const bool ends = absl::EndsWith(text, "\n");
    if (!ends) out += "-";
    if (ends && (text.size() == 1 || absl::EndsWith(text, "\n\n"))) out += "+";
    out += "\n";
    std::string body = text;
    if (ends) body.pop_back();
    for (const absl::string_view line : absl::StrSplit(body, '\n')) {
      if (!line.empty()) absl::StrAppend(&out, std::string(indent, ' '), line);
      out += "\n";
    }
    return out;
  }

  // What stands behind "key:" or "-", with the line end. Lines below have
  // `indent` blanks.
  std::string Value(const YamlNode& node, int indent, bool in_list) {
    std::string head = node.anchor.empty() ? "" : " &" + node.anchor;
    if (node.kind == Kind::kToken)
      return absl::StrCat(head, " ", node.text, End());
    if (node.kind == Kind::kString) {
      const bool fits = !node.text.empty() && !HasControl(node.text, "\n\t") &&
                        !absl::StrContains(node.text, "\n\t") &&
                        !absl::StartsWith(node.text, "\t");
      if (fits && dice_.Chance(absl::StrContains(node.text, "\n") ? 60 : 5)) {
        return absl::StrCat(head, " ", Literal(node.text, indent));
      }
      return absl::StrCat(head, " ", Quoted(node.text), End());
    }
    const bool empty = node.members.empty() && node.items.empty();
    if (empty || dice_.Chance(10)) {
      return absl::StrCat(head, " ", Flow(node), End());
    }
    if (in_list && head.empty() && step_ == 2 && dice_.Chance(80)) {
      // "- name: x", the other members below "name".
      return absl::StrCat(" ", Block(node, indent).substr(indent));
    }
    // A list may stand as far left as the key above it.
    const bool flush = node.kind == Kind::kList && !in_list &&
                       indent >= step_ && dice_.Chance(50);
    return absl::StrCat(head, End(),
                        Block(node, flush ? indent - step_ : indent));
  }

  std::string Block(const YamlNode& node, int indent) {
    const std::string blanks(indent, ' ');
    std::string out;
    for (const auto& [key, value] : node.members) {
      absl::StrAppend(&out, blanks, Key(key), ":",
                      Value(value, indent + step_, false));
    }
    for (const YamlNode& item : node.items) {
      absl::StrAppend(&out, blanks, "-", Value(item, indent + step_, true));
    }
    return out;
  }

  std::string FlowScalar(const YamlNode& node) {
    if (node.kind == Kind::kString) return Quoted(node.text);
    // A token that would be read otherwise inside brackets.
    const bool plain = node.text.find_first_of(",[]{}:?") == std::string::npos;
    return plain ? node.text : absl::StrCat("\"", node.text, "\"");
  }

  std::string Flow(const YamlNode& node) {
    if (node.kind == Kind::kToken && node.text[0] == '*')
      return node.text + " ";
    const std::string head = node.anchor.empty() ? "" : "&" + node.anchor + " ";
    if (node.kind == Kind::kToken || node.kind == Kind::kString) {
      return head + FlowScalar(node);
    }
    std::string out = head + (node.kind == Kind::kMap ? "{" : "[");
    const char* comma = "";
    for (const auto& [key, value] : node.members) {
      absl::StrAppend(&out, comma,
                      key.kind == Kind::kToken ? FlowScalar(key) : Key(key),
                      ": ", Flow(value));
      comma = dice_.Chance(50) ? ", " : " , ";
    }
    for (const YamlNode& item : node.items) {
      absl::StrAppend(&out, comma, Flow(item));
      comma = dice_.Chance(50) ? ", " : " , ";
    }
    return out + (node.kind == Kind::kMap ? "}" : "]");
  }

  std::string End() {
    if (dice_.Chance(2)) return "   # note\n";
    return dice_.Chance(1) ? "\n\n" : "\n";
  }

  Dice& dice_;
  const int step_;
  bool literal_ = false;
};

}  // namespace

std::string WriteYaml(const YamlNode& node, Dice& dice) {
  return Writer(dice).Document(node);
}

std::string WriteJson(const YamlNode& node, Dice& dice) {
  switch (node.kind) {
    case Kind::kToken:
      return node.text;
    case Kind::kString:
      return JsonQuoted(node.text, dice);
    case Kind::kMap: {
      std::string out = "{";
      for (const auto& [key, value] : node.members) {
        absl::StrAppend(&out, out.size() > 1 ? "," : "",
                        JsonQuoted(key.text, dice),
                        dice.Chance(50) ? ": " : ":", WriteJson(value, dice));
      }
      return out + "}";
    }
    case Kind::kList: {
      std::string out = "[";
      for (const YamlNode& item : node.items) {
        absl::StrAppend(&out, out.size() > 1 ? ", " : "",
                        WriteJson(item, dice));
      }
      return out + "]";
    }
  }
  return "";
}

}  // namespace countersign::interop
