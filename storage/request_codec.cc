#include "storage/request_codec.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "storage/part_codec.h"
#include "storage/record.h"

namespace countersign::storage {
namespace {

// Version 2 has the form of ECDSA signatures, and who made them; 3 what tokens
// prove (part_codec.cc).
constexpr uint8_t kVersion = 3;

// Enumerators are stored as numbers: a change of their order would change what
// is stored. Append, and raise the last below.
static_assert(static_cast<int>(core::RequestState::kApproved) == 1);
static_assert(static_cast<int>(core::RequestState::kFailed) == 6);
static_assert(static_cast<int>(core::HashAlgorithm::kUnhashed) == 3);
static_assert(static_cast<int>(core::SignatureAlgorithm::kEd25519) == 3);
static_assert(static_cast<int>(core::EcdsaForm::kFixedWidth) == 1);
static_assert(static_cast<int>(core::SignatureEncoding::kPem) == 1);
static_assert(static_cast<int>(core::DecisionKind::kRejection) == 1);

void WriteContent(const core::RequestContent& content, RecordWriter& out) {
  WriteOperationName(content.operation, out);
  out.Enum(content.hash);
  out.Enum(content.algorithm);
  out.Enum(content.encoding);
  out.List(content.digests, [&](const core::LabelledDigest& digest) {
    out.Octets(digest.label);
    out.Octets(digest.value);
  });
  out.Octets(content.description);
  out.List(content.context, [&](const auto& entry) {
    out.Octets(entry.first);
    out.Octets(entry.second);
  });
  out.Enum(content.ecdsa_form);
}

core::RequestContent ReadContent(RecordReader& in) {
  core::RequestContent content;
  content.operation = ReadOperationName(in);
  content.hash = in.Enum(core::HashAlgorithm::kUnhashed);
  content.algorithm = in.Enum(core::SignatureAlgorithm::kEd25519);
  content.encoding = in.Enum(core::SignatureEncoding::kPem);
  in.List([&] {
    core::LabelledDigest digest;
    digest.label = in.Octets();
    digest.value = in.Octets();
    content.digests.push_back(std::move(digest));
  });
  content.description = in.Octets();
  in.List([&] {
    std::string key = in.Octets();
    content.context[std::move(key)] = in.Octets();
  });
  if (in.version() != 1) {
    content.ecdsa_form = in.Enum(core::EcdsaForm::kFixedWidth);
  }
  return content;
}

void WriteDecision(const core::Decision& decision, RecordWriter& out) {
  out.Enum(decision.kind);
  WritePrincipal(decision.approver, out);
  out.Octets(decision.reason);
  out.Octets(decision.etag);
  out.Time(decision.time);
}

core::Decision ReadDecision(RecordReader& in) {
  core::Decision decision;
  decision.kind = in.Enum(core::DecisionKind::kRejection);
  decision.approver = ReadPrincipal(in);
  decision.reason = in.Octets();
  decision.etag = in.Octets();
  decision.time = in.Time();
  return decision;
}

void WriteSignature(const core::DigestSignature& signature, RecordWriter& out) {
  out.Octets(signature.value);
  out.Octets(signature.token);
  out.Signed(signature.key_uses);
}

core::DigestSignature ReadSignature(RecordReader& in) {
  core::DigestSignature signature;
  signature.value = in.Octets();
  if (in.version() == 1) return signature;
  signature.token = in.Octets();
  const int64_t uses = in.Signed();
  if (uses < 0 || uses > std::numeric_limits<int>::max()) {
    in.Fail("key uses out of range");
  }
  signature.key_uses = static_cast<int>(uses);
  return signature;
}

}  // namespace

std::string EncodeRequest(const core::SigningRequest& request) {
  RecordWriter out(kVersion);
  WriteOperationName(request.name.operation, out);
  out.Octets(request.name.id);
  WriteContent(request.content, out);
  WritePrincipal(request.requester, out);
  out.Octets(request.request_id);
  WriteRule(request.rule, out);
  out.Signed(request.key_version);
  out.Octets(request.key_spki_sha256);
  out.Enum(request.state);
  out.List(request.decisions,
           [&](const core::Decision& d) { WriteDecision(d, out); });
  out.List(request.signatures,
           [&](const core::DigestSignature& s) { WriteSignature(s, out); });
  out.Octets(request.state_reason);
  out.Time(request.create_time);
  out.Time(request.update_time);
  out.Time(request.expire_time);
  out.Signed(request.revision);
  return std::move(out).Finish();
}

absl::StatusOr<core::SigningRequest> DecodeRequest(absl::string_view record) {
  RecordReader in(record);
  if (in.version() < 1 || in.version() > kVersion) in.Fail("unknown version");
  core::SigningRequest request;
  request.name.operation = ReadOperationName(in);
  request.name.id = in.Octets();
  request.content = ReadContent(in);
  request.requester = ReadPrincipal(in);
  request.request_id = in.Octets();
  request.rule = ReadRule(in);
  request.key_version = in.Signed();
  request.key_spki_sha256 = in.Octets();
  request.state = in.Enum(core::RequestState::kFailed);
  in.List([&] { request.decisions.push_back(ReadDecision(in)); });
  in.List([&] { request.signatures.push_back(ReadSignature(in)); });
  request.state_reason = in.Octets();
  request.create_time = in.Time();
  request.update_time = in.Time();
  request.expire_time = in.Time();
  request.revision = in.Signed();
  RETURN_IF_ERROR(in.Finish());
  return request;
}

}  // namespace countersign::storage
