#include "core/errors.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"

namespace countersign::core::error {
namespace {

using Metadata = std::map<std::string, std::string>;

// What callers sent may hold anything and be long: shown escaped and cut.
std::string Shown(absl::string_view text) {
  constexpr size_t kMax = 200;  // octets
  std::string shown = base::EscapeForDisplay(text.substr(0, kMax));
  if (text.size() > kMax) absl::StrAppend(&shown, "...");
  return shown;
}

std::string TimeText(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone());
}

absl::Status Make(absl::StatusCode code, const char* reason,
                  absl::string_view message, const Metadata& metadata) {
  base::ErrorDetails details;
  details.reason = reason;
  for (const auto& [key, value] : metadata) {
    details.metadata[key] = Shown(value);
  }
  return base::MakeError(code, message, details);
}

absl::Status Invalid(const char* reason, absl::string_view message,
                     const Metadata& metadata) {
  return Make(absl::StatusCode::kInvalidArgument, reason, message, metadata);
}

absl::Status Denied(const char* reason, absl::string_view message,
                    const Metadata& metadata) {
  return Make(absl::StatusCode::kPermissionDenied, reason, message, metadata);
}

// The failed precondition is told once more in the form that programs read
// (google.rpc.PreconditionFailure).
absl::Status Precondition(const char* reason, absl::string_view message,
                          const Metadata& metadata) {
  base::ErrorDetails details;
  details.reason = reason;
  for (const auto& [key, value] : metadata) {
    details.metadata[key] = Shown(value);
  }
  details.preconditions.emplace_back(reason, std::string(message));
  return base::MakeError(absl::StatusCode::kFailedPrecondition, message,
                         details);
}

absl::Status Retry(absl::StatusCode code, const char* reason,
                   absl::string_view message, const Metadata& metadata,
                   absl::Duration delay) {
  base::ErrorDetails details;
  details.reason = reason;
  for (const auto& [key, value] : metadata) {
    details.metadata[key] = Shown(value);
  }
  details.retry_delay = delay;
  return base::MakeError(code, message, details);
}

Metadata Resource(absl::string_view resource) {
  return {{"resource", std::string(resource)}};
}

Metadata InState(absl::string_view resource, absl::string_view state) {
  return {{"resource", std::string(resource)}, {"state", std::string(state)}};
}

}  // namespace

// --- Callers
// ------------------------------------------------------------------

absl::Status BadRequest(std::vector<base::FieldViolation> violations) {
  base::ErrorDetails details;
  details.reason = "BAD_REQUEST";
  const std::string message = absl::StrJoin(
      violations, "; ", [](std::string* out, const base::FieldViolation& v) {
        absl::StrAppend(out, v.field, " ", v.description);
      });
  details.field_violations = std::move(violations);
  return base::MakeError(absl::StatusCode::kInvalidArgument, message, details);
}

absl::Status PermissionDenied(absl::string_view subject,
                              absl::string_view action,
                              absl::string_view resource) {
  return Denied("PERMISSION_DENIED",
                absl::StrCat(Shown(subject), " may not ", action,
                             resource.empty() ? "" : ": ", Shown(resource),
                             "; it takes membership in a group that may"),
                {{"subject", std::string(subject)},
                 {"action", std::string(action)},
                 {"resource", std::string(resource)}});
}

absl::Status ClaimRequired(absl::string_view resource, absl::string_view wanted,
                           absl::string_view claim, absl::string_view proved) {
  return Denied(
      "CLAIM_REQUIRED",
      absl::StrCat("signing for ", Shown(resource), " needs a token whose ",
                   Shown(wanted), "; this caller has proved ",
                   proved.empty() ? absl::StrCat("no ", Shown(claim))
                                  : absl::StrCat("\"", Shown(proved), "\"")),
      {{"claim", std::string(claim)}, {"resource", std::string(resource)}});
}

absl::Status NoCredential(bool tokens_taken) {
  return Make(absl::StatusCode::kUnauthenticated, "NO_CREDENTIAL",
              tokens_taken
                  ? "this call has neither a client certificate nor a token; "
                    "send one of them (authorization: Bearer TOKEN)"
                  : "the connection has no client certificate",
              {});
}

absl::Status TokenRefused(const char* reason, absl::string_view why) {
  return Make(absl::StatusCode::kUnauthenticated, reason,
              absl::StrCat("this token is not taken: ", Shown(why)), {});
}

absl::Status IssuerKeysUnavailable(absl::string_view issuer,
                                   absl::string_view why,
                                   absl::Duration retry_in) {
  base::ErrorDetails details;
  details.reason = "ISSUER_KEYS_UNAVAILABLE";
  details.metadata["issuer"] = Shown(issuer);
  details.retry_delay = retry_in;
  return base::MakeError(
      absl::StatusCode::kUnavailable,
      absl::StrCat("the keys of token issuer ", Shown(issuer),
                   " are not at hand: ", Shown(why), "; try again"),
      details);
}

