#include "client/api/resumable_request.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/content_uuid.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/time_text.h"
#include "client/api/attempts.h"
#include "client/api/client_error.h"
#include "client/api/integrity.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

// Each ended try costs a call before the next one is found. After so many the
// day begins a series of its own, which is as short again.
constexpr int kAttemptsInSeries = 32;
constexpr int kMaxContextEntries = 32;  // of the server
constexpr char kAttemptKey[] = "attempt";

bool SameQuestion(const SigningRequest& asked, const SigningRequest& found) {
  return asked.hash_algorithm() == found.hash_algorithm() &&
         asked.encoding() == found.encoding() &&
         asked.ecdsa_form() == found.ecdsa_form() &&
         (asked.signature_algorithm() == found.signature_algorithm() ||
          asked.signature_algorithm() == v1::SIGNATURE_ALGORITHM_UNSPECIFIED) &&
         CheckSameDigests(asked, found).ok();
}

// Create, where "the request is there" is an answer, however it is said.
absl::StatusOr<SigningRequest> Try(
    SigningClient& client, const v1::CreateSigningRequestRequest& creation) {
  absl::StatusOr<SigningRequest> answer =
      client.Create(creation, Standing::kReturn);
  if (answer.ok()) return answer;
  const std::string standing = StandingRequest(answer.status());
  if (!standing.empty()) return client.Get(standing);
  if (base::GetReason(answer.status()) != "REQUEST_ID_REUSED") return answer;
  // The same question with another description, labels or context.
  const auto details = base::GetErrorDetails(answer.status());
  const auto name = details->metadata.find("resource");
  if (name == details->metadata.end()) return answer;
  ASSIGN_OR_RETURN(SigningRequest found, client.Get(name->second));
  if (!SameQuestion(creation.signing_request(), found)) return answer.status();
  return found;
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

bool IsAnswer(const SigningRequest& found, absl::Duration reuse_signed,
              absl::Time now) {
  if (!IsFinal(found.state())) return true;
  return found.state() == SigningRequest::SIGNED &&
         now - TimeOf(found.update_time()) < reuse_signed;
}

// Marks a later try as this run's own, so that what was made just now is known
// as such, whatever the clocks of both sides say: other content under one
// request_id is refused with the name of what is there.
std::string MarkAttempt(int number, absl::Time now, SigningRequest& content) {
  if (number == 1 || content.context_size() >= kMaxContextEntries) return "";
  const std::string mark = absl::StrCat(number, ", ", base::TimeText(now));
  (*content.mutable_context())[kAttemptKey] = mark;
  return mark;
}

bool IsOwn(const SigningRequest& found, const std::string& mark) {
  if (mark.empty()) return false;
  const auto entry = found.context().find(kAttemptKey);
  return entry != found.context().end() && entry->second == mark;
}

// nullopt where all tries of the series have ended. `before`: how many tries
// there were before it.
absl::StatusOr<std::optional<SigningRequest>> FindInSeries(
    SigningClient& client, const ResumableRequest& request,
    const std::string& series, int before, absl::Time now) {
  for (int attempt = 0; attempt < kAttemptsInSeries; ++attempt) {
    v1::CreateSigningRequestRequest creation = request.creation;
    creation.set_request_id(ResumableRequestId(request, series, attempt));
    const std::string mark = MarkAttempt(before + attempt + 1, now,
                                         *creation.mutable_signing_request());
    ASSIGN_OR_RETURN(SigningRequest found, Try(client, creation));
    if (IsOwn(found, mark) || IsAnswer(found, request.reuse_signed, now)) {
      return {std::move(found)};
    }
  }
  return {std::nullopt};
}

}  // namespace

std::string ResumableRequestId(const ResumableRequest& request,
                               const std::string& series, int attempt) {
  const SigningRequest& content = request.creation.signing_request();
  std::vector<std::string> parts = {"countersign resumable request 1",
                                    absl::StrCat(request.parts.size())};
  parts.insert(parts.end(), request.parts.begin(), request.parts.end());
  parts.push_back(request.creation.parent());
  for (const int value :
       {static_cast<int>(content.hash_algorithm()),
        static_cast<int>(content.signature_algorithm()),
        static_cast<int>(content.encoding()),
        static_cast<int>(content.ecdsa_form()), content.digests_size()}) {
    parts.push_back(absl::StrCat(value));
  }
  for (const v1::LabelledDigest& digest : content.digests()) {
    parts.push_back(digest.value());
    parts.push_back(digest.message());
  }
  parts.push_back(series);
  parts.push_back(absl::StrCat(attempt));
  return base::UuidOfContent(parts);
}

absl::StatusOr<SigningRequest> FindOrCreate(SigningClient& client,
                                            const ResumableRequest& request,
                                            absl::Time now) {
  const std::string day =
      absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone());
  int before = 0;
  for (const std::string& series : {std::string(), day}) {
    ASSIGN_OR_RETURN(std::optional<SigningRequest> found,
                     FindInSeries(client, request, series, before, now));
    if (found.has_value()) return *std::move(found);
    before += kAttemptsInSeries;
  }
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("the same signature was asked for ", kAttemptsInSeries,
                   " times today, and each request has ended; see why with "
                   "`countersign request list`, or try tomorrow"),
      Because("TOO_MANY_ATTEMPTS"));
}

}  // namespace countersign::client
