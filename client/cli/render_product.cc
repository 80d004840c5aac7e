#include "client/cli/render_product.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/algorithm_text.h"
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

std::string RenderOperation(const v1::Operation& operation) {
  TextBlock block;
  block.Add("Operation", operation.display_name());
  block.AddIf("  Name", operation.name());
  block.AddIf("  Description", operation.description());
  block.Add("  Type", v1::Operation::Type_Name(operation.type()));
  block.Add("  Key type", Format(operation.key_type()));
  block.AddIf("  Key label", operation.key_display_name());
  if (operation.has_certificate()) {
    block.Add("  Certificate", "CN=" + operation.certificate().common_name());
  }
  block.AddIf("  Hashes", HashNames(operation));
  block.AddIf("  Algorithms", AlgorithmNames(operation));
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
  if (product.state() != v1::Product::STATE_UNSPECIFIED) {
    block.Add("State", v1::Product::State_Name(product.state()));
  }
  if (product.start_disabled()) block.Add("Starts", "disabled");
  block.AddIf("Created by", product.creator().subject());
  block.AddIf("Decided by", product.decider().subject());
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

std::string RenderKey(const v1::KeyVersion& key, absl::Time now) {
  TextBlock block;
  block.Add("Key version", key.name());
  block.Add("State", v1::KeyVersion::State_Name(key.state()));
  block.Add("Type", Format(key.key_type()));
  block.AddIf("SPKI SHA-256", key.spki_sha256());
  block.Add("Certificate chain",
            key.certificate_chain_pem().empty() ? "none" : "set");
  block.AddIf("Certificate expires",
              TimeOrNothing(key.certificate_expire_time(),
                            key.has_certificate_expire_time(), now));
  block.AddIf("Created",
              TimeOrNothing(key.create_time(), key.has_create_time(), now));
  return block.Format();
}

std::string RenderKeyList(const std::vector<v1::KeyVersion>& keys,
                          absl::Time now) {
  if (keys.empty()) return "no key versions\n";
  TextTable table(
      {"STATE", "TYPE", "SPKI SHA-256", "CERTIFICATE EXPIRES", "NAME"});
  for (const v1::KeyVersion& key : keys) {
    table.AddRow({v1::KeyVersion::State_Name(key.state()),
                  Format(key.key_type()), key.spki_sha256(),
                  TimeOrNothing(key.certificate_expire_time(),
                                key.has_certificate_expire_time(), now),
                  key.name()});
  }
  return table.Format();
}

}  // namespace countersign::client
