// What a registry says in an answer that is no success: the errors of its body
// (OCI Distribution Specification 1.1, "Error Codes"), and when to come again.
// Called by http_registry.h and what is below it. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_ANSWER_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_ANSWER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/oci/http_connection.h"

namespace countersign::client {

struct RegistryErrors {
  std::string first_code;  // "MANIFEST_UNKNOWN"; empty where there is none
  std::string text;        // "CODE: message; CODE: message"
};

// Any octets; what is not in the form of the specification gives nothing.
RegistryErrors ParseRegistryErrors(absl::string_view body);

// Retry-After in seconds (RFC 9110 10.2.3); nullopt where it is not there, is a
// date or no number.
std::optional<absl::Duration> RetryAfter(const HttpResponse& response);

// For people: "it says: try again in 30 s; RateLimit-Limit 100;w=21600, ...".
std::string RateLimitWords(const HttpResponse& response);

// The error that an answer means that is the same for every call: 401, 403,
// 429, 400, 5xx, and a redirect or anything else that should not be. For 404 it
// is REPOSITORY_UNKNOWN; callers that know better say so themselves.
absl::Status AnswerError(const std::string& where,
                         const HttpResponse& response);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_ANSWER_H_
