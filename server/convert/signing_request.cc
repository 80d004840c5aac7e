#include "server/convert/signing_request.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "core/errors.h"
#include "server/convert/certificate_pem.h"
#include "server/convert/enums.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

using Violations = std::vector<base::FieldViolation>;

v1::Decision ToWire(const core::Decision& decision) {
  v1::Decision wire;
  wire.set_kind(server::ToWire(decision.kind));
  *wire.mutable_approver() = server::ToWire(decision.approver);
  wire.set_reason(decision.reason);
  wire.set_etag(decision.etag);
  *wire.mutable_decide_time() = server::ToWire(decision.time);
  return wire;
}

// The chain that goes out with this request's signatures.
const core::CertificateChain* ChainOf(const core::SigningRequest& request,
                                      const core::Product* product) {
  if (product == nullptr) return nullptr;
  const core::Operation* operation =
      product->FindOperation(request.name.operation.operation);
  if (operation == nullptr) return nullptr;
  const core::KeyVersion* key = operation->FindKeyVersion(request.key_version);
  return key != nullptr && key->chain.has_value() ? &*key->chain : nullptr;
}

void AddSignatures(const core::SigningRequest& request,
                   const core::Product* product, v1::SigningRequest* wire) {
  const bool pem = request.content.encoding == core::SignatureEncoding::kPem;
  const core::CertificateChain* chain =
      pem ? ChainOf(request, product) : nullptr;
  if (pem && chain == nullptr) return;
  for (const core::DigestSignature& signature : request.signatures) {
    v1::Signature* out = wire->add_signatures();
    out->set_value(
        pem ? SignaturePem(signature.value, request.content.algorithm, *chain)
            : signature.value);
    out->set_crc32c(base::Crc32c(out->value()));
    out->set_token(signature.token);
  }
}

// What is signed stands in one field: the digest in value or, where nothing is
// hashed, the message in message.
core::LabelledDigest FromWire(const v1::LabelledDigest& wire, bool unhashed,
                              const std::string& path, Violations* violations) {
  if (unhashed && !wire.value().empty()) {
    violations->push_back({absl::StrCat(path, ".value"),
                           "must be empty with hash_algorithm UNHASHED: the "
                           "message itself stands in message"});
  }
  if (!unhashed && !wire.message().empty()) {
    violations->push_back({absl::StrCat(path, ".message"),
                           "must be empty unless hash_algorithm is UNHASHED: "
                           "the digest stands in value"});
  }
  const std::string& octets = unhashed ? wire.message() : wire.value();
  const char* field = unhashed ? "message" : "value";
  if (!wire.has_crc32c()) {
    violations->push_back(
        {absl::StrCat(path, ".crc32c"),
         absl::StrCat("is required: the CRC-32C of ", field)});
  } else if (wire.crc32c() != base::Crc32c(octets)) {
    violations->push_back({absl::StrCat(path, ".crc32c"),
                           absl::StrCat("does not match ", field,
                                        ": it was damaged on its way")});
  }
  return {wire.label(), octets};
}

// Bounds the work on a list that is refused anyway; CheckContent names the
// limit.
constexpr int kMaxDigestsConverted = 1001;

