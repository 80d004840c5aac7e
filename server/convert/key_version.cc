#include "server/convert/key_version.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "core/signer.h"
#include "server/convert/certificate_pem.h"
#include "server/convert/enums.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

constexpr absl::Duration kFurthestStart = absl::Hours(24 * 365);

v1::TokenFindings ToWire(const core::TokenFindings& findings) {
  v1::TokenFindings wire;
  wire.set_token(findings.token);
  wire.set_token_label(findings.token_label);
  wire.set_token_serial(findings.token_serial);
  wire.set_token_model(findings.token_model);
  wire.mutable_attributes()->insert(findings.attributes.begin(),
                                    findings.attributes.end());
  return wire;
}

v1::Revocation ToWire(const core::Revocation& revocation) {
  v1::Revocation wire;
  wire.set_reason(server::ToWire(revocation.reason));
  wire.set_comment(revocation.comment);
  *wire.mutable_revoker() = server::ToWire(revocation.revoker);
  *wire.mutable_revoke_time() = server::ToWire(revocation.time);
  return wire;
}

v1::IssuedCertificate ToWire(const core::IssuedCertificate& issued) {
  v1::IssuedCertificate wire;
  wire.set_certificate_authority(issued.ca);
  wire.set_profile(issued.profile);
  wire.set_serial(base::HexEncode(issued.serial));
  wire.set_sha256(issued.sha256);
  *wire.mutable_not_before() = server::ToWire(issued.not_before);
  *wire.mutable_not_after() = server::ToWire(issued.not_after);
  if (issued.revocation.has_value()) {
    *wire.mutable_revocation() = ToWire(*issued.revocation);
  }
  return wire;
}

}  // namespace

v1::KeyVersion ToWire(const core::KeyVersion& key) {
  v1::KeyVersion wire;
  wire.set_name(key.name.Format());
  wire.set_state(ToWire(key.state));
  wire.set_key_type(ToWire(key.type));
  if (!key.spki.empty()) {
    wire.set_public_key_pem(base::SpkiPem(key.spki));
    wire.set_spki_sha256(base::HexEncode(base::Sha256(key.spki)));
  }
  if (key.chain.has_value()) {
    wire.set_certificate_chain_pem(ChainPem(*key.chain));
    *wire.mutable_certificate_expire_time() = ToWire(key.chain->not_after);
  }
  *wire.mutable_create_time() = ToWire(key.create_time);
  if (key.start_time.has_value()) {
    *wire.mutable_start_time() = ToWire(*key.start_time);
  }
  if (key.destroy_time.has_value()) {
    *wire.mutable_destroy_time() = ToWire(*key.destroy_time);
  }
  wire.mutable_tokens()->Add(key.tokens.begin(), key.tokens.end());
  wire.set_key_id(base::HexEncode(key.key_id));
  wire.set_label(key.label);
  wire.set_origin(key.registered ? v1::KeyVersion::REGISTERED
                                 : v1::KeyVersion::GENERATED);
  for (const core::TokenFindings& findings : key.findings) {
    *wire.add_findings() = ToWire(findings);
  }
  wire.set_max_signatures(key.max_signatures);
  wire.set_signature_count(key.signatures_used);
  for (const core::IssuedCertificate& issued : key.issued) {
    *wire.add_issued_certificates() = ToWire(issued);
  }
  if (key.renewal.has_value()) {
    v1::PendingRenewal* renewal = wire.mutable_pending_renewal();
    *renewal->mutable_requester() = ToWire(key.renewal->requester);
    *renewal->mutable_request_time() = ToWire(key.renewal->time);
  }
  return wire;
}

v1::ExistingKey ToWire(const core::ExistingKey& key) {
  v1::ExistingKey wire;
  wire.set_key_id(base::HexEncode(key.key_id));
  wire.set_label(key.label);
  wire.mutable_tokens()->Add(key.tokens.begin(), key.tokens.end());
  return wire;
}

core::ExistingKey FromWire(const v1::ExistingKey& wire, const std::string& path,
                           std::vector<base::FieldViolation>* violations) {
  core::ExistingKey key;
  absl::StatusOr<std::string> key_id = base::HexDecode(wire.key_id());
  if (key_id.ok()) {
    key.key_id = *std::move(key_id);
  } else {
    violations->push_back(
        {absl::StrCat(path, ".key_id"),
         "must be CKA_ID in hexadecimal, as in \"0a1b2c\": 1..64 octets"});
    // One mistake is said once.
    key.key_id = "?";
  }
  key.label = wire.label();
  key.tokens = {wire.tokens().begin(), wire.tokens().end()};
  return key;
}

absl::Time StartTimeFromWire(const google::protobuf::Timestamp& start_time,
                             absl::Time now,
                             std::vector<base::FieldViolation>* violations) {
  const auto time = FromWire(start_time);
  if (!time.has_value() || *time < now || *time > now + kFurthestStart) {
    violations->push_back({"start_time",
                           "must be in the future, at most a year away; leave "
                           "it out for a key that signs at once"});
  }
  return time.value_or(now);
}

}  // namespace countersign::server
