#include "client/cli/placeholders.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

bool MayBegin(char c) { return absl::ascii_isupper(c); }
bool MayFollow(char c) {
  return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
}

// Octets of the variable name that `text` begins with.
size_t NameSize(absl::string_view text) {
  if (text.empty() || !MayBegin(text[0])) return 0;
  size_t size = 1;
  while (size < text.size() && MayFollow(text[size])) ++size;
  return size;
}

std::string Replace(const Variables& variables, const std::string& path,
                    absl::string_view text,
                    std::vector<base::FieldViolation>& violations) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    absl::StrAppend(&out, text.substr(0, dollar));
    if (dollar == absl::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    const std::string name(text.substr(0, NameSize(text)));
    text.remove_prefix(name.size());
    const auto found = variables.find(name);
    if (found != variables.end()) {
      absl::StrAppend(&out, found->second);
      continue;
    }
    absl::StrAppend(&out, "$", name);
    if (!name.empty()) {
      violations.push_back({path, absl::StrCat("$", name,
                                               " is a placeholder: give it a "
                                               "value with --set ",
                                               name, "=...")});
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<Variables> ReadVariables(const std::vector<std::string>& texts) {
  Variables variables;
  for (const std::string& text : texts) {
    const size_t size = NameSize(text);
    if (size == 0 || size >= text.size() || text[size] != '=') {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("--set \"", base::EscapeForDisplay(text),
                       "\": NAME=VALUE is needed, NAME of A-Z, 0-9 and _"),
          Because("VARIABLE_MALFORMED"));
    }
    variables[text.substr(0, size)] = text.substr(size + 1);
  }
  return variables;
}

void Substitute(const Variables& variables, const std::string& path,
                base::Json& value,
                std::vector<base::FieldViolation>& violations) {
  if (value.is_string()) {
    value.string() = Replace(variables, path, value.string(), violations);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.array().size(); ++i) {
      Substitute(variables, absl::StrCat(path, "[", i, "]"), value.array()[i],
                 violations);
    }
  } else if (value.is_object()) {
    for (auto& [key, member] : value.object()) {
      Substitute(variables, path.empty() ? key : absl::StrCat(path, ".", key),
                 member, violations);
    }
  }
}

}  // namespace countersign::client
