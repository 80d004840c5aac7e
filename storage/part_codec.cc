#include "storage/part_codec.h"

#include <cstdint>
#include <limits>

namespace countersign::storage {

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
}

core::Principal ReadPrincipal(RecordReader& in) {
  core::Principal principal;
  principal.subject = in.Octets();
  principal.issuer = in.Octets();
  principal.credential = in.Enum(core::CredentialKind::kClientCertificate);
  principal.credential_fingerprint = in.Octets();
  principal.groups = ReadStrings(in);
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
  return rule;
}

}  // namespace countersign::storage
