#include "server/http/crl_answer.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace countersign::server {
namespace {

// RFC 2585 4.2.
constexpr char kMediaType[] = "application/pkix-crl";
// Everybody who asks knows of a revocation five minutes later.
constexpr char kCaching[] = "public, max-age=300";

}  // namespace

HttpAnswer CrlAnswer(absl::string_view authority,
                     std::optional<std::string> crl) {
  if (!crl.has_value()) {
    return ErrorAnswer(
        404, absl::StrCat("not found: there is no revocation list of \"",
                          authority, "\""));
  }
  HttpAnswer answer;
  answer.content_type = kMediaType;
  answer.cache_control = kCaching;
  answer.body = *std::move(crl);
  return answer;
}

}  // namespace countersign::server
