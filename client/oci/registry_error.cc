#include "client/oci/registry_error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"

namespace countersign::client {
namespace {

constexpr size_t kSaid = 300;

absl::Status Make(absl::StatusCode code, const char* reason,
                  absl::string_view message) {
  base::ErrorDetails details;
  details.reason = reason;
  return base::MakeError(code, message, details);
}

std::string Colon(absl::string_view said) {
  return said.empty() ? "" : absl::StrCat(": ", Said(said));
}

}  // namespace

std::string Said(absl::string_view text) {
  if (text.size() <= kSaid) return base::EscapeForDisplay(text);
  return absl::StrCat(base::EscapeForDisplay(text.substr(0, kSaid)), "...");
}

absl::Status ReferenceInvalid(absl::string_view text, absl::string_view why) {
  return Make(absl::StatusCode::kInvalidArgument, "REFERENCE_INVALID",
              absl::StrCat("\"", Said(text), "\" is no reference: ", why,
                           "; a right one is registry.example/team/app:1.0 or "
                           "registry.example/team/app@sha256:<64 hex digits>"));
}

absl::Status PlainHttpRefused(absl::string_view host) {
  return Make(absl::StatusCode::kInvalidArgument, "PLAIN_HTTP_REFUSED",
              absl::StrCat(Said(host),
                           " is another machine: http:// would show passwords "
                           "to everybody in between. Write https://, or allow "
                           "it with --plain-http"));
}

absl::Status ManifestUnknown(absl::string_view where, absl::string_view name) {
  return Make(absl::StatusCode::kNotFound, "MANIFEST_UNKNOWN",
              absl::StrCat(Said(where), " has no manifest \"", Said(name),
                           "\": check the name, the tag or digest, and that "
                           "it was pushed"));
}

absl::Status BlobUnknown(absl::string_view where, absl::string_view digest) {
  return Make(absl::StatusCode::kNotFound, "BLOB_UNKNOWN",
              absl::StrCat(Said(where), " has no blob ", Said(digest)));
}

absl::Status RepositoryUnknown(absl::string_view where,
                               absl::string_view said) {
  return Make(
      absl::StatusCode::kNotFound, "REPOSITORY_UNKNOWN",
      absl::StrCat("there is no repository ", Said(where), Colon(said)));
}

absl::Status RegistryLoginNeeded(absl::string_view where,
                                 absl::string_view said) {
  return Make(absl::StatusCode::kUnauthenticated, "REGISTRY_LOGIN_NEEDED",
              absl::StrCat(Said(where), " wants a login", Colon(said),
                           "; log in with \"docker login\" or \"skopeo "
                           "login\", or name a file of credentials with "
                           "--registry-config"));
}

absl::Status RegistryDenied(absl::string_view where, absl::string_view said) {
  return Make(absl::StatusCode::kPermissionDenied, "REGISTRY_DENIED",
              absl::StrCat(Said(where), " does not allow this", Colon(said),
                           "; the account needs the right to it"));
}

absl::Status RegistryRateLimit(absl::string_view where, absl::string_view when,
                               absl::string_view said) {
  return Make(absl::StatusCode::kResourceExhausted, "REGISTRY_RATE_LIMIT",
              absl::StrCat(Said(where), " had too many requests", Colon(said),
                           "; ", when.empty() ? "try again later" : when));
}

absl::Status RegistryUnreachable(absl::string_view where,
                                 absl::string_view why) {
  return Make(absl::StatusCode::kUnavailable, "REGISTRY_UNREACHABLE",
              absl::StrCat("no answer from ", Said(where), Colon(why)));
}

absl::Status RegistryRefused(absl::string_view where, absl::string_view said) {
  return Make(absl::StatusCode::kFailedPrecondition, "REGISTRY_REFUSED",
              absl::StrCat(Said(where), " refused it", Colon(said)));
}

absl::Status RegistryAnswer(absl::string_view where, absl::string_view why) {
  return Make(
      absl::StatusCode::kInvalidArgument, "REGISTRY_ANSWER",
      absl::StrCat("the answer of ", Said(where), " is wrong: ", Said(why)));
}

absl::Status ReferrersUnsupported(absl::string_view where) {
  return Make(absl::StatusCode::kUnimplemented, "REFERRERS_UNSUPPORTED",
              absl::StrCat(Said(where), " keeps no list of referrers"));
}

absl::Status DigestMismatch(absl::string_view where, absl::string_view want,
                            absl::string_view got) {
  return Make(absl::StatusCode::kDataLoss, "DIGEST_MISMATCH",
              absl::StrCat(Said(where), ": what came for ", Said(want),
                           " has the digest ", Said(got),
                           "; it is damaged or was replaced"));
}

absl::Status BlobSizeWrong(absl::string_view where, absl::string_view digest,
                           absl::string_view why) {
  return Make(absl::StatusCode::kDataLoss, "DIGEST_MISMATCH",
              absl::StrCat(Said(where), ": blob ", Said(digest), " ", why));
}

absl::Status BlobTooLarge(absl::string_view where, absl::string_view digest,
                          size_t max_bytes) {
  return Make(
      absl::StatusCode::kInvalidArgument, "BLOB_TOO_LARGE",
      absl::StrCat(Said(where), ": blob ", Said(digest), " has more than the ",
                   max_bytes, " octets that this may have"));
}

absl::Status RegistryConfigInvalid(absl::string_view path,
                                   absl::string_view why) {
  return Make(absl::StatusCode::kInvalidArgument, "REGISTRY_CONFIG",
              absl::StrCat(Said(path), ": ", Said(why)));
}

absl::Status NoSubject(absl::string_view why) {
  return Make(absl::StatusCode::kInvalidArgument, "NO_SUBJECT",
              absl::StrCat("a manifest that refers to another one needs its "
                           "descriptor as \"subject\": ",
                           Said(why)));
}

absl::Status RegistryContended(absl::string_view tag) {
  return Make(absl::StatusCode::kAborted, "REGISTRY_CONTENDED",
              absl::StrCat("others change the tag \"", Said(tag),
                           "\" at the same time, and what was added got lost "
                           "each time; try again"));
}

}  // namespace countersign::client
