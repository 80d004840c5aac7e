// Errors of this room, one function for each reason: what is wrong, and what
// would be right. `where` is HOST/REPOSITORY or HOST, `said` what the registry
// answered; both are escaped here. Called by everything in this room. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_ERROR_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_ERROR_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// INVALID_ARGUMENT REFERENCE_INVALID: the whole text, and why.
absl::Status ReferenceInvalid(absl::string_view text, absl::string_view why);
// INVALID_ARGUMENT PLAIN_HTTP_REFUSED.
absl::Status PlainHttpRefused(absl::string_view host);

// NOT_FOUND MANIFEST_UNKNOWN, BLOB_UNKNOWN, REPOSITORY_UNKNOWN.
absl::Status ManifestUnknown(absl::string_view where, absl::string_view name);
absl::Status BlobUnknown(absl::string_view where, absl::string_view digest);
absl::Status RepositoryUnknown(absl::string_view where, absl::string_view said);
// UNAUTHENTICATED REGISTRY_LOGIN_NEEDED.
absl::Status RegistryLoginNeeded(absl::string_view where,
                                 absl::string_view said);
// PERMISSION_DENIED REGISTRY_DENIED.
absl::Status RegistryDenied(absl::string_view where, absl::string_view said);
// RESOURCE_EXHAUSTED REGISTRY_RATE_LIMIT; `when` is empty where it said nothing
// of that.
absl::Status RegistryRateLimit(absl::string_view where, absl::string_view when,
                               absl::string_view said);
// UNAVAILABLE REGISTRY_UNREACHABLE.
absl::Status RegistryUnreachable(absl::string_view where,
                                 absl::string_view why);
// FAILED_PRECONDITION REGISTRY_REFUSED.
absl::Status RegistryRefused(absl::string_view where, absl::string_view said);
// INVALID_ARGUMENT REGISTRY_ANSWER.
absl::Status RegistryAnswer(absl::string_view where, absl::string_view why);
// UNIMPLEMENTED REFERRERS_UNSUPPORTED.
absl::Status ReferrersUnsupported(absl::string_view where);

// DATA_LOSS DIGEST_MISMATCH: what was named, and the digest of what came.
absl::Status DigestMismatch(absl::string_view where, absl::string_view want,
                            absl::string_view got);
// DATA_LOSS DIGEST_MISMATCH: a blob that is shorter or longer than it should
// be.
absl::Status BlobSizeWrong(absl::string_view where, absl::string_view digest,
                           absl::string_view why);
// INVALID_ARGUMENT BLOB_TOO_LARGE.
absl::Status BlobTooLarge(absl::string_view where, absl::string_view digest,
                          size_t max_bytes);

// INVALID_ARGUMENT REGISTRY_CONFIG: a file of credentials, or a program that
// should have given some. Never with a secret.
absl::Status RegistryConfigInvalid(absl::string_view path,
                                   absl::string_view why);

// INVALID_ARGUMENT NO_SUBJECT: a manifest that should refer to another one.
absl::Status NoSubject(absl::string_view why);
// ABORTED REGISTRY_CONTENDED: others change the same tag all the time.
absl::Status RegistryContended(absl::string_view tag);

// What a server sent, safe to show, cut after 300 octets.
std::string Said(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_ERROR_H_
