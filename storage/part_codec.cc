#include "storage/part_codec.h"

#include <cstdint>
#include <limits>
#include <utility>

namespace countersign::storage {
namespace {

// Enumerators are stored as numbers.
static_assert(static_cast<int>(core::CredentialKind::kBearerToken) == 1);

// From this version of a record on, products and requests alike, principals
// have what tokens prove, and rules what they demand of it.
constexpr int kTokensSince = 3;

}  // namespace

void WriteStrings(const std::set<std::string>& strings, RecordWriter& out) {
  out.List(strings, [&](const std::string& s) { out.Octets(s); });
}

std::set<std::string> ReadStrings(RecordReader& in) {
  std::set<std::string> strings;
  in.List([&] { strings.insert(in.Octets()); });
  return strings;
}

void WriteList(const std::vector<std::string>& strings, RecordWriter& out) {
  out.List(strings, [&](const std::string& s) { out.Octets(s); });
}

std::vector<std::string> ReadList(RecordReader& in) {
  std::vector<std::string> strings;
  in.List([&] { strings.push_back(in.Octets()); });
  return strings;
}

void WriteOperationName(const core::OperationName& name, RecordWriter& out) {
  out.Octets(name.product.product);
  out.Octets(name.operation);
}

core::OperationName ReadOperationName(RecordReader& in) {
  core::OperationName name;
  name.product.product = in.Octets();
  name.operation = in.Octets();
  return name;
}

void WritePrincipal(const core::Principal& principal, RecordWriter& out) {
  out.Octets(principal.subject);
  out.Octets(principal.issuer);
  out.Enum(principal.credential);
  out.Octets(principal.credential_fingerprint);
  WriteStrings(principal.groups, out);
  out.Octets(principal.person);
  out.List(principal.claims, [&](const auto& claim) {
    out.Octets(claim.first);
    out.Octets(claim.second);
  });
  out.Octets(principal.issuer_key);
  out.Octets(principal.certificate_subject);
}

core::Principal ReadPrincipal(RecordReader& in) {
  core::Principal principal;
  principal.subject = in.Octets();
  principal.issuer = in.Octets();
  principal.credential = in.Enum(in.version() < kTokensSince
                                     ? core::CredentialKind::kClientCertificate
                                     : core::CredentialKind::kBearerToken);
  principal.credential_fingerprint = in.Octets();
  principal.groups = ReadStrings(in);
  if (in.version() < kTokensSince) return principal;
  principal.person = in.Octets();
  in.List([&] {
    std::string name = in.Octets();
    principal.claims[std::move(name)] = in.Octets();
  });
  principal.issuer_key = in.Octets();
  principal.certificate_subject = in.Octets();
  return principal;
}

void WriteRule(const core::ApprovalRule& rule, RecordWriter& out) {
  out.Octets(rule.display_name);
  out.Octets(rule.description);
  WriteStrings(rule.allowed_groups, out);
  WriteStrings(rule.approval_groups, out);
  WriteStrings(rule.blanket_groups, out);
  out.Signed(rule.required_approvals);
  out.Duration(rule.request_expiry);
  out.List(rule.required_claims, [&](const core::ClaimRule& claim) {
    out.Octets(claim.claim);
    WriteStrings(claim.values, out);
    WriteStrings(claim.patterns, out);
  });
}

core::ApprovalRule ReadRule(RecordReader& in) {
  core::ApprovalRule rule;
  rule.display_name = in.Octets();
  rule.description = in.Octets();
  rule.allowed_groups = ReadStrings(in);
  rule.approval_groups = ReadStrings(in);
  rule.blanket_groups = ReadStrings(in);
  const int64_t required = in.Signed();
  if (required < std::numeric_limits<int>::min() ||
      required > std::numeric_limits<int>::max()) {
    in.Fail("required approvals out of range");
  }
  rule.required_approvals = static_cast<int>(required);
  rule.request_expiry = in.Duration();
  if (in.version() < kTokensSince) return rule;
  in.List([&] {
    core::ClaimRule claim;
    claim.claim = in.Octets();
    claim.values = ReadStrings(in);
    claim.patterns = ReadStrings(in);
    rule.required_claims.push_back(std::move(claim));
  });
  return rule;
}

}  // namespace countersign::storage
