#include "server/convert/product.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/algorithms.h"
#include "core/errors.h"
#include "core/names.h"
#include "server/convert/enums.h"
#include "server/convert/identity.h"
#include "server/convert/key_version.h"

namespace countersign::server {
namespace {

using Violations = std::vector<base::FieldViolation>;

v1::CertificateInfo ToWire(const core::CertificateInfo& info) {
  v1::CertificateInfo wire;
  wire.set_common_name(info.common_name);
  wire.set_description(info.description);
  wire.set_external_root(info.external_root);
  wire.set_use_case(info.use_case);
  wire.set_certificate_type(info.certificate_type);
  wire.set_profile_id(info.profile_id);
  wire.set_subject(info.subject);
  return wire;
}

core::CertificateInfo FromWire(const v1::CertificateInfo& wire) {
  core::CertificateInfo info;
  info.common_name = wire.common_name();
  info.description = wire.description();
  info.external_root = wire.external_root();
  info.use_case = wire.use_case();
  info.certificate_type = wire.certificate_type();
  info.profile_id = wire.profile_id();
  info.subject = wire.subject();
  return info;
}

v1::Operation ToWire(const core::Operation& operation, absl::Time now) {
  v1::Operation wire;
  wire.set_name(operation.name.Format());
  wire.set_display_name(operation.display_name);
  wire.set_description(operation.description);
  wire.set_type(server::ToWire(operation.type));
  wire.set_key_type(server::ToWire(operation.key_type));
  wire.set_key_display_name(operation.key_display_name);
  wire.set_key_description(operation.key_description);
  if (operation.certificate.has_value()) {
    *wire.mutable_certificate() = ToWire(*operation.certificate);
  }
  for (core::HashAlgorithm hash : operation.allowed_hashes) {
    wire.add_allowed_hashes(server::ToWire(hash));
  }
  for (core::SignatureAlgorithm algorithm : operation.allowed_algorithms) {
    wire.add_allowed_algorithms(server::ToWire(algorithm));
  }
  *wire.mutable_approval_rule() = server::ToWire(operation.rule);
  if (const core::KeyVersion* key = operation.SigningKey(now); key != nullptr) {
    wire.set_signing_key_version(key->name.Format());
  }
  if (operation.existing_key.has_value()) {
    *wire.mutable_existing_key() = server::ToWire(*operation.existing_key);
  }
  wire.set_max_signatures_per_key(operation.max_signatures_per_key);
  return wire;
}

// The id that is given, or the one that the display name makes.
core::OperationName NameOf(const v1::Operation& wire,
                           const core::ProductName& product,
                           const std::string& path, Violations* violations) {
  core::OperationName name;
  name.product = product;
  if (wire.name().empty()) {
    name.operation = core::IdFromDisplayName(wire.display_name());
    if (name.operation.empty()) {
      violations->push_back({absl::StrCat(path, ".display_name"),
                             "is required, with at least one letter or digit"});
    }
    return name;
  }
  const auto parsed = core::OperationName::Parse(wire.name());
  if (!parsed.ok() || !(parsed->product == product)) {
    violations->push_back({absl::StrCat(path, ".name"),
                           absl::StrCat("must be empty or \"", product.Format(),
                                        "/operations/{operation}\"")});
    return name;
  }
  return *parsed;
}

// resources.proto: empty lists mean the customary hash and longer ones, and all
// that the key can make.
void FillDefaults(core::Operation* operation) {
  const core::HashAlgorithm customary = core::DefaultHash(operation->key_type);
  if (operation->allowed_hashes.empty() &&
      customary == core::HashAlgorithm::kUnhashed) {
    operation->allowed_hashes.push_back(customary);
  } else if (operation->allowed_hashes.empty()) {
    for (const core::HashAlgorithm hash :
         {core::HashAlgorithm::kSha256, core::HashAlgorithm::kSha384,
          core::HashAlgorithm::kSha512}) {
      if (core::DigestSize(hash) >= core::DigestSize(customary)) {
        operation->allowed_hashes.push_back(hash);
      }
    }
  }
  if (operation->allowed_algorithms.empty()) {
    operation->allowed_algorithms = core::AlgorithmsFor(operation->key_type);
  }
}

core::Operation FromWire(const v1::Operation& wire,
                         const core::ProductName& product,
                         const core::Policy& policy, const std::string& path,
                         Violations* violations) {
  core::Operation operation;
  operation.name = NameOf(wire, product, path, violations);
  operation.display_name = wire.display_name();
  operation.description = wire.description();
  operation.key_display_name = wire.key_display_name();
  operation.key_description = wire.key_description();
  if (const auto type = server::FromWire(wire.type()); type.has_value()) {
    operation.type = *type;
  } else {
    violations->push_back({absl::StrCat(path, ".type"),
                           "must be DIGEST_SIGNING or DETACHED_SIGNATURE"});
  }
  if (const auto type = server::FromWire(wire.key_type()); type.has_value()) {
    operation.key_type = *type;
  } else {
    violations->push_back({absl::StrCat(path, ".key_type"),
                           "must be RSA2048, RSA3072, RSA4096, EC_P256, "
                           "EC_P384, EC_P521 or EC_EDWARDS25519"});
  }
  if (wire.has_certificate()) {
    operation.certificate = FromWire(wire.certificate());
  }
  for (int i = 0; i < wire.allowed_hashes_size(); ++i) {
    const auto hash = server::FromWire(wire.allowed_hashes(i));
    if (hash.has_value()) {
      operation.allowed_hashes.push_back(*hash);
    } else {
      violations->push_back({absl::StrCat(path, ".allowed_hashes[", i, "]"),
                             "must be SHA256, SHA384, SHA512 or UNHASHED"});
    }
  }
  for (int i = 0; i < wire.allowed_algorithms_size(); ++i) {
    const auto algorithm = server::FromWire(wire.allowed_algorithms(i));
    if (algorithm.has_value()) {
      operation.allowed_algorithms.push_back(*algorithm);
    } else {
      violations->push_back({absl::StrCat(path, ".allowed_algorithms[", i, "]"),
                             "must be RSASSA_PKCS1_V1_5, RSASSA_PSS, ECDSA or "
                             "ED25519"});
    }
  }
  if (wire.has_existing_key()) {
    operation.existing_key = server::FromWire(
        wire.existing_key(), absl::StrCat(path, ".existing_key"), violations);
  }
  operation.max_signatures_per_key = wire.max_signatures_per_key();
  operation.rule =
      server::FromWire(wire.approval_rule(), policy,
                       absl::StrCat(path, ".approval_rule"), violations);
  if (wire.allowed_hashes().empty() || wire.allowed_algorithms().empty()) {
    FillDefaults(&operation);
  }
  return operation;
}

}  // namespace

std::string ProductEtag(const core::Product& product) {
  return absl::StrCat(product.revision);
}

v1::Product ToWire(const core::Product& product, absl::Time now) {
  v1::Product wire;
  wire.set_name(product.name.Format());
  wire.set_display_name(product.display_name);
  wire.set_description(product.description);
  wire.set_product_type(product.product_type);
  wire.set_state(ToWire(product.state));
  wire.set_start_disabled(!product.enabled_on_approval);
  for (const core::Operation& operation : product.operations) {
    *wire.add_operations() = ToWire(operation, now);
  }
  *wire.mutable_creator() = ToWire(product.creator);
  if (product.decision.has_value()) {
    *wire.mutable_decider() = ToWire(product.decision->approver);
    wire.set_decision_reason(product.decision->reason);
    *wire.mutable_decision_time() = ToWire(product.decision->time);
  }
  *wire.mutable_create_time() = ToWire(product.create_time);
  *wire.mutable_update_time() = ToWire(product.update_time);
  wire.set_etag(ProductEtag(product));
  wire.set_token(product.token);
  return wire;
}

absl::StatusOr<core::Product> FromWire(const v1::CreateProductRequest& request,
                                       const core::Policy& policy) {
  const v1::Product& wire = request.product();
  Violations violations;
  core::Product product;
  product.name.product = request.product_id().empty()
                             ? core::IdFromDisplayName(wire.display_name())
                             : request.product_id();
  if (!core::IsValidId(product.name.product)) {
    violations.push_back(
        request.product_id().empty()
            ? base::FieldViolation{"product.display_name",
                                   "is required, with at least one letter or "
                                   "digit"}
            : base::FieldViolation{"product_id",
                                   "must be 1..63 lower-case letters, digits "
                                   "and hyphens, not beginning with a hyphen"});
  }
  product.display_name = wire.display_name();
  product.description = wire.description();
  product.product_type = wire.product_type();
  product.token = wire.token();
  product.enabled_on_approval = !wire.start_disabled();
  product.request_id = request.request_id();
  for (int i = 0; i < wire.operations_size(); ++i) {
    product.operations.push_back(
        FromWire(wire.operations(i), product.name, policy,
                 absl::StrCat("product.operations[", i, "]"), &violations));
  }
  if (!violations.empty()) {
    return core::error::BadRequest(std::move(violations));
  }
  return product;
}

}  // namespace countersign::server
