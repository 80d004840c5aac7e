// The unit that people decide on: 1..1000 labelled digests of one operation, as
// a plain value, with its whole state machine. Every transition is one function
// below; nothing else changes a state. Pure.
//
//   PENDING_APPROVAL -> APPROVED -> SIGNED
//          |  |  |          |-----> FAILED | CANCELLED
//          |  |  +-> REJECTED
//          |  +----> EXPIRED
//          +-------> CANCELLED
#ifndef COUNTERSIGN_CORE_SIGNING_REQUEST_H_
#define COUNTERSIGN_CORE_SIGNING_REQUEST_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "core/algorithms.h"
#include "core/approval_rule.h"
#include "core/names.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/signer.h"

namespace countersign::core {

enum class RequestState {
  kPendingApproval,
  kApproved,
  kSigned,
  kRejected,
  kExpired,
  kCancelled,
  kFailed,
};
absl::string_view ToString(RequestState state);  // "PENDING_APPROVAL"
bool IsTerminal(RequestState state);

// RAW: the signature's octets. PEM: SIGNATURE block, leaf, intermediates.
enum class SignatureEncoding { kRaw, kPem };
absl::string_view ToString(SignatureEncoding encoding);  // "RAW"

struct LabelledDigest {
  std::string label;  // what it is the digest of; may be empty
  std::string value;  // octets; with kUnhashed the message itself

  bool operator==(const LabelledDigest& o) const {
    return label == o.label && value == o.value;
  }
};

// What a caller asks for, before anybody has agreed.
struct RequestContent {
  OperationName operation;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRsassaPkcs1V15;
  SignatureEncoding encoding = SignatureEncoding::kRaw;
  EcdsaForm ecdsa_form = EcdsaForm::kDer;
  std::vector<LabelledDigest> digests;
  std::string description;
  std::map<std::string, std::string> context;  // said by the caller, unproved

  bool operator==(const RequestContent& o) const;
};

// SHA-256 (hex) of the content's RFC 8785 form: idempotency and etag.
std::string ContentDigest(const RequestContent& content);

// Shape: 1..1000 digests of the hash's length, or 1..16 messages to 4096 octets
// where nothing is hashed; algorithm, hash and form that go together; labels to
// 256 octets, description to 4096, context to 32 entries (key 1..64, value to
// 1024), UTF-8 throughout. All that is wrong, at once.
std::vector<base::FieldViolation> CheckContent(const RequestContent& content);

enum class DecisionKind { kApproval, kRejection };

struct Decision {
  DecisionKind kind = DecisionKind::kApproval;
  Principal approver;
  std::string reason;
  std::string etag;  // what the approver was shown
  absl::Time time;

  bool operator==(const Decision& o) const;
};

struct SigningRequest {
  RequestName name;
  RequestContent content;
  Principal requester;
  std::string request_id;       // idempotency of Create; may be empty
  ApprovalRule rule;            // pinned
  int64_t key_version = 0;      // pinned: which key will sign
  std::string key_spki_sha256;  // hex, of that key
  RequestState state = RequestState::kPendingApproval;
  std::vector<Decision> decisions;
  std::vector<DigestSignature> signatures;  // as the digests; SIGNED only
  std::string state_reason;  // why REJECTED, EXPIRED, CANCELLED or FAILED
  absl::Time create_time;
  absl::Time update_time;
  absl::Time expire_time;
  int64_t revision = 0;  // counts changes from 1; the store's version
  bool operator==(const SigningRequest& o) const;
};

// What a yes binds to: digest (hex) of the name, content, requester, pinned
// rule and key, expiry. It does not change while a request waits.
std::string Etag(const SigningRequest& request);
// The same for a caller that has ContentDigest and RuleDigest of it already.
std::string Etag(const SigningRequest& request,
                 absl::string_view content_digest,
                 absl::string_view rule_digest);

// Transitions. Each returns the next value, with revision + 1 and update_time
// `now`, or an error of core/errors.h; the argument is never changed.
absl::StatusOr<SigningRequest> Approve(const SigningRequest& request,
                                       const Principal& approver,
                                       const Policy& policy,
                                       const std::string& etag,
                                       const std::string& reason,
                                       absl::Time now);
absl::StatusOr<SigningRequest> Reject(const SigningRequest& request,
                                      const Principal& approver,
                                      const Policy& policy,
                                      const std::string& etag,
                                      const std::string& reason,
                                      absl::Time now);
absl::StatusOr<SigningRequest> Cancel(const SigningRequest& request,
                                      const Principal& caller,
                                      const Policy& policy, absl::Time now);
absl::StatusOr<SigningRequest> Expire(const SigningRequest& request,
                                      absl::Time now);
absl::StatusOr<SigningRequest> Fail(const SigningRequest& request,
                                    const std::string& reason, absl::Time now);
absl::StatusOr<SigningRequest> Sign(const SigningRequest& request,
                                    std::vector<DigestSignature> signatures,
                                    absl::Time now);

// Invariant 2: enough distinct approvers of the pinned rule, none of them the
// requester, none twice, none after expiry, all for this etag. Asked again at
// the moment of signing.
bool RuleIsMet(const SigningRequest& request);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNING_REQUEST_H_
