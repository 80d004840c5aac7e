#include "core/product_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "core/existing_key_check.h"

namespace countersign::core {
namespace {

using Violations = std::vector<base::FieldViolation>;

constexpr size_t kMaxName = 128;
constexpr size_t kMaxDescription = 4096;
constexpr size_t kMaxSubject = 1024;   // octets
constexpr size_t kMaxCommonName = 64;  // RFC 5280 appendix A, ub-common-name

void CheckText(const std::string& text, const std::string& field, size_t max,
               bool required, Violations* out) {
  if (required && text.empty()) {
    out->push_back({field, "is required"});
  } else if (text.size() > max) {
    out->push_back(
        {field, absl::StrCat("has ", text.size(), " octets; at most ", max,
                             " are allowed")});
  } else if (!base::IsValidUtf8(text)) {
    out->push_back({field, "is not valid UTF-8"});
  }
}

// What the site's own authorities issue, for errors.
std::string ProfileIds(const Policy& policy) {
  std::vector<std::string> ids;
  for (const IssuingCa& ca : policy.issuing_cas) {
    for (const CertificateProfile& profile : ca.profiles) {
      ids.push_back(profile.id);
    }
  }
  return absl::StrJoin(ids, ", ");
}

// Issued inside: by a profile that the configuration has.
void CheckProfile(const CertificateInfo& info, const std::string& field,
                  const Policy& policy, Violations* out) {
  if (policy.issuing_cas.empty()) {
    out->push_back({field + ".external_root",
                    "must be true: the server's configuration has no issuing "
                    "authority; have the CSR signed by a CA outside"});
  } else if (policy.FindProfile(info.profile_id).second == nullptr) {
    out->push_back(
        {field + ".profile_id",
         absl::StrCat("\"", base::EscapeForDisplay(info.profile_id),
                      "\" is no profile of the server's configuration; it "
                      "has ",
                      ProfileIds(policy))});
  }
}

void CheckCertificate(const Operation& operation, const std::string& path,
                      const Policy& policy, Violations* out) {
  const std::string field = path + ".certificate";
  if (operation.type == OperationType::kDigestSigning) {
    if (operation.certificate.has_value()) {
      out->push_back({field,
                      "a DIGEST_SIGNING operation has a bare key; use "
                      "DETACHED_SIGNATURE for a key with a certificate"});
    }
    return;
  }
  if (!operation.certificate.has_value()) {
    out->push_back({field,
                    "is required for DETACHED_SIGNATURE: say at least its "
                    "common_name"});
    return;
  }
  CheckText(operation.certificate->common_name, field + ".common_name",
            kMaxCommonName, true, out);
  CheckText(operation.certificate->description, field + ".description",
            kMaxDescription, false, out);
  CheckText(operation.certificate->subject, field + ".subject", kMaxSubject,
            false, out);
  if (!operation.certificate->external_root) {
    CheckProfile(*operation.certificate, field, policy, out);
  }
}

void CheckAlgorithms(const Operation& operation, const std::string& path,
                     Violations* out) {
  for (SignatureAlgorithm algorithm : operation.allowed_algorithms) {
    if (!Fits(operation.key_type, algorithm)) {
      out->push_back(
          {path + ".allowed_algorithms",
           absl::StrCat("a key of type ", ToString(operation.key_type),
                        " cannot make ", ToString(algorithm), " signatures")});
    }
  }
  if (operation.allowed_algorithms.empty()) {
    out->push_back({path + ".allowed_algorithms", "is empty"});
  }
  if (operation.allowed_hashes.empty()) {
    out->push_back({path + ".allowed_hashes", "is empty"});
  }
  for (HashAlgorithm hash : operation.allowed_hashes) {
    const bool fits = std::any_of(
        operation.allowed_algorithms.begin(),
        operation.allowed_algorithms.end(),
        [hash](SignatureAlgorithm algorithm) { return Fits(algorithm, hash); });
    if (!fits && !operation.allowed_algorithms.empty()) {
      out->push_back(
          {path + ".allowed_hashes",
           absl::StrCat(ToString(hash), " goes with none of the algorithms; ",
                        ToString(HashAlgorithm::kUnhashed),
                        " is for ED25519 and nothing else is")});
    }
  }
}

void CheckKeys(const Operation& operation, const std::string& path,
               const Policy& policy, Violations* out) {
  if (operation.max_signatures_per_key < 0) {
    out->push_back({path + ".max_signatures_per_key",
                    "must not be negative; 0 is no limit"});
  }
  if (operation.existing_key.has_value()) {
    Violations key = CheckExistingKey(*operation.existing_key, policy,
                                      path + ".existing_key");
    out->insert(out->end(), key.begin(), key.end());
  }
}

}  // namespace

Violations CheckProduct(const Product& product, const Policy& policy) {
  Violations out;
  if (!IsValidId(product.name.product)) {
    out.push_back({"product_id",
                   "must be 1..63 of a-z, 0-9 and hyphen, beginning with a "
                   "letter or digit"});
  }
  CheckText(product.display_name, "product.display_name", kMaxName, true, &out);
  CheckText(product.description, "product.description", kMaxDescription, false,
            &out);
  CheckText(product.product_type, "product.product_type", kMaxName, false,
            &out);
  if (product.operations.empty() ||
      product.operations.size() > kMaxOperations) {
    out.push_back(
        {"product.operations",
         absl::StrCat("has ", product.operations.size(), " entries; 1 to ",
                      kMaxOperations, " are allowed")});
  }
  if (!product.token.empty() && !policy.HasToken(product.token)) {
    out.push_back(UnknownToken("product.token", product.token, policy));
  }
  std::set<std::string> ids;
  for (size_t i = 0; i < product.operations.size(); ++i) {
    const Operation& operation = product.operations[i];
    const std::string path = absl::StrCat("product.operations[", i, "]");
    if (!IsValidId(operation.name.operation)) {
      out.push_back({path + ".name",
                     "its id must be 1..63 of a-z, 0-9 and hyphen, beginning "
                     "with a letter or digit"});
    } else if (!ids.insert(operation.name.operation).second) {
      out.push_back({path + ".name",
                     absl::StrCat("the id \"", operation.name.operation,
                                  "\" is taken by an earlier operation")});
    }
    CheckText(operation.display_name, path + ".display_name", kMaxName, true,
              &out);
    CheckText(operation.description, path + ".description", kMaxDescription,
              false, &out);
    CheckAlgorithms(operation, path, &out);
    CheckKeys(operation, path, policy, &out);
    CheckCertificate(operation, path, policy, &out);
    Violations rule =
        CheckRule(operation.rule, policy, path + ".approval_rule");
    out.insert(out.end(), rule.begin(), rule.end());
  }
  return out;
}

}  // namespace countersign::core
