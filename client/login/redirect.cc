#include "client/login/redirect.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/openssl.h"

namespace countersign::client {
namespace {

// application/x-www-form-urlencoded; nullopt for a "%" without two digits.
std::optional<std::string> FormDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) ||
        !absl::ascii_isxdigit(text[i + 2])) {
      return std::nullopt;
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

std::optional<std::map<std::string, std::string>> Parameters(
    absl::string_view query) {
  std::map<std::string, std::string> parameters;
  for (const absl::string_view pair :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    std::optional<std::string> name = FormDecode(halves.first);
    std::optional<std::string> value = FormDecode(halves.second);
    if (!name.has_value() || !value.has_value() ||
        !parameters.emplace(*std::move(name), *std::move(value)).second) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

Redirect JudgeRedirect(absl::string_view target, const RedirectRules& rules) {
  Redirect redirect;
  const std::pair<absl::string_view, absl::string_view> halves =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  if (halves.first != rules.path) return redirect;
  redirect.kind = Redirect::Kind::kForeign;
  const std::optional<std::map<std::string, std::string>> parameters =
      Parameters(halves.second);
  if (!parameters.has_value()) return redirect;
  const auto value = [&](const char* name) {
    const auto found = parameters->find(name);
    return found == parameters->end() ? std::string() : found->second;
  };
  if (!base::ConstantTimeEquals(value("state"), rules.state)) return redirect;
  const bool has_issuer = parameters->count("iss") != 0;
  if ((has_issuer || rules.issuer_needed) && value("iss") != rules.issuer) {
    return redirect;
  }
  redirect.error = value("error");
  redirect.description = value("error_description");
  redirect.code = value("code");
  if (!redirect.error.empty()) {
    redirect.kind = Redirect::Kind::kRefused;
  } else if (!redirect.code.empty()) {
    redirect.kind = Redirect::Kind::kAuthorized;
  }
  return redirect;
}

}  // namespace countersign::client
