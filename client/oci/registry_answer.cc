#include "client/oci/registry_answer.h"

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr size_t kShownErrors = 3;
constexpr int64_t kMaxSeconds = 7 * 24 * 3600;

std::string TextOf(const base::Json& object, absl::string_view key) {
  const base::Json* value = object.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

// The registry's words, or the bare status where it has none.
std::string WordsOf(const HttpResponse& response,
                    const RegistryErrors& errors) {
  if (!errors.text.empty()) return errors.text;
  return absl::StrCat("HTTP ", response.status);
}

}  // namespace

RegistryErrors ParseRegistryErrors(absl::string_view body) {
  RegistryErrors result;
  const auto json = base::ParseJson(body, {kMaxErrorBody, 16});
  if (!json.ok()) return result;
  const base::Json* errors = json->Find("errors");
  if (errors == nullptr || !errors->is_array()) return result;
  size_t shown = 0;
  for (const base::Json& error : errors->array()) {
    const std::string code = TextOf(error, "code");
    const std::string message = TextOf(error, "message");
    if (code.empty() && message.empty()) continue;
    if (shown == 0) result.first_code = code;
    if (++shown > kShownErrors) break;
    absl::StrAppend(&result.text, shown == 1 ? "" : "; ", code,
                    code.empty() || message.empty() ? "" : ": ", message);
  }
  return result;
}

std::optional<absl::Duration> RetryAfter(const HttpResponse& response) {
  const std::string text = response.Header("retry-after");
  int64_t seconds = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos ||
      !absl::SimpleAtoi(text, &seconds) || seconds > kMaxSeconds) {
    return std::nullopt;
  }
  return absl::Seconds(seconds);
}

std::string RateLimitWords(const HttpResponse& response) {
  std::string words;
  if (const auto after = RetryAfter(response); after.has_value()) {
    words = absl::StrCat("try again in ", absl::ToInt64Seconds(*after), " s");
  } else if (!response.Header("retry-after").empty()) {
    words =
        absl::StrCat("try again after ", Said(response.Header("retry-after")));
  }
  for (const auto& [name, label] :
       {std::pair<const char*, const char*>{"ratelimit-limit", "limit"},
        {"ratelimit-remaining", "left"},
        {"ratelimit-reset", "reset"}}) {
    const std::string value = response.Header(name);
    if (value.empty()) continue;
    absl::StrAppend(&words, words.empty() ? "" : ", ", label, " ", Said(value));
  }
  return words;
}

absl::Status AnswerError(const std::string& where,
                         const HttpResponse& response) {
  const RegistryErrors errors = ParseRegistryErrors(response.body);
  const std::string said = WordsOf(response, errors);
  const int status = response.status;
  if (status == 401) return RegistryLoginNeeded(where, said);
  if (status == 403) return RegistryDenied(where, said);
  if (status == 404) return RepositoryUnknown(where, said);
  if (status == 429) {
    return RegistryRateLimit(where, RateLimitWords(response), errors.text);
  }
  if (status >= 500) {
    return RegistryUnreachable(
        where, absl::StrCat("HTTP ", status, errors.text.empty() ? "" : " ",
                            errors.text));
  }
  if (status >= 400) return RegistryRefused(where, said);
  return RegistryAnswer(
      where, absl::StrCat("HTTP ", status, " does not answer what was asked"));
}

}  // namespace countersign::client
