// The use cases: a constructor of a Flow for each change that somebody can ask
// for. Handlers name these and nothing behind them.
#ifndef COUNTERSIGN_CORE_FLOWS_H_
#define COUNTERSIGN_CORE_FLOWS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "core/flow.h"
#include "core/issuing_ca.h"
#include "core/principal.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::core {

using FlowPtr = std::unique_ptr<Flow>;

// --- Signing requests (create_request_flow.cc, decide_request_flow.cc) -------

struct CreateRequest {
  Principal caller;
  RequestContent content;
  // content.algorithm was not said: the operation's first is taken.
  bool default_algorithm = false;
  std::string request_id;    // idempotency; may be empty
  std::string new_id;        // UUID v7 of the request to be
  absl::Duration expire_in;  // zero: the rule's
  bool validate_only = false;
};
// Answers the request: SIGNED where nobody has to agree, PENDING_APPROVAL
// otherwise, or the existing one of the same request_id and content.
FlowPtr MakeCreateRequestFlow(CreateRequest input);

enum class RequestVerb { kApprove, kReject, kCancel, kExpire };
struct DecideRequest {
  RequestVerb verb = RequestVerb::kApprove;
  Principal caller;        // ServerPrincipal() for kExpire
  SigningRequest request;  // as it was read just now
  std::string etag;        // kApprove and kReject; required
  std::string reason;
};
// Answers the request after the decision; an approval that meets the rule goes
// on to sign. A lost race is decided again from what is there.
FlowPtr MakeDecideRequestFlow(DecideRequest input);

// At start and when the token is back: an APPROVED request is signed, after a
// leaf that says so.
FlowPtr MakeResumeFlow(SigningRequest request);

// --- Products (create_product_flow.cc, decide_product_flow.cc) ---------------

struct CreateProduct {
  Principal caller;
  Product product;  // names, rules, keys as asked for; states are set here
};
FlowPtr MakeCreateProductFlow(CreateProduct input);

enum class ProductVerb { kApprove, kReject, kEnable, kDisable };
struct DecideProduct {
  ProductVerb verb = ProductVerb::kApprove;
  Principal caller;
  ProductName product;
  std::string etag;  // empty: whatever is there; approve and reject need it
  std::string reason;
  // For kApprove: 16 random octets for each operation's key.
  std::vector<std::string> key_ids;
};
// Approve answers when the keys are in the token and the product is ACTIVE.
FlowPtr MakeDecideProductFlow(DecideProduct input);

// At start: a product whose approval is recorded but whose keys are not.
FlowPtr MakeResumeProductFlow(ProductName product);

// --- Keys (add_key_flow.cc, decide_key_flow.cc, destroy_keys_flow.cc,
// key_flow.cc) ----------------------------------------------------------------

struct RotateKey {
  Principal caller;
  OperationName operation;
  std::string key_id;  // 16 random octets
  // The new version signs from then on; unset or past: from now on.
  std::optional<absl::Time> start_time;
};
// Answers the product, whose operation has one key version more.
FlowPtr MakeRotateKeyFlow(RotateKey input);

// As RotateKey, with a key that is in the HSM already.
struct RegisterKey {
  Principal caller;
  OperationName operation;
  std::string key_id;               // CKA_ID, octets
  std::string label;                // CKA_LABEL
  std::vector<std::string> tokens;  // empty: the product's
  std::optional<absl::Time> start_time;
};
FlowPtr MakeRegisterKeyFlow(RegisterKey input);

// kDestroy schedules: the sweeper destroys when the waiting period is over.
// kRestore takes that back; the version is DISABLED then.
enum class KeyVerb { kDisable, kEnable, kDestroy, kRestore };
struct DecideKey {
  KeyVerb verb = KeyVerb::kDisable;
  Principal caller;
  KeyVersionName key_version;
  std::string reason;  // kDestroy: required
};
// Answers the product.
FlowPtr MakeDecideKeyFlow(DecideKey input);

// Destroys the key versions that are due, one after another. Where a token is
// away it ends with that error, and a later run goes on.
FlowPtr MakeDestroyDueKeysFlow(ProductName product);
// Whether that flow has something to do.
bool HasDueKeys(const Product& product, absl::Time now);

struct SetChain {
  Principal caller;
  KeyVersionName key_version;
  CertificateChain chain;  // checked against the key by auth/certificate_chain
};
FlowPtr MakeSetChainFlow(SetChain input);

struct SignCsr {
  Principal caller;
  KeyVersionName key_version;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRsassaPkcs1V15;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string digest;   // of the CertificationRequestInfo
  std::string subject;  // RFC 2253 text, for the record
};
// Answers the signature's octets; the use of the key is recorded first.
FlowPtr MakeSignCsrFlow(SignCsr input);

// --- Certificates of the site's own authority (issue_certificate_flow.cc,
// renewal_flow.cc, revoke_certificate_flow.cc, sign_crl_flow.cc;
// certificate_life.h says what is due) ----------------------------------------

// For a key version of an operation whose certificate is issued inside: after
// the product's approval, for a new key version, or for an agreed renewal. The
// octets were made before (auth/issue_certificate.h); the flow decides whether
// they may be signed, records the use of the authority's key, signs, and sets
// the chain with the leaf that says so.
struct IssueCertificate {
  // Who agreed to the renewal, or whose call needs the first certificate (the
  // product's approver); the server where a crash came between.
  Principal caller;
  KeyVersionName key_version;
  IssuedCertificate certificate;  // sha256 is filled in by the flow
  IssuingCa ca;
  std::string spki;     // that the certificate is for: must be the pinned one
  std::string digest;   // of the TBSCertificate, by ca.hash
  std::string subject;  // RFC 4514 text, for the record
  // The signed certificate and its issuers, checked. Pure.
  std::function<absl::StatusOr<CertificateChain>(absl::string_view signature)>
      assemble;
  // An approver's agreement to the renewal that waits; otherwise only a key
  // version that has no certificate gets one.
  bool renewal = false;
  std::string reason;  // of a renewal
};
// Answers the product. Where the signature cannot be had, a leaf says so; the
// next try has another serial.
FlowPtr MakeIssueCertificateFlow(IssueCertificate input);

struct RequestRenewal {
  Principal caller;  // an administrator, or ServerPrincipal() when it is due
  KeyVersionName key_version;
};
// Answers the product.
FlowPtr MakeRequestRenewalFlow(RequestRenewal input);

struct RevokeCertificate {
  Principal caller;
  KeyVersionName key_version;
  std::string serial;  // octets
  RevocationReason reason = RevocationReason::kUnspecified;
  std::string comment;  // required
};
// Answers the product. Where it was the certificate that the key version is
// published with, its chain is gone: PEM signing stops until there is another.
FlowPtr MakeRevokeCertificateFlow(RevokeCertificate input);

// A CRL of an authority: the use of its key is recorded first. Answers the
// signature's octets.
struct SignCrl {
  IssuingCa ca;
  std::string digest;  // of the TBSCertList, by ca.hash
  int64_t number = 0;  // CRL number (RFC 5280 5.2.3)
  int revoked = 0;     // entries
  absl::Time this_update;
  absl::Time next_update;
};
FlowPtr MakeSignCrlFlow(SignCrl input);

// --- Denials (denial_flow.cc) ------------------------------------------------

// Records a refused call of which no other flow took notice (a read), then
// answers `error`. `more` are further members of the leaf's details: what is
// known of a caller whom nobody knows.
FlowPtr MakeDenialFlow(Principal caller, std::string rpc, std::string resource,
                       absl::Status error, base::Json::Object more = {});

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FLOWS_H_