absl::Status UnknownIdentity(absl::string_view why) {
  return Make(absl::StatusCode::kUnauthenticated, "UNKNOWN_IDENTITY",
              absl::StrCat("the caller's identity cannot be told: ", why,
                           "; a client certificate of a configured CA is "
                           "needed"),
              {});
}

// --- Names
// --------------------------------------------------------------------

absl::Status MalformedName(absl::string_view name, absl::string_view pattern) {
  return Invalid(
      "MALFORMED_NAME",
      absl::StrCat("\"", Shown(name),
                   "\" is not a name of this kind; one has the form ", pattern),
      {{"resource", std::string(name)}, {"pattern", std::string(pattern)}});
}

absl::Status NotFound(absl::string_view resource) {
  return Make(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
              absl::StrCat(Shown(resource),
                           " is not there, or not for this caller; list what "
                           "is"),
              Resource(resource));
}

absl::Status AlreadyExists(absl::string_view resource) {
  return Make(
      absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS",
      absl::StrCat(Shown(resource), " exists already; choose another name"),
      Resource(resource));
}

// --- Products and operations
// --------------------------------------------------

absl::Status ProductNotActive(absl::string_view product,
                              absl::string_view state) {
  return Precondition(
      "PRODUCT_NOT_ACTIVE",
      absl::StrCat(product, " is ", state, "; only an ACTIVE product signs"),
      InState(product, state));
}

absl::Status ProductNotPending(absl::string_view product,
                               absl::string_view state) {
  return Precondition(
      "PRODUCT_NOT_PENDING",
      absl::StrCat(product, " is ", state,
                   "; only a product in PENDING_APPROVAL can be decided"),
      InState(product, state));
}

absl::Status OperationDisabled(absl::string_view operation) {
  return Precondition(
      "OPERATION_DISABLED",
      absl::StrCat(operation, " is disabled; an administrator can enable it"),
      Resource(operation));
}

absl::Status NoSigningKey(absl::string_view operation) {
  return Precondition("NO_ENABLED_KEY",
                      absl::StrCat(operation,
                                   " has no enabled key version; an "
                                   "administrator can rotate its key"),
                      Resource(operation));
}

absl::Status KeyStateWrong(absl::string_view key_version,
                           absl::string_view state, absl::string_view needs,
                           absl::string_view action) {
  return Precondition("KEY_VERSION_STATE",
                      absl::StrCat(key_version, " is ", state, "; to ", action,
                                   " takes one that is ", needs),
                      InState(key_version, state));
}

absl::Status KeyTaken(absl::string_view holder) {
  return Make(absl::StatusCode::kAlreadyExists, "KEY_TAKEN",
              absl::StrCat("that key is the one of ", holder,
                           "; a key that serves two rules is guarded by "
                           "neither: register another"),
              Resource(holder));
}

absl::Status KeyLimitReached(absl::string_view key_version, int64_t limit) {
  return Precondition(
      "KEY_LIMIT_REACHED",
      absl::StrCat(key_version, " has not enough left of its ", limit,
                   " signatures; an administrator can rotate the key, then ask "
                   "again"),
      {{"resource", std::string(key_version)}, {"limit", absl::StrCat(limit)}});
}

absl::Status ChainMissing(absl::string_view operation) {
  return Precondition(
      "CHAIN_MISSING",
      absl::StrCat(operation,
                   " has no certificate chain for its signing key; have its "
                   "CSR signed and set the chain, or, where the site's own "
                   "authority issues it, wait for it or request a renewal"),
      Resource(operation));
}

absl::Status ChainExpired(absl::string_view key_version, absl::Time not_after) {
  return Precondition(
      "CHAIN_EXPIRED",
      absl::StrCat("the certificate of ", key_version, " expired at ",
                   TimeText(not_after), "; set a chain that is valid"),
      {{"resource", std::string(key_version)},
       {"not_after", TimeText(not_after)}});
}

absl::Status IssuedInside(absl::string_view operation) {
  return Precondition("ISSUED_INSIDE",
                      absl::StrCat("the certificates of ", operation,
                                   " are issued by the site's own authority "
                                   "and put in place by the server; request a "
                                   "renewal for another"),
                      Resource(operation));
}

absl::Status NotIssuedInside(absl::string_view operation) {
  return Precondition("NOT_ISSUED_INSIDE",
                      absl::StrCat("the certificates of ", operation,
                                   " come from a CA outside; have its CSR "
                                   "signed there and set the chain"),
                      Resource(operation));
}

