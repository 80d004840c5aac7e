// Every failure that a user can see, one named function each, grouped by noun.
// Code, reason (UPPER_SNAKE) and metadata are set here and nowhere else; the
// sentence says what is wrong and what would be right.
#ifndef COUNTERSIGN_CORE_ERRORS_H_
#define COUNTERSIGN_CORE_ERRORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/error.h"

namespace countersign::core::error {

// Callers.
// INVALID_ARGUMENT BAD_REQUEST: every violation at once.
absl::Status BadRequest(std::vector<base::FieldViolation> violations);
// PERMISSION_DENIED PERMISSION_DENIED: `action` is "approve products".
absl::Status PermissionDenied(absl::string_view subject,
                              absl::string_view action,
                              absl::string_view resource);
// PERMISSION_DENIED CLAIM_REQUIRED: `wanted` is "ref_type is \"tag\"",
// `proved` what the caller's token says of it (empty: nothing).
absl::Status ClaimRequired(absl::string_view resource, absl::string_view wanted,
                           absl::string_view claim, absl::string_view proved);
// UNAUTHENTICATED NO_CREDENTIAL.
absl::Status NoCredential(bool tokens_taken);
// UNAUTHENTICATED; `reason` is TOKEN_MALFORMED, TOKEN_ALGORITHM,
// TOKEN_ISSUER_UNKNOWN, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_AUDIENCE,
// TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_TOO_OLD, TOKEN_CLAIM (one that the
// issuer's tokens must have), TOKEN_GROUPS_UNKNOWN, TOKEN_REVOKED or
// TOKEN_NOT_BOUND; `why` says what would be right, and holds no part of the
// token but claims.
absl::Status TokenRefused(const char* reason, absl::string_view why);
// UNAVAILABLE ISSUER_KEYS_UNAVAILABLE, with a retry delay: the keys are being
// fetched, or could not be had for too long.
absl::Status IssuerKeysUnavailable(absl::string_view issuer,
                                   absl::string_view why,
                                   absl::Duration retry_in);
// UNAUTHENTICATED UNKNOWN_IDENTITY.
absl::Status UnknownIdentity(absl::string_view why);

// Names. What is absent and what is forbidden read alike.
// INVALID_ARGUMENT MALFORMED_NAME.
absl::Status MalformedName(absl::string_view name, absl::string_view pattern);
// NOT_FOUND RESOURCE_NOT_FOUND.
absl::Status NotFound(absl::string_view resource);
// ALREADY_EXISTS RESOURCE_EXISTS.
absl::Status AlreadyExists(absl::string_view resource);

// Products and operations. FAILED_PRECONDITION, reasons as named.
absl::Status ProductNotActive(absl::string_view product,
                              absl::string_view state);  // PRODUCT_NOT_ACTIVE
absl::Status ProductNotPending(absl::string_view product,
                               absl::string_view state);  // PRODUCT_NOT_PENDING
absl::Status OperationDisabled(absl::string_view operation);
absl::Status NoSigningKey(absl::string_view operation);  // NO_ENABLED_KEY
// KEY_VERSION_STATE: `action` is "restore keys", `needs` the states in which it
// is possible.
absl::Status KeyStateWrong(absl::string_view key_version,
                           absl::string_view state, absl::string_view needs,
                           absl::string_view action);
// ALREADY_EXISTS KEY_TAKEN: another key version has that key.
absl::Status KeyTaken(absl::string_view holder);
// KEY_LIMIT_REACHED: it has made, or may have made, all that it may.
absl::Status KeyLimitReached(absl::string_view key_version, int64_t limit);
absl::Status ChainMissing(absl::string_view operation);  // CHAIN_MISSING
absl::Status ChainExpired(absl::string_view key_version,
                          absl::Time not_after);  // CHAIN_EXPIRED
// Certificates of the site's own authority. ISSUED_INSIDE: nobody sets its
// chain. NOT_ISSUED_INSIDE: `operation` has a CA outside. CERTIFICATE_EXISTS,
// CERTIFICATE_MISSING, RENEWAL_PENDING, NO_RENEWAL, ALREADY_REVOKED as they
// say; KEY_COMPROMISED: that key gets no other certificate. NO_PROFILE: the
// configuration has it no longer.
absl::Status IssuedInside(absl::string_view operation);
absl::Status NotIssuedInside(absl::string_view operation);
absl::Status CertificateExists(absl::string_view key_version);
absl::Status CertificateMissing(absl::string_view key_version);
absl::Status RenewalPending(absl::string_view key_version);
absl::Status NoRenewal(absl::string_view key_version);
absl::Status AlreadyRevoked(absl::string_view key_version,
                            absl::string_view serial);
absl::Status KeyCompromised(absl::string_view key_version);
absl::Status NoProfile(absl::string_view operation, absl::string_view profile);
// PERMISSION_DENIED OWN_RENEWAL: who asked may not agree.
absl::Status OwnRenewal(absl::string_view key_version);
// PERMISSION_DENIED OWN_PRODUCT: its author may not approve it.
absl::Status OwnProduct(absl::string_view product);
// INVALID_ARGUMENT HASH_NOT_ALLOWED, ALGORITHM_NOT_ALLOWED,
// ENCODING_NOT_POSSIBLE.
absl::Status HashNotAllowed(absl::string_view hash, absl::string_view allowed);
absl::Status AlgorithmNotAllowed(absl::string_view algorithm,
                                 absl::string_view allowed);
absl::Status EncodingNotPossible(absl::string_view operation);
// INVALID_ARGUMENT UNKNOWN_ALGORITHM: `what` is "hash algorithm", `right` lists
// the spellings that would be right.
absl::Status UnknownAlgorithm(absl::string_view what, absl::string_view text,
                              absl::string_view right);
// INVALID_ARGUMENT WEAK_HASH: SHA-1 and MD5, by name.
absl::Status WeakHash(absl::string_view hash);

// Signing requests.
// FAILED_PRECONDITION REQUEST_NOT_PENDING.
absl::Status RequestNotPending(absl::string_view request,
                               absl::string_view state);
// PERMISSION_DENIED OWN_REQUEST.
absl::Status OwnRequest(absl::string_view request);
// FAILED_PRECONDITION ALREADY_DECIDED: nobody counts twice.
absl::Status AlreadyDecided(absl::string_view request,
                            absl::string_view approver);
// ABORTED STALE_ETAG: what was shown is not what is there; show it again.
absl::Status StaleEtag(absl::string_view request);
// FAILED_PRECONDITION REQUEST_EXPIRED.
absl::Status RequestExpired(absl::string_view request, absl::Time at);
// FAILED_PRECONDITION REQUEST_NOT_EXPIRED: it may still be decided.
absl::Status RequestNotExpired(absl::string_view request, absl::Time at);
// FAILED_PRECONDITION REQUEST_NOT_APPROVED: only an APPROVED one is signed or
// fails.
absl::Status RequestNotApproved(absl::string_view request,
                                absl::string_view state);
// INTERNAL SIGNATURES_INCOMPLETE: never expected; nothing is released.
absl::Status SignaturesIncomplete(absl::string_view request);
// FAILED_PRECONDITION RULE_NOT_MET: never expected; signing is refused.
absl::Status RuleNotMet(absl::string_view request);
// ALREADY_EXISTS REQUEST_ID_REUSED: same request_id, other content.
absl::Status RequestIdReused(absl::string_view request_id,
                             absl::string_view existing);
// ABORTED CONCURRENT_CHANGE, with a retry delay.
absl::Status ConcurrentChange(absl::string_view resource);
// UNAVAILABLE SIGNER_UNAVAILABLE, with a retry delay: the request stays
// APPROVED and is signed later. `cause` is what the signer said: the message
// tells an absent token from a full queue and from lateness.
absl::Status SignerUnavailable(absl::string_view request,
                               const absl::Status& cause);
// UNAVAILABLE RECORD_UNAVAILABLE: what cannot be recorded is not signed.
absl::Status RecordUnavailable();
// RESOURCE_EXHAUSTED OVERLOADED, with a retry delay.
absl::Status Overloaded(absl::Duration retry_in);
// UNAVAILABLE SERVER_STOPPING, with a retry delay: a stream ends for it.
absl::Status ServerStopping();
// INVALID_ARGUMENT BAD_PAGE_TOKEN.
absl::Status BadPageToken();

}  // namespace countersign::core::error

#endif  // COUNTERSIGN_CORE_ERRORS_H_
