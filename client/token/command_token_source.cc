#include "client/token/command_token_source.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/token/exec_credential.h"

namespace countersign::client {
namespace {

absl::Status HelperFailed(absl::string_view what) {
  return base::MakeError(absl::StatusCode::kUnauthenticated, what,
                         Because("TOKEN_HELPER_FAILED"));
}

}  // namespace

absl::StatusOr<BearerToken> CommandTokenSource::Get(bool refused) {
  if (!refused) {
    std::optional<BearerToken> kept = cache_.Find(clock_.Now());
    if (kept.has_value()) return *std::move(kept);
  }
  ProgramCall call;
  call.words = words_;
  const std::string info = ExecInfo();
  call.variables = {{"COUNTERSIGN_EXEC_INFO", info},
                    {"KUBERNETES_EXEC_INFO", info},
                    {"COUNTERSIGN_TOKEN_AUDIENCE", audience_}};
  call.interrupted = interrupted_;
  const absl::StatusOr<ProgramEnd> end = RunProgram(call);
  if (!end.ok()) {
    if (end.status().code() == absl::StatusCode::kCancelled) {
      return end.status();
    }
    return HelperFailed(
        absl::StrCat("token_command: ", end.status().message()));
  }
  if (end->code != 0) {
    // Standard output is not shown: it may hold a token.
    const absl::string_view errors = absl::StripAsciiWhitespace(end->errors);
    return HelperFailed(absl::StrCat(
        "token_command: ", words_[0], " ended with exit code ", end->code,
        errors.empty() ? ", and wrote no error" : ": ", errors));
  }
  ASSIGN_OR_RETURN(
      BearerToken token,
      ReadExecCredential(end->output, {Describe(), wanted_audience_},
                         clock_.Now()));
  cache_.Put(token);
  return token;
}

std::string CommandTokenSource::Describe() const {
  return absl::StrCat("token of the program ", words_[0]);
}

}  // namespace countersign::client