absl::Status CertificateExists(absl::string_view key_version) {
  return Precondition("CERTIFICATE_EXISTS",
                      absl::StrCat(key_version,
                                   " has a certificate; another takes a "
                                   "renewal that somebody agrees to"),
                      Resource(key_version));
}

absl::Status CertificateMissing(absl::string_view key_version) {
  return Precondition("CERTIFICATE_MISSING",
                      absl::StrCat(key_version,
                                   " has no certificate yet; its first is "
                                   "issued as soon as the authority's key can "
                                   "be used, without a renewal"),
                      Resource(key_version));
}

absl::Status RenewalPending(absl::string_view key_version) {
  return Precondition("RENEWAL_PENDING",
                      absl::StrCat("a renewal for ", key_version,
                                   " waits already; a product approver has to "
                                   "agree"),
                      Resource(key_version));
}

absl::Status NoRenewal(absl::string_view key_version) {
  return Precondition("NO_RENEWAL",
                      absl::StrCat("no renewal waits for ", key_version,
                                   "; an administrator can request one"),
                      Resource(key_version));
}

absl::Status AlreadyRevoked(absl::string_view key_version,
                            absl::string_view serial) {
  return Precondition(
      "ALREADY_REVOKED",
      absl::StrCat("certificate ", Shown(serial), " of ", key_version,
                   " is revoked already; it stays on the CRL"),
      {{"resource", std::string(key_version)},
       {"serial", std::string(serial)}});
}

absl::Status KeyCompromised(absl::string_view key_version) {
  return Precondition("KEY_COMPROMISED",
                      absl::StrCat("a certificate of ", key_version,
                                   " was revoked because its key is "
                                   "compromised; rotate the key"),
                      Resource(key_version));
}

absl::Status NoProfile(absl::string_view operation, absl::string_view profile) {
  return Precondition(
      "NO_PROFILE",
      absl::StrCat("the server's configuration has no certificate profile \"",
                   Shown(profile), "\" any more, which ", operation,
                   " needs; put it back into issuing_cas"),
      {{"resource", std::string(operation)},
       {"profile", std::string(profile)}});
}

absl::Status OwnRenewal(absl::string_view key_version) {
  return Denied("OWN_RENEWAL",
                absl::StrCat("nobody agrees to a renewal of their own: ",
                             key_version, "; another product approver has to"),
                Resource(key_version));
}

absl::Status OwnProduct(absl::string_view product) {
  return Denied("OWN_PRODUCT",
                absl::StrCat("nobody decides on a product of their own: ",
                             product, "; another product approver has to"),
                Resource(product));
}

absl::Status HashNotAllowed(absl::string_view hash, absl::string_view allowed) {
  return Invalid(
      "HASH_NOT_ALLOWED",
      absl::StrCat(Shown(hash), " is not allowed here; use ", allowed),
      {{"hash", std::string(hash)}, {"allowed", std::string(allowed)}});
}

absl::Status AlgorithmNotAllowed(absl::string_view algorithm,
                                 absl::string_view allowed) {
  return Invalid(
      "ALGORITHM_NOT_ALLOWED",
      absl::StrCat(Shown(algorithm), " is not allowed here; use ", allowed),
      {{"algorithm", std::string(algorithm)},
       {"allowed", std::string(allowed)}});
}

absl::Status EncodingNotPossible(absl::string_view operation) {
  return Invalid("ENCODING_NOT_POSSIBLE",
                 absl::StrCat(operation,
                              " signs digests without a certificate, so it "
                              "cannot answer PEM; ask for RAW"),
                 Resource(operation));
}

absl::Status UnknownAlgorithm(absl::string_view what, absl::string_view text,
                              absl::string_view right) {
  return Invalid(
      "UNKNOWN_ALGORITHM",
      absl::StrCat("\"", Shown(text), "\" is no ", what,
                   " that is accepted: use one of ", right),
      {{"algorithm", std::string(text)}, {"accepted", std::string(right)}});
}

absl::Status WeakHash(absl::string_view hash) {
  return Invalid(
      "WEAK_HASH",
      absl::StrCat(hash, " is not accepted: use SHA-256, SHA-384 or SHA-512"),
      {{"hash", std::string(hash)}});
}

// --- Signing requests
// ---------------------------------------------------------

absl::Status RequestNotPending(absl::string_view request,
                               absl::string_view state) {
  return Precondition(
      "REQUEST_NOT_PENDING",
      absl::StrCat(request, " is ", state,
                   "; only a request in PENDING_APPROVAL can be changed so"),
      InState(request, state));
}

