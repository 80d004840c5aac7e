#include "client/cli/product_operation.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/key_id_text.h"
#include "client/cli/product_claims.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

// "DigestSigning" and "DIGEST_SIGNING" are one word.
v1::Operation::Type ReadType(JsonObject& object) {
  const std::string text = object.NeededText("operationType");
  std::string plain;
  for (const char c : text) {
    if (c != '_' && c != '-') plain += absl::ascii_tolower(c);
  }
  if (plain == "digestsigning") return v1::Operation::DIGEST_SIGNING;
  if (plain == "detachedsignature") return v1::Operation::DETACHED_SIGNATURE;
  if (!text.empty()) {
    object.Wrong("operationType",
                 absl::StrCat("\"", text,
                              "\" is unknown; right is DigestSigning or "
                              "DetachedSignature"));
  }
  return v1::Operation::TYPE_UNSPECIFIED;
}

void ReadToken(JsonObject& operation, v1::Operation& out,
               Violations& violations) {
  const base::Json* token = operation.Find("token");
  if (token == nullptr) {
    if (out.type() == v1::Operation::DIGEST_SIGNING) {
      operation.Wrong("token", "must be given: its keyType says which key");
    }
    return;
  }
  JsonObject object(*token, operation.PathOf("token"),
                    {"name", "description", "keyType"}, violations);
  out.set_key_display_name(object.Text("name"));
  out.set_key_description(object.Text("description"));
  // A DetachedSignature's key type stands in its caInfo.
  const std::string text = out.type() == v1::Operation::DETACHED_SIGNATURE
                               ? object.Text("keyType")
                               : object.NeededText("keyType");
  if (text.empty()) return;
  const auto type = ReadKeyType(text);
  if (type.ok()) {
    out.set_key_type(*type);
  } else {
    object.Wrong("keyType", type.status().message());
  }
}

template <typename Field>
void AddAll(const std::vector<std::string>& texts, Field* field) {
  for (const std::string& text : texts) *field->Add() = text;
}

void ReadRule(JsonObject& operation, v1::ApprovalRule& rule,
              Violations& violations) {
  const base::Json* value = operation.Find("approvalRule");
  if (value == nullptr) {
    operation.Wrong("approvalRule", "must be given: it says who may ask");
    return;
  }
  JsonObject object(*value, operation.PathOf("approvalRule"),
                    {"name", "description", "allowedGroups", "approvalGroups",
                     "blanketGroups", "requiredApprovals", "requestExpiry"},
                    violations);
  rule.set_display_name(object.Text("name"));
  rule.set_description(object.Text("description"));
  AddAll(object.Texts("allowedGroups"), rule.mutable_allowed_groups());
  AddAll(object.Texts("approvalGroups"), rule.mutable_approval_groups());
  AddAll(object.Texts("blanketGroups"), rule.mutable_blanket_groups());
  rule.set_required_approvals(object.Count("requiredApprovals"));
  const std::string expiry = object.Text("requestExpiry");
  if (expiry.empty()) return;
  const auto duration = ParseDuration("requestExpiry", expiry);
  if (!duration.ok()) {
    object.Wrong("requestExpiry", duration.status().message());
    return;
  }
  rule.mutable_request_expiry()->set_seconds(absl::ToInt64Seconds(*duration));
}

void ReadAlgorithms(JsonObject& object, v1::Operation& out) {
  const auto hashes = object.Texts("allowedHashes");
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto hash = ReadAllowedHash(hashes[i]);
    if (hash.ok()) {
      out.add_allowed_hashes(*hash);
    } else {
      object.Wrong(absl::StrCat("allowedHashes[", i, "]"),
                   hash.status().message());
    }
  }
  const auto algorithms = object.Texts("signatureAlgorithms");
  for (size_t i = 0; i < algorithms.size(); ++i) {
    const auto algorithm = ReadAlgorithm(algorithms[i]);
    if (algorithm.ok()) {
      out.add_allowed_algorithms(*algorithm);
    } else {
      object.Wrong(absl::StrCat("signatureAlgorithms[", i, "]"),
                   algorithm.status().message());
    }
  }
}

void ReadExistingKey(JsonObject& operation, v1::Operation& out,
                     Violations& violations) {
  const base::Json* value = operation.Find("existingKey");
  if (value == nullptr) return;
  JsonObject object(*value, operation.PathOf("existingKey"),
                    {"keyId", "label", "tokens"}, violations);
  if (!value->is_object()) return;
  v1::ExistingKey& key = *out.mutable_existing_key();
  const std::string text = object.NeededText("keyId");
  if (!text.empty()) {
    const auto key_id = ReadKeyId("keyId", text);
    if (key_id.ok()) {
      key.set_key_id(*key_id);
    } else {
      object.Wrong("keyId", key_id.status().message());
    }
  }
  key.set_label(object.NeededText("label"));
  AddAll(object.Texts("tokens"), key.mutable_tokens());
}

}  // namespace

OperationEntry ReadOperation(const base::Json& value, const std::string& path,
                             Violations& violations) {
  OperationEntry entry;
  entry.path = path;
  JsonObject object(
      value, path,
      {"name", "id", "description", "operationType", "token", "approvalRule",
       "allowedHashes", "signatureAlgorithms", "caInfo", "existingKey",
       "maxSignaturesPerKey", "requiredClaims"},
      violations);
  if (!value.is_object()) return entry;
  v1::Operation& out = entry.operation;
  out.set_display_name(object.NeededText("name"));
  out.set_description(object.Text("description"));
  entry.id = object.Text("id");
  out.set_type(ReadType(object));
  entry.ca_info = object.Text("caInfo");
  if (!entry.ca_info.empty() && out.type() == v1::Operation::DIGEST_SIGNING) {
    object.Wrong("caInfo", "only a DetachedSignature has a certificate");
  }
  ReadToken(object, out, violations);
  ReadRule(object, *out.mutable_approval_rule(), violations);
  ReadRequiredClaims(object, *out.mutable_approval_rule(), violations);
  ReadAlgorithms(object, out);
  ReadExistingKey(object, out, violations);
  out.set_max_signatures_per_key(object.LargeCount("maxSignaturesPerKey"));
  return entry;
}

}  // namespace countersign::client
