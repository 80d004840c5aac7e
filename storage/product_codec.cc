#include "storage/product_codec.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "storage/part_codec.h"
#include "storage/record.h"

namespace countersign::storage {
namespace {

// Version 2 has tokens, limits, and keys that start, end and were there before;
// 3 what tokens prove (part_codec.cc) and certificates issued inside.
constexpr uint8_t kVersion = 3;

// Enumerators are stored as numbers: a change of their order would change what
// is stored. Append, and raise the last below.
static_assert(static_cast<int>(core::OperationType::kDetachedSignature) == 1);
static_assert(static_cast<int>(core::ProductState::kRejected) == 3);
static_assert(static_cast<int>(core::KeyState::kDestroyed) == 4);
static_assert(static_cast<int>(core::KeyType::kEd25519) == 6);
static_assert(static_cast<int>(core::HashAlgorithm::kUnhashed) == 3);
static_assert(static_cast<int>(core::SignatureAlgorithm::kEd25519) == 3);
static_assert(static_cast<int>(core::RevocationReason::kCessationOfOperation) ==
              4);

void WriteTime(const std::optional<absl::Time>& time, RecordWriter& out) {
  out.Bool(time.has_value());
  if (time.has_value()) out.Time(*time);
}

std::optional<absl::Time> ReadTime(RecordReader& in) {
  if (!in.Bool()) return std::nullopt;
  return in.Time();
}

void WriteFindings(const core::TokenFindings& findings, RecordWriter& out) {
  out.Octets(findings.token);
  out.Octets(findings.token_label);
  out.Octets(findings.token_serial);
  out.Octets(findings.token_model);
  out.List(findings.attributes, [&](const auto& attribute) {
    out.Octets(attribute.first);
    out.Octets(attribute.second);
  });
}

core::TokenFindings ReadFindings(RecordReader& in) {
  core::TokenFindings findings;
  findings.token = in.Octets();
  findings.token_label = in.Octets();
  findings.token_serial = in.Octets();
  findings.token_model = in.Octets();
  in.List([&] {
    std::string name = in.Octets();
    findings.attributes[std::move(name)] = in.Octets();
  });
  return findings;
}

void WriteIssued(const core::IssuedCertificate& issued, RecordWriter& out) {
  out.Octets(issued.ca);
  out.Octets(issued.profile);
  out.Octets(issued.serial);
  out.Octets(issued.sha256);
  out.Time(issued.not_before);
  out.Time(issued.not_after);
  out.Bool(issued.revocation.has_value());
  if (issued.revocation.has_value()) {
    out.Enum(issued.revocation->reason);
    out.Octets(issued.revocation->comment);
    WritePrincipal(issued.revocation->revoker, out);
    out.Time(issued.revocation->time);
  }
}

core::IssuedCertificate ReadIssued(RecordReader& in) {
  core::IssuedCertificate issued;
  issued.ca = in.Octets();
  issued.profile = in.Octets();
  issued.serial = in.Octets();
  issued.sha256 = in.Octets();
  issued.not_before = in.Time();
  issued.not_after = in.Time();
  if (in.Bool()) {
    issued.revocation.emplace();
    issued.revocation->reason =
        in.Enum(core::RevocationReason::kCessationOfOperation);
    issued.revocation->comment = in.Octets();
    issued.revocation->revoker = ReadPrincipal(in);
    issued.revocation->time = in.Time();
  }
  return issued;
}

// A key version's name repeats its operation's: only the number is stored.
void WriteKeyVersion(const core::KeyVersion& key, RecordWriter& out) {
  out.Signed(key.name.version);
  out.Enum(key.state);
  out.Enum(key.type);
  out.Octets(key.key_id);
  out.Octets(key.spki);
  out.Bool(key.chain.has_value());
  if (key.chain.has_value()) {
    out.List(key.chain->certificates,
             [&](const std::string& der) { out.Octets(der); });
    out.Time(key.chain->not_after);
  }
  out.Time(key.create_time);
  out.Octets(key.label);
  WriteList(key.tokens, out);
  out.Bool(key.registered);
  out.List(key.findings,
           [&](const core::TokenFindings& f) { WriteFindings(f, out); });
  WriteTime(key.start_time, out);
  WriteTime(key.destroy_time, out);
  out.Bool(key.destroying);
  out.Signed(key.max_signatures);
  out.List(key.issued,
           [&](const core::IssuedCertificate& i) { WriteIssued(i, out); });
  out.Bool(key.renewal.has_value());
  if (key.renewal.has_value()) {
    WritePrincipal(key.renewal->requester, out);
    out.Time(key.renewal->time);
  }
}

core::KeyVersion ReadKeyVersion(const core::OperationName& operation,
                                RecordReader& in) {
  core::KeyVersion key;
  key.name.operation = operation;
  key.name.version = in.Signed();
  key.state = in.Enum(core::KeyState::kDestroyed);
  key.type = in.Enum(core::KeyType::kEd25519);
  key.key_id = in.Octets();
  key.spki = in.Octets();
  if (in.Bool()) {
    key.chain.emplace();
    in.List([&] { key.chain->certificates.push_back(in.Octets()); });
    key.chain->not_after = in.Time();
  }
  key.create_time = in.Time();
  if (in.version() == 1) {
    key.label = key.name.Format();
    return key;
  }
  key.label = in.Octets();
  key.tokens = ReadList(in);
  key.registered = in.Bool();
  in.List([&] { key.findings.push_back(ReadFindings(in)); });
  key.start_time = ReadTime(in);
  key.destroy_time = ReadTime(in);
  key.destroying = in.Bool();
  key.max_signatures = in.Signed();
  if (in.version() == 2) return key;
  in.List([&] { key.issued.push_back(ReadIssued(in)); });
  if (in.Bool()) {
    key.renewal.emplace();
    key.renewal->requester = ReadPrincipal(in);
    key.renewal->time = in.Time();
  }
  return key;
}

void WriteCertificateInfo(const core::CertificateInfo& info,
                          RecordWriter& out) {
  out.Octets(info.common_name);
  out.Octets(info.description);
  out.Bool(info.external_root);
  out.Octets(info.use_case);
  out.Octets(info.certificate_type);
  out.Octets(info.profile_id);
  out.Octets(info.subject);
}

core::CertificateInfo ReadCertificateInfo(RecordReader& in) {
  core::CertificateInfo info;
  info.common_name = in.Octets();
  info.description = in.Octets();
  info.external_root = in.Bool();
  info.use_case = in.Octets();
  info.certificate_type = in.Octets();
  info.profile_id = in.Octets();
  if (in.version() >= 3) info.subject = in.Octets();
  return info;
}

void WriteOperation(const core::Operation& operation, RecordWriter& out) {
  WriteOperationName(operation.name, out);
  out.Octets(operation.display_name);
  out.Octets(operation.description);
  out.Enum(operation.type);
  out.Enum(operation.key_type);
  out.Octets(operation.key_display_name);
  out.Octets(operation.key_description);
  out.Bool(operation.certificate.has_value());
  if (operation.certificate.has_value()) {
    WriteCertificateInfo(*operation.certificate, out);
  }
  out.List(operation.allowed_hashes, [&](auto hash) { out.Enum(hash); });
  out.List(operation.allowed_algorithms, [&](auto a) { out.Enum(a); });
  WriteRule(operation.rule, out);
  out.Bool(operation.enabled);
  out.List(operation.key_versions,
           [&](const core::KeyVersion& k) { WriteKeyVersion(k, out); });
  out.Bool(operation.existing_key.has_value());
  if (operation.existing_key.has_value()) {
    out.Octets(operation.existing_key->key_id);
    out.Octets(operation.existing_key->label);
    WriteList(operation.existing_key->tokens, out);
  }
  out.Signed(operation.max_signatures_per_key);
}

core::Operation ReadOperation(RecordReader& in) {
  core::Operation operation;
  operation.name = ReadOperationName(in);
  operation.display_name = in.Octets();
  operation.description = in.Octets();
  operation.type = in.Enum(core::OperationType::kDetachedSignature);
  operation.key_type = in.Enum(core::KeyType::kEd25519);
  operation.key_display_name = in.Octets();
  operation.key_description = in.Octets();
  if (in.Bool()) operation.certificate = ReadCertificateInfo(in);
  in.List([&] {
    operation.allowed_hashes.push_back(in.Enum(core::HashAlgorithm::kUnhashed));
  });
  in.List([&] {
    operation.allowed_algorithms.push_back(
        in.Enum(core::SignatureAlgorithm::kEd25519));
  });
  operation.rule = ReadRule(in);
  operation.enabled = in.Bool();
  in.List([&] {
    operation.key_versions.push_back(ReadKeyVersion(operation.name, in));
  });
  if (in.version() == 1) return operation;
  if (in.Bool()) {
    operation.existing_key.emplace();
    operation.existing_key->key_id = in.Octets();
    operation.existing_key->label = in.Octets();
    operation.existing_key->tokens = ReadList(in);
  }
  operation.max_signatures_per_key = in.Signed();
  return operation;
}

}  // namespace

std::string EncodeProduct(const core::Product& product) {
  RecordWriter out(kVersion);
  out.Octets(product.name.product);
  out.Octets(product.display_name);
  out.Octets(product.description);
  out.Octets(product.product_type);
  out.Enum(product.state);
  out.Bool(product.enabled_on_approval);
  WritePrincipal(product.creator, out);
  out.Bool(product.decision.has_value());
  if (product.decision.has_value()) {
    WritePrincipal(product.decision->approver, out);
    out.Octets(product.decision->reason);
    out.Time(product.decision->time);
  }
  out.List(product.operations,
           [&](const core::Operation& o) { WriteOperation(o, out); });
  out.Time(product.create_time);
  out.Time(product.update_time);
  out.Octets(product.request_id);
  out.Octets(product.content_digest);
  out.Signed(product.revision);
  out.Octets(product.token);
  return std::move(out).Finish();
}

absl::StatusOr<core::Product> DecodeProduct(absl::string_view record) {
  RecordReader in(record);
  if (in.version() < 1 || in.version() > kVersion) in.Fail("unknown version");
  core::Product product;
  product.name.product = in.Octets();
  product.display_name = in.Octets();
  product.description = in.Octets();
  product.product_type = in.Octets();
  product.state = in.Enum(core::ProductState::kRejected);
  product.enabled_on_approval = in.Bool();
  product.creator = ReadPrincipal(in);
  if (in.Bool()) {
    product.decision.emplace();
    product.decision->approver = ReadPrincipal(in);
    product.decision->reason = in.Octets();
    product.decision->time = in.Time();
  }
  in.List([&] { product.operations.push_back(ReadOperation(in)); });
  product.create_time = in.Time();
  product.update_time = in.Time();
  product.request_id = in.Octets();
  product.content_digest = in.Octets();
  product.revision = in.Signed();
  if (in.version() != 1) product.token = in.Octets();
  RETURN_IF_ERROR(in.Finish());
  return product;
}

}  // namespace countersign::storage
