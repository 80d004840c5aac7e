#include "client/token/given_token_source.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "client/api/client_error.h"
#include "client/token/read_token.h"

namespace countersign::client {
namespace {

// A token has 16 KiB at most, and editors add a line break.
constexpr size_t kMaxFile = 64 << 10;

absl::Status Unreadable(absl::string_view text) {
  return base::MakeError(absl::StatusCode::kUnauthenticated, text,
                         Because("TOKEN_UNREADABLE"));
}

}  // namespace

absl::StatusOr<BearerToken> VariableTokenSource::Get(bool /*refused*/) {
  const std::string text = ValueOf(environment_, variable_);
  if (text.empty()) {
    return Unreadable(absl::StrCat(variable_, " is not set any more"));
  }
  return ReadToken(text, {Describe(), audience_}, clock_.Now());
}

std::string VariableTokenSource::Describe() const {
  return absl::StrCat("token of ", variable_);
}

absl::StatusOr<BearerToken> FileTokenSource::Get(bool /*refused*/) {
  const absl::StatusOr<std::string> text = base::ReadFile(path_, kMaxFile);
  if (!text.ok()) {
    return Unreadable(absl::StrCat("token file: ", text.status().message()));
  }
  const TokenUse use = {Describe(), audience_};
  base::MutexLock lock(mutex_);
  if (absl::StripAsciiWhitespace(*text).empty() && !last_.empty()) {
    return ReadToken(last_.DangerouslyExpose(), use, clock_.Now());
  }
  absl::StatusOr<BearerToken> token = ReadToken(*text, use, clock_.Now());
  if (token.ok()) last_ = base::SecretBytes(token->value.DangerouslyExpose());
  return token;
}

std::string FileTokenSource::Describe() const {
  return absl::StrCat("token of the file ", path_);
}

}  // namespace countersign::client
