#include "client/cli/render_product.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/render_principal.h"
#include "client/cli/render_request.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

// Repeated enums are repeated ints in C++.
std::string HashNames(const v1::Operation& operation) {
  std::vector<std::string> names;
  for (const int hash : operation.allowed_hashes()) {
    names.push_back(Format(static_cast<v1::HashAlgorithm>(hash)));
  }
  return absl::StrJoin(names, ", ");
}

std::string AlgorithmNames(const v1::Operation& operation) {
  std::vector<std::string> names;
  for (const int algorithm : operation.allowed_algorithms()) {
    names.push_back(Format(static_cast<v1::SignatureAlgorithm>(algorithm)));
  }
  return absl::StrJoin(names, ", ");
}

// Which key of the token is taken instead of a new one; empty: none.
std::string ExistingKeyText(const v1::Operation& operation) {
  if (!operation.has_existing_key()) return "";
  const v1::ExistingKey& key = operation.existing_key();
  return absl::StrCat("CKA_ID ", key.key_id(), ", label \"", key.label(), "\"",
                      key.tokens().empty() ? "" : ", in ",
                      absl::StrJoin(key.tokens(), ", "));
}

// "CN=Release, issued here by the profile code-signing".
std::string CertificateText(const v1::CertificateInfo& info) {
  return absl::StrCat(
      "CN=", info.common_name(),
      info.external_root() ? ", from a CA outside" : ", issued here",
      info.profile_id().empty() ? "" : ", profile ", info.profile_id());
}

std::string RenderOperation(const v1::Operation& operation) {
  TextBlock block;
  block.Add("Operation", operation.display_name());
  block.AddIf("  Name", operation.name());
  block.AddIf("  Description", operation.description());
  block.Add("  Type", v1::Operation::Type_Name(operation.type()));
  block.Add("  Key type", Format(operation.key_type()));
  block.AddIf("  Key label", operation.key_display_name());
  if (operation.has_certificate()) {
    block.Add("  Certificate", CertificateText(operation.certificate()));
  }
  block.AddIf("  Hashes", HashNames(operation));
  block.AddIf("  Algorithms", AlgorithmNames(operation));
  block.AddIf("  Existing key", ExistingKeyText(operation));
  if (operation.max_signatures_per_key() > 0) {
    block.Add(
        "  Each key signs",
        absl::StrCat("at most ", operation.max_signatures_per_key(), " times"));
  }
  block.AddIf("  Signing key", operation.signing_key_version());
  block.Add("  Rule", RenderRule(operation.approval_rule()));
  return block.Format();
}

std::string TimeOrNothing(const google::protobuf::Timestamp& time, bool there,
                          absl::Time now) {
  return there ? TimeTextFrom(FromProto(time), now) : "";
}

}  // namespace

std::string RenderProduct(const v1::Product& product, absl::Time now) {
  TextBlock block;
  block.Add("Product", product.name().empty() ? "(new)" : product.name());
  block.Add("Display name", product.display_name());
  block.AddIf("Description", product.description());
  block.AddIf("Type", product.product_type());
  block.AddIf("Token", product.token());
  if (product.state() != v1::Product::STATE_UNSPECIFIED) {
    block.Add("State", v1::Product::State_Name(product.state()));
  }
  if (product.start_disabled()) block.Add("Starts", "disabled");
  block.AddIf("Created by", RenderPrincipalShort(product.creator()));
  block.AddIf("Decided by", RenderPrincipalShort(product.decider()));
  block.AddIf("Decided", TimeOrNothing(product.decision_time(),
                                       product.has_decision_time(), now));
  block.AddIf("Reason", product.decision_reason());
  block.AddIf("Created", TimeOrNothing(product.create_time(),
                                       product.has_create_time(), now));
  block.AddIf("Etag", product.etag());
  std::string text = block.Format();
  for (const v1::Operation& operation : product.operations()) {
    absl::StrAppend(&text, "\n", RenderOperation(operation));
  }
  return text;
}

std::string RenderProductList(const std::vector<v1::Product>& products,
                              absl::Time now) {
  if (products.empty()) return "no products\n";
  TextTable table(
      {"STATE", "OPERATIONS", "CREATED BY", "CREATED", "DISPLAY NAME", "NAME"});
  for (const v1::Product& product : products) {
    table.AddRow(
        {v1::Product::State_Name(product.state()),
         absl::StrCat(product.operations_size()), product.creator().subject(),
         absl::StrCat(DurationText(now - FromProto(product.create_time())),
                      " ago"),
         product.display_name(), product.name()});
  }
  return table.Format();
}

}  // namespace countersign::client
