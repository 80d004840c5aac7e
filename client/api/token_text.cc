#include "client/api/token_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxOctets = 16 << 10;

bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(c) ||
         absl::string_view("-._~+/=").find(c) != absl::string_view::npos;
}

}  // namespace

absl::Status CheckTokenText(absl::string_view text,
                            const std::string& described) {
  const char* wrong = nullptr;
  if (text.empty()) {
    wrong = " is empty";
  } else if (text.size() > kMaxOctets) {
    wrong = " has more than 16 KiB";
  } else if (!std::all_of(text.begin(), text.end(), IsTokenCharacter)) {
    // Which one is not said: it may be a part of a secret.
    wrong =
        " is no bearer token: only letters, digits and -._~+/= can stand in "
        "one";
  }
  if (wrong == nullptr) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kUnauthenticated,
                         absl::StrCat(described, wrong),
                         Because("TOKEN_MALFORMED"));
}

}  // namespace countersign::client
