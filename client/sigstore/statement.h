// in-toto statements (in-toto attestation framework, Statement v1): what is
// said of which artefacts. A cosign image signature in a bundle is one whose
// predicate is empty. Called by the image and attestation commands. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_STATEMENT_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_STATEMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/sigstore/simple_signing.h"

namespace countersign::client {

// What an image signature in a bundle says.
inline constexpr char kCosignSignPredicate[] =
    "https://sigstore.dev/cosign/sign/v1";

struct StatementSubject {
  std::string name;                            // may be empty
  std::map<std::string, std::string> digests;  // "sha256" to lower-case hex
  ImageAnnotations annotations;
};

struct Statement {
  std::vector<StatementSubject> subjects;
  std::string predicate_type;  // a URI
};

// On one line; `predicate` (a JSON object) stands in it octet for octet, so
// that no number of it changes. INVALID_ARGUMENT (PREDICATE_MALFORMED).
absl::StatusOr<std::string> FormatStatement(const Statement& statement,
                                            absl::string_view predicate);

// Version 1 and 0.1, which cosign's `attest` still writes. INVALID_ARGUMENT
// (STATEMENT_UNREADABLE).
absl::StatusOr<Statement> ParseStatement(absl::string_view text);

// A URI, or one of cosign's short names ("slsaprovenance1", "spdxjson",
// "cyclonedx"...). INVALID_ARGUMENT (PREDICATE_TYPE_UNKNOWN) lists them.
absl::StatusOr<std::string> PredicateTypeFrom(absl::string_view text);

// Larger predicates are refused, statements too.
constexpr size_t kMaxStatementBytes = 32 << 20;

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_STATEMENT_H_
