#include "server/http/request_history.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/content_uuid.h"
#include "base/status_macros.h"

namespace countersign::server {
namespace {

// A number that nobody reaches: a request an hour for a hundred years.
constexpr int kMaxNumber = 1 << 20;

}  // namespace

std::string HttpRequestId(const core::Principal& caller,
                          const core::RequestContent& content, int number) {
  return base::UuidOfContent({"http", caller.subject, caller.issuer,
                              core::ContentDigest(content),
                              absl::StrCat(number)});
}

bool StillAnswers(const core::SigningRequest& request, absl::Time now,
                  absl::Duration window) {
  const bool recent = now - request.update_time < window;
  switch (request.state) {
    case core::RequestState::kPendingApproval:
    case core::RequestState::kApproved:
      return true;
    case core::RequestState::kSigned:
    case core::RequestState::kRejected:
    case core::RequestState::kCancelled:
      return recent;
    case core::RequestState::kFailed:
      return recent && !request.decisions.empty();
    case core::RequestState::kExpired:
      return false;
  }
  return false;
}

absl::StatusOr<LastRequest> FindLast(const core::Principal& caller,
                                     const core::RequestContent& content,
                                     const FindById& find) {
  LastRequest last;
  // The first number that is free lies in (last.number, free].
  int free = 1;
  for (; free <= kMaxNumber; free *= 2) {
    ASSIGN_OR_RETURN(auto found, find(HttpRequestId(caller, content, free)));
    if (!found.has_value()) break;
    last = {free, std::move(found)};
  }
  while (free - last.number > 1) {
    const int middle = last.number + (free - last.number) / 2;
    ASSIGN_OR_RETURN(auto found, find(HttpRequestId(caller, content, middle)));
    if (found.has_value()) {
      last = {middle, std::move(found)};
    } else {
      free = middle;
    }
  }
  return last;
}

}  // namespace countersign::server
