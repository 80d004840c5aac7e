#include "client/api/call_token.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/token_text.h"

namespace countersign::client {

absl::Status CallToken::AddTo(grpc::ClientContext& context) {
  if (source_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(BearerToken token, source_->Get(/*refused=*/false));
  // gRPC ends the process for metadata with a line break in it.
  RETURN_IF_ERROR(
      CheckTokenText(token.value.DangerouslyExpose(), source_->Describe()));
  context.AddMetadata("authorization",
                      absl::StrCat("Bearer ", token.value.DangerouslyExpose()));
  sent_ = std::move(token.value);
  return absl::OkStatus();
}

absl::StatusOr<bool> CallToken::RenewAfter(const absl::Status& status) {
  if (source_ == nullptr || renewed_ || sent_.empty() ||
      status.code() != absl::StatusCode::kUnauthenticated ||
      base::GetReason(status) != "TOKEN_EXPIRED") {
    return false;
  }
  ASSIGN_OR_RETURN(const BearerToken token, source_->Get(/*refused=*/true));
  renewed_ = true;
  // A file or a variable has what it has.
  return !token.value.ConstantTimeEquals(sent_);
}

}  // namespace countersign::client
