#include "hsm/check_options.h"

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_findings.h"

namespace countersign::hsm {
namespace {

constexpr size_t kMaxTokens = 16;
constexpr int kMaxSessions = 64;
constexpr int kMaxStuckCalls = 64;
constexpr size_t kLargestJob = 1000;
constexpr size_t kMaxLabel = 32;  // CK_TOKEN_INFO.label

absl::Status CheckNumbers(const TokenOptions& token) {
  if (token.sessions < 1 || token.sessions > kMaxSessions) {
    return error::BadOptions(absl::StrCat(
        "sessions must be 1 to ", kMaxSessions, ", not ", token.sessions));
  }
  if (token.max_queued_digests < kLargestJob) {
    return error::BadOptions(absl::StrCat(
        "max_queued_digests must be at least ", kLargestJob,
        ", the size of the largest job, not ", token.max_queued_digests));
  }
  if (token.max_stuck_calls < 1 || token.max_stuck_calls > kMaxStuckCalls) {
    return error::BadOptions(absl::StrCat("max_stuck_calls must be 1 to ",
                                          kMaxStuckCalls, ", not ",
                                          token.max_stuck_calls));
  }
  for (const absl::Duration& duration :
       {token.max_queue_time, token.call_timeout, token.keep_alive_interval,
        token.reconnect_interval}) {
    if (duration <= absl::ZeroDuration()) {
      return error::BadOptions("times must be longer than zero");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTokenOptions(const TokenOptions& token) {
  if (token.name.empty()) return error::BadOptions("a token must have a name");
  if (token.token_label.empty() || token.token_label.size() > kMaxLabel) {
    return error::BadOptions(
        absl::StrCat("the label of token \"", token.name, "\" must have 1 to ",
                     kMaxLabel, " octets, not ", token.token_label.size()));
  }
  RETURN_IF_ERROR(CheckNumbers(token));
  RETURN_IF_ERROR(CheckAcceptedAttributes(token.accept_attributes));
  // Read again at each login.
  return base::ReadSecretFile(token.pin_file).status();
}

std::string RealPath(const std::string& path) {
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  return error ? path : real;
}

}  // namespace

absl::Status CheckOptions(const Pkcs11SignerOptions& options) {
  if (options.tokens.empty() || options.tokens.size() > kMaxTokens) {
    return error::BadOptions(absl::StrCat("there must be 1 to ", kMaxTokens,
                                          " tokens, not ",
                                          options.tokens.size()));
  }
  std::map<std::string, const TokenOptions*> by_name;
  std::map<std::pair<std::string, std::string>, std::string> by_place;
  for (const TokenOptions& token : options.tokens) {
    const absl::Status good = CheckTokenOptions(token);
    if (!good.ok()) {
      return base::Annotate(good, absl::StrCat("token \"", token.name, "\""));
    }
    if (!by_name.emplace(token.name, &token).second) {
      return error::TokenTwice(token.name, token.name, "they have one name");
    }
    const auto [other, is_new] = by_place.emplace(
        std::pair(RealPath(token.module_path), token.token_label), token.name);
    if (!is_new) {
      return error::TokenTwice(other->second, token.name,
                               "they have one module and one label");
    }
  }
  if (!options.default_token.empty() &&
      by_name.count(options.default_token) == 0) {
    return error::BadOptions(absl::StrCat("the default token \"",
                                          options.default_token,
                                          "\" is none of those configured"));
  }
  return absl::OkStatus();
}

}  // namespace countersign::hsm
