#include "base/subject_name.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

using Values = std::map<std::string, std::string>;

struct Type {
  const char* name;
  int nid;
  size_t min;  // characters, X.520 and RFC 5280 appendix A.1
  size_t max;
};
constexpr Type kTypes[] = {
    {"CN", NID_commonName, 1, 64},
    {"O", NID_organizationName, 1, 64},
    {"OU", NID_organizationalUnitName, 1, 64},
    {"C", NID_countryName, 2, 2},
    {"ST", NID_stateOrProvinceName, 1, 128},
    {"L", NID_localityName, 1, 128},
    {"DC", NID_domainComponent, 1, 63},
    {"UID", NID_userId, 1, 256},
    {"serialNumber", NID_serialNumber, 1, 64},
    {"emailAddress", NID_pkcs9_emailAddress, 1, 255},
};

// The longest name that makes sense; a bound on the work.
constexpr size_t kMaxText = 4096;

// RFC 4514 2.4 and 3: these can stand after a backslash.
constexpr absl::string_view kEscapable = "\"+,;<>\\ #=";

struct Part {
  const Type* type;
  std::string value;
};

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "subject: ", why,
      "; a subject looks like \"CN=Release signing,O=Example,C=DE\""));
}

// Splits at commas that no backslash escapes; escapes stay.
std::vector<absl::string_view> SplitParts(absl::string_view text) {
  std::vector<absl::string_view> parts;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// Blanks around a value do not count, but an escaped one at its end does.
absl::string_view StripBlanks(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  while (absl::EndsWith(text, " ") && !absl::EndsWith(text, "\\ ")) {
    text.remove_suffix(1);
  }
  return text;
}

absl::StatusOr<std::string> Unescape(absl::string_view text) {
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::StrContains("+\";<>", text.substr(i, 1))) {
      return Wrong(absl::StrCat("\"", text.substr(i, 1),
                                "\" in a value must stand after a backslash"));
    }
    if (text[i] != '\\') {
      value.push_back(text[i]);
      continue;
    }
    if (absl::StrContains(kEscapable, text.substr(i + 1, 1)) &&
        i + 1 < text.size()) {
      value.push_back(text[++i]);
      continue;
    }
    const absl::StatusOr<std::string> octet = HexDecode(text.substr(i + 1, 2));
    if (!octet.ok() || octet->size() != 1) {
      return Wrong(
          "after a backslash stands one of the characters \" + , ; < > \\ = # "
          "or blank, or two hexadecimal digits");
    }
    value += *octet;
    i += 2;
  }
  return value;
}

absl::StatusOr<const Type*> FindType(absl::string_view name) {
  std::string known;
  for (const Type& type : kTypes) {
    if (absl::EqualsIgnoreCase(name, type.name)) return &type;
    absl::StrAppend(&known, known.empty() ? "" : ", ", type.name);
  }
  return Wrong(
      absl::StrCat("\"", EscapeForDisplay(name), "\" is none of ", known));
}

size_t Characters(absl::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](unsigned char c) {
    return (c & 0xc0) != 0x80;  // not a continuation octet
  });
}

// `value` with "{name}" replaced. Values are not looked at again.
absl::StatusOr<std::string> Fill(absl::string_view value,
                                 const Values& values) {
  std::string filled;
  while (!value.empty()) {
    const size_t open = value.find('{');
    absl::StrAppend(&filled, value.substr(0, open));
    if (open == absl::string_view::npos) break;
    value.remove_prefix(open + 1);
    const size_t close = value.find('}');
    const auto found = values.find(std::string(value.substr(0, close)));
    if (close == absl::string_view::npos || found == values.end()) {
      return Wrong(absl::StrCat(
          "\"{", EscapeForDisplay(value.substr(0, close)), "}\" is none of {",
          absl::StrJoin(values, "}, {",
                        [](std::string* out, const auto& one) {
                          absl::StrAppend(out, one.first);
                        }),
          "}"));
    }
    absl::StrAppend(&filled, found->second);
    value.remove_prefix(close + 1);
  }
  return filled;
}

// `values` is null where braces mean nothing.
absl::StatusOr<Part> ParsePart(absl::string_view text, const Values* values) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) {
    return Wrong(absl::StrCat("\"", EscapeForDisplay(text), "\" has no \"=\""));
  }
  ASSIGN_OR_RETURN(
      const Type* type,
      FindType(absl::StripAsciiWhitespace(text.substr(0, equals))));
  ASSIGN_OR_RETURN(std::string value,
                   Unescape(StripBlanks(text.substr(equals + 1))));
  if (values != nullptr) {
    ASSIGN_OR_RETURN(value, Fill(value, *values));
  }
  if (!IsValidUtf8(value) ||
      std::any_of(value.begin(), value.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return Wrong(
        absl::StrCat(type->name, " must be UTF-8 without control characters"));
  }
  const size_t size = Characters(value);
  if (size < type->min || size > type->max) {
    return Wrong(type->min == type->max
                     ? absl::StrCat(type->name, " has ", type->min,
                                    " characters, not ", size)
                     : absl::StrCat(type->name, " has ", type->min, " to ",
                                    type->max, " characters, not ", size));
  }
  return Part{type, std::move(value)};
}

absl::StatusOr<X509NamePtr> Parse(absl::string_view text,
                                  const Values* values) {
  if (text.size() > kMaxText) {
    return Wrong(absl::StrCat("it has more than ", kMaxText, " octets"));
  }
  std::vector<Part> parts;
  int common_names = 0;
  for (const absl::string_view part : SplitParts(text)) {
    ASSIGN_OR_RETURN(parts.emplace_back(), ParsePart(part, values));
    if (parts.back().type->nid == NID_commonName) ++common_names;
  }
  if (common_names != 1) {
    return Wrong(
        absl::StrCat("it must have exactly one CN, not ", common_names));
  }
  X509NamePtr name(X509_NAME_new());
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (name == nullptr ||
        X509_NAME_add_entry_by_NID(
            name.get(), part->type->nid, MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(part->value.data()),
            static_cast<int>(part->value.size()), -1, 0) != 1) {
      return OpensslError(absl::StatusCode::kInvalidArgument,
                          absl::StrCat("subject: ", part->type->name));
    }
  }
  return name;
}

}  // namespace

absl::StatusOr<X509NamePtr> ParseSubject(absl::string_view text) {
  return Parse(text, nullptr);
}

absl::StatusOr<X509NamePtr> FillSubject(absl::string_view text,
                                        const Values& values) {
  return Parse(text, &values);
}

}  // namespace countersign::base