absl::Status OwnRequest(absl::string_view request) {
  return Denied("OWN_REQUEST",
                absl::StrCat("nobody decides on a request of their own: ",
                             request, "; another approver has to"),
                Resource(request));
}

absl::Status AlreadyDecided(absl::string_view request,
                            absl::string_view approver) {
  return Precondition("ALREADY_DECIDED",
                      absl::StrCat(Shown(approver), " has decided on ", request,
                                   " already; another approver has to"),
                      {{"resource", std::string(request)},
                       {"approver", std::string(approver)}});
}

absl::Status StaleEtag(absl::string_view request) {
  return Make(absl::StatusCode::kAborted, "STALE_ETAG",
              absl::StrCat("the etag is not that of ", request,
                           "; show the request again and decide on what is "
                           "there"),
              Resource(request));
}

absl::Status RequestExpired(absl::string_view request, absl::Time at) {
  return Precondition(
      "REQUEST_EXPIRED",
      absl::StrCat(request, " expired at ", TimeText(at), "; ask again"),
      {{"resource", std::string(request)}, {"expire_time", TimeText(at)}});
}

absl::Status RequestNotExpired(absl::string_view request, absl::Time at) {
  return Precondition(
      "REQUEST_NOT_EXPIRED",
      absl::StrCat(request, " can be decided until ", TimeText(at),
                   "; it expires then"),
      {{"resource", std::string(request)}, {"expire_time", TimeText(at)}});
}

absl::Status RequestNotApproved(absl::string_view request,
                                absl::string_view state) {
  return Precondition("REQUEST_NOT_APPROVED",
                      absl::StrCat(request, " is ", state,
                                   "; only an APPROVED request is signed"),
                      InState(request, state));
}

absl::Status SignaturesIncomplete(absl::string_view request) {
  return Make(absl::StatusCode::kInternal, "SIGNATURES_INCOMPLETE",
              absl::StrCat("the signatures of ", request,
                           " are not one for each digest; none is released"),
              Resource(request));
}

absl::Status RuleNotMet(absl::string_view request) {
  return Precondition("RULE_NOT_MET",
                      absl::StrCat("the approval rule of ", request,
                                   " is not met; it is not signed"),
                      Resource(request));
}

absl::Status RequestIdReused(absl::string_view request_id,
                             absl::string_view existing) {
  return Make(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
              absl::StrCat("request_id \"", Shown(request_id),
                           "\" was used for other content (", existing,
                           "); take a new one"),
              {{"request_id", std::string(request_id)},
               {"resource", std::string(existing)}});
}

absl::Status ConcurrentChange(absl::string_view resource) {
  return Retry(absl::StatusCode::kAborted, "CONCURRENT_CHANGE",
               absl::StrCat(resource,
                            " was changed at the same time; read it again "
                            "and retry"),
               Resource(resource), absl::Milliseconds(100));
}

absl::Status SignerUnavailable(absl::string_view request,
                               const absl::Status& cause) {
  std::string message;
  if (absl::IsResourceExhausted(cause)) {
    // Not the cause's own text: it says that nothing was begun.
    message =
        absl::StrCat("too many digests wait for the signing token; ", request,
                     " stays APPROVED and is signed when there is room");
  } else if (absl::IsUnavailable(cause)) {
    message =
        absl::StrCat("the signing token is away (", cause.message(), "); ",
                     request, " stays APPROVED and is signed when it is back");
  } else {
    message = absl::StrCat("not signed in time (", cause.message(), "); ",
                           request, " stays APPROVED and is signed later");
  }
  return Retry(absl::StatusCode::kUnavailable, "SIGNER_UNAVAILABLE", message,
               Resource(request), absl::Seconds(5));
}

absl::Status RecordUnavailable() {
  return Retry(absl::StatusCode::kUnavailable, "RECORD_UNAVAILABLE",
               "the record cannot be written, so nothing is signed; retry "
               "later",
               {}, absl::Seconds(5));
}

absl::Status Overloaded(absl::Duration retry_in) {
  return Retry(absl::StatusCode::kResourceExhausted, "OVERLOADED",
               absl::StrCat("the server has too much to do; retry in ",
                            absl::FormatDuration(
                                absl::Ceil(retry_in, absl::Milliseconds(1)))),
               {}, retry_in);
}

absl::Status ServerStopping() {
  return Retry(absl::StatusCode::kUnavailable, "SERVER_STOPPING",
               "the server is stopping; connect again", {}, absl::Seconds(1));
}

absl::Status BadPageToken() {
  return Invalid("BAD_PAGE_TOKEN",
                 "page_token is not one of this listing; start without one, "
                 "and keep the other arguments from page to page",
                 {});
}

}  // namespace countersign::core::error
