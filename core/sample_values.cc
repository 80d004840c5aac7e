#include "core/sample_values.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/json.h"

namespace countersign::core {
namespace {

// What breaks careless code: quotes of SQL and JSON, a line break, two blanks,
// a character beyond 16 bits, a right-to-left override, an octet 0.
std::string UnusualText() {
  std::string text = "it's \"odd\"; -- \n\t  \xf0\x9f\x94\x91 \xe2\x80\xae x";
  text.push_back('\0');
  return text + "end";
}

Operation DigestOperation(const ProductName& product) {
  Operation operation;
  operation.name = {product, "digest"};
  operation.display_name = "Digest signing";
  operation.description = UnusualText();
  operation.type = OperationType::kDigestSigning;
  operation.key_type = KeyType::kRsa2048;
  operation.key_display_name = "key's name";
  operation.key_description = "key's description";
  operation.allowed_hashes = {HashAlgorithm::kSha512, HashAlgorithm::kSha256};
  operation.allowed_algorithms = {SignatureAlgorithm::kRsassaPss,
                                  SignatureAlgorithm::kRsassaPkcs1V15};
  operation.rule = SampleRule();
  operation.existing_key =
      ExistingKey{std::string("\0\x01\xff\x7f", 4), "it's a label", {"main"}};
  operation.max_signatures_per_key = 1000000;
  KeyVersion key;
  key.name = {operation.name, 1};
  key.state = KeyState::kEnabled;
  key.type = KeyType::kRsa2048;
  key.key_id = std::string("\0\x01\xff\x7f", 4) + std::string(12, 'k');
  key.label = absl::StrCat("it's the label of ", product.product);
  key.tokens = {"main", "standby"};
  key.registered = true;
  key.spki = std::string("\x30\0\xfe", 3) + product.product;
  key.findings = {{"main",
                   "LABEL",
                   "0815",
                   "model 1",
                   {{"CKA_SENSITIVE", "true"}, {"CKA_LOCAL", "unknown"}}},
                  {"standby", "LABEL 2", "0816", "model 2", {}}};
  key.create_time = SampleTime();
  key.start_time = SampleTime() + absl::Seconds(3);
  key.max_signatures = 1000000;
  operation.key_versions = {key};
  return operation;
}

Operation DetachedOperation(const ProductName& product) {
  Operation operation = DigestOperation(product);
  operation.name = {product, "detached"};
  operation.type = OperationType::kDetachedSignature;
  operation.key_type = KeyType::kEcP256;
  operation.allowed_hashes = {HashAlgorithm::kSha256};
  operation.allowed_algorithms = {SignatureAlgorithm::kEcdsa};
  operation.enabled = false;
  operation.certificate =
      CertificateInfo{"common name", "for tests", false,
                      "CodeSigning", "ENDENTITY", "profile-1"};
  KeyVersion& key = operation.key_versions[0];
  key.name.operation = operation.name;
  key.type = KeyType::kEcP256;
  key.key_id = std::string(16, '\xee');
  key.registered = false;
  key.chain = CertificateChain{{std::string("leaf\0der", 8), "intermediate"},
                               SampleTime() + absl::Hours(24 * 365)};
  key.spki += "1";
  KeyVersion next = key;
  next.name.version = 2;
  next.state = KeyState::kGenerating;
  next.spki.clear();
  next.chain.reset();
  next.findings.clear();
  operation.key_versions.push_back(next);
  KeyVersion doomed = operation.key_versions[0];  // `key` has moved
  doomed.name.version = 3;
  doomed.key_id = std::string(16, '\xef');
  doomed.spki += "3";
  doomed.state = KeyState::kDestroyScheduled;
  doomed.destroy_time = SampleTime() + absl::Hours(24);
  doomed.destroying = true;
  operation.key_versions.push_back(doomed);
  return operation;
}

}  // namespace

absl::Time SampleTime() {
  return absl::FromUnixSeconds(1767225600) + absl::Nanoseconds(123456789);
}

Principal Person(absl::string_view name,
                 std::initializer_list<std::string> groups) {
  Principal person;
  person.subject = absl::StrCat("spiffe://example.test/", name);
  person.issuer = "CN=Sample CA,O=Example";
  person.credential_fingerprint = std::string(64, 'f');
  person.groups = groups;
  return person;
}

Policy SamplePolicy() {
  Policy policy;
  policy.known_groups = {"admins",  "auditors",
                         "ci",      "product-approvers",
                         "release", "release-approvers"};
  policy.administrator_groups = {"admins"};
  policy.product_approver_groups = {"product-approvers"};
  policy.auditor_groups = {"auditors"};
  policy.tokens = {"main", "standby"};
  policy.default_token = "main";
  return policy;
}

ApprovalRule SampleRule() {
  ApprovalRule rule;
  rule.display_name = "two of release";
  rule.description = UnusualText();
  rule.allowed_groups = {"ci"};
  rule.approval_groups = {"release-approvers"};
  rule.blanket_groups = {"release"};
  rule.required_approvals = 2;
  rule.request_expiry = absl::Hours(48) + absl::Milliseconds(5);
  return rule;
}

Product SampleProduct(absl::string_view id) {
  Product product;
  product.name = {std::string(id)};
  product.display_name = absl::StrCat("Product ", id);
  product.description = UnusualText();
  product.product_type = "Production";
  product.token = "main";
  product.state = ProductState::kActive;
  product.enabled_on_approval = false;
  product.creator = Person("admin", {"admins"});
  product.decision =
      ProductDecision{Person("boss", {"product-approvers"}),
                      "fine \xe2\x9c\x93", SampleTime() + absl::Seconds(1)};
  product.operations = {DigestOperation(product.name),
                        DetachedOperation(product.name)};
  product.create_time = SampleTime();
  product.update_time = SampleTime() + absl::Seconds(2);
  product.request_id = absl::StrCat("create-", id);
  product.content_digest = std::string(64, 'c');
  product.revision = 1;
  return product;
}

std::string SampleUuid(int number) {
  return absl::StrFormat("01940000-%04x-7000-8000-000000000000",
                         number & 0xffff);
}

std::vector<LabelledDigest> SampleDigests(int count, HashAlgorithm hash) {
  std::vector<LabelledDigest> digests;
  for (int i = 0; i < count; ++i) {
    std::string value(DigestSize(hash), static_cast<char>(i));
    value[1] = static_cast<char>(i >> 8);
    value[2] = '\0';
    digests.push_back({absl::StrCat("artifact ", i), std::move(value)});
  }
  return digests;
}

SigningRequest SampleRequest(int number, absl::string_view product) {
  SigningRequest request;
  request.name = {{{std::string(product)}, "digest"}, SampleUuid(number)};
  request.content.operation = request.name.operation;
  request.content.hash = HashAlgorithm::kSha512;
  request.content.algorithm = SignatureAlgorithm::kRsassaPss;
  request.content.encoding = SignatureEncoding::kPem;
  request.content.digests = SampleDigests(2, HashAlgorithm::kSha512);
  request.content.digests[1].label = UnusualText();
  request.content.description = UnusualText();
  request.content.context = {{"pipeline", "https://ci.example.test/1"},
                             {"odd", UnusualText()}};
  request.requester = Person("pipeline", {"ci"});
  request.request_id = absl::StrCat("request-", number);
  request.rule = SampleRule();
  request.key_version = 1;
  request.key_spki_sha256 = std::string(64, 'a');
  request.state = RequestState::kPendingApproval;
  request.create_time = SampleTime() + absl::Seconds(number);
  request.update_time = request.create_time;
  request.expire_time = request.create_time + absl::Hours(48);
  request.revision = 1;
  return request;
}

Event SampleEvent(EventType type, absl::string_view subject,
                  absl::string_view resource) {
  Event event;
  event.type = type;
  event.time = SampleTime();
  event.actor = Person(subject, {"ci"});
  event.resource = std::string(resource);
  event.details.Set("note", "x");
  return event;
}

}  // namespace countersign::core
