#include "server/token_reporter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"

namespace countersign::server {

std::string TokenService(const std::string& token) {
  return absl::StrCat("tokens/", token);
}

TokenReporter::TokenReporter(HealthBoard& board, std::string signing_service)
    : board_(board), signing_service_(std::move(signing_service)) {}

bool TokenReporter::Report(const core::SignerHealth& health) {
  board_.Set(signing_service_, health.ready);
  bool is_back = false;
  for (const core::TokenHealth& token : health.tokens) {
    board_.Set(TokenService(token.token), token.ready);
    if (Note(token.token, token.ready, token.message)) is_back = true;
  }
  return is_back;
}

bool TokenReporter::Note(const std::string& token, bool ready,
                         const std::string& cause) {
  const auto known = away_.find(token);
  if (ready) {
    if (known == away_.end()) return false;
    away_.erase(known);
    base::Log(base::Severity::kInfo, "token_ready", {{"token", token}});
    return true;
  }
  if (known != away_.end() && known->second == cause) return false;
  base::Log(base::Severity::kError, "token_unhealthy",
            {{"token", token}, {"cause", cause}});
  away_[token] = cause;
  return false;
}

}  // namespace countersign::server