void ConvertContent(const v1::SigningRequest& wire, core::CreateRequest* input,
                    Violations* violations) {
  core::RequestContent& content = input->content;
  if (const auto hash = server::FromWire(wire.hash_algorithm());
      hash.has_value()) {
    content.hash = *hash;
  } else {
    violations->push_back({"signing_request.hash_algorithm",
                           "must be SHA256, SHA384, SHA512 or UNHASHED"});
  }
  if (wire.signature_algorithm() == v1::SIGNATURE_ALGORITHM_UNSPECIFIED) {
    input->default_algorithm = true;
  } else if (const auto algorithm =
                 server::FromWire(wire.signature_algorithm());
             algorithm.has_value()) {
    content.algorithm = *algorithm;
  } else {
    violations->push_back(
        {"signing_request.signature_algorithm",
         "must be RSASSA_PKCS1_V1_5, RSASSA_PSS, ECDSA or ED25519, or unset"});
  }
  if (const auto encoding = server::FromWire(wire.encoding());
      encoding.has_value()) {
    content.encoding = *encoding;
  } else {
    violations->push_back(
        {"signing_request.encoding", "must be RAW or PEM, or unset"});
  }
  if (const auto form = server::FromWire(wire.ecdsa_form()); form.has_value()) {
    content.ecdsa_form = *form;
  } else {
    violations->push_back(
        {"signing_request.ecdsa_form", "must be DER or FIXED_WIDTH, or unset"});
  }
  content.description = wire.description();
  content.context.insert(wire.context().begin(), wire.context().end());
  for (int i = 0; i < wire.digests_size() && i < kMaxDigestsConverted; ++i) {
    content.digests.push_back(
        FromWire(wire.digests(i), wire.hash_algorithm() == v1::UNHASHED,
                 absl::StrCat("signing_request.digests[", i, "]"), violations));
  }
}

}  // namespace

v1::SigningRequest ToWire(const core::SigningRequest& request,
                          const core::Product* product) {
  v1::SigningRequest wire;
  wire.set_name(request.name.Format());
  for (const core::LabelledDigest& digest : request.content.digests) {
    v1::LabelledDigest* out = wire.add_digests();
    out->set_label(digest.label);
    if (request.content.hash == core::HashAlgorithm::kUnhashed) {
      out->set_message(digest.value);
    } else {
      out->set_value(digest.value);
    }
    out->set_crc32c(base::Crc32c(digest.value));
  }
  wire.set_hash_algorithm(ToWire(request.content.hash));
  wire.set_signature_algorithm(ToWire(request.content.algorithm));
  wire.set_encoding(ToWire(request.content.encoding));
  if (request.content.algorithm == core::SignatureAlgorithm::kEcdsa) {
    wire.set_ecdsa_form(ToWire(request.content.ecdsa_form));
  }
  wire.set_description(request.content.description);
  wire.mutable_context()->insert(request.content.context.begin(),
                                 request.content.context.end());
  wire.set_state(ToWire(request.state));
  wire.set_state_reason(request.state_reason);
  *wire.mutable_requester() = ToWire(request.requester);
  *wire.mutable_approval_rule() = ToWire(request.rule);
  wire.set_key_version(
      core::KeyVersionName{request.name.operation, request.key_version}
          .Format());
  wire.set_key_spki_sha256(request.key_spki_sha256);
  for (const core::Decision& decision : request.decisions) {
    *wire.add_decisions() = ToWire(decision);
  }
  AddSignatures(request, product, &wire);
  *wire.mutable_create_time() = ToWire(request.create_time);
  *wire.mutable_update_time() = ToWire(request.update_time);
  *wire.mutable_expire_time() = ToWire(request.expire_time);
  wire.set_etag(core::Etag(request));
  wire.set_revision(request.revision);
  return wire;
}

absl::StatusOr<core::CreateRequest> FromWire(
    const v1::CreateSigningRequestRequest& request) {
  core::CreateRequest input;
  const auto parent = core::OperationName::Parse(request.parent());
  if (!parent.ok()) return parent.status();
  input.content.operation = *parent;
  Violations violations;
  ConvertContent(request.signing_request(), &input, &violations);
  input.request_id = request.request_id();
  if (request.has_expire_in()) {
    const auto expire_in = FromWire(request.expire_in());
    if (expire_in.has_value()) {
      input.expire_in = *expire_in;
    } else {
      violations.push_back(
          {"expire_in", "must be a duration such as \"3600s\""});
    }
  }
  input.validate_only = request.validate_only();
  if (!violations.empty()) {
    return core::error::BadRequest(std::move(violations));
  }
  return input;
}

}  // namespace countersign::server
