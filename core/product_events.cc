#include "core/product_events.h"

#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"

namespace countersign::core {
namespace {

using base::Json;

template <typename T>
Json Names(const std::vector<T>& values) {
  Json::Array names;
  for (const T value : values) names.push_back(ToString(value));
  return names;
}

Json OperationJson(const Operation& operation) {
  Json json = Json::Object{
      {"allowedAlgorithms", Names(operation.allowed_algorithms)},
      {"allowedHashes", Names(operation.allowed_hashes)},
      {"description", operation.description},
      {"displayName", operation.display_name},
      {"keyDescription", operation.key_description},
      {"keyDisplayName", operation.key_display_name},
      {"keyType", ToString(operation.key_type)},
      {"name", operation.name.Format()},
      {"rule", RuleJson(operation.rule)},
      {"ruleDigest", RuleDigest(operation.rule)},
      {"type", ToString(operation.type)},
  };
  if (operation.certificate.has_value()) {
    const CertificateInfo& info = *operation.certificate;
    json.Set("certificate", Json::Object{
                                {"certificateType", info.certificate_type},
                                {"commonName", info.common_name},
                                {"description", info.description},
                                {"externalRoot", info.external_root},
                                {"profileId", info.profile_id},
                                {"useCase", info.use_case},
                            });
  }
  return json;
}

}  // namespace

Json ProductJson(const Product& product) {
  Json::Array operations;
  for (const Operation& operation : product.operations) {
    operations.push_back(OperationJson(operation));
  }
  return Json::Object{
      {"description", product.description},
      {"displayName", product.display_name},
      {"enabledOnApproval", product.enabled_on_approval},
      {"name", product.name.Format()},
      {"operations", std::move(operations)},
      {"productType", product.product_type},
  };
}

Event ProductEvent(EventType type, const Product& product,
                   const Principal& actor, const std::string& reason,
                   absl::Time now) {
  Event event;
  event.type = type;
  event.time = now;
  event.actor = actor;
  event.resource = product.name.Format();
  event.details = Json::Object{
      {"contentDigest", product.content_digest},
      {"reason", reason},
      {"revision", product.revision},
      {"state", ToString(product.state)},
  };
  if (type == EventType::kProductCreated) {
    event.details.Set("product", ProductJson(product));
  }
  return event;
}

Event KeyEvent(EventType type, const KeyVersion& key, const Principal& actor,
               absl::Time now) {
  Event event;
  event.type = type;
  event.time = now;
  event.actor = actor;
  event.resource = key.name.Format();
  event.operation = key.name.operation.Format();
  event.key_version = key.name.Format();
  event.details = Json::Object{
      {"keyId", base::HexEncode(key.key_id)},
      {"keyType", ToString(key.type)},
  };
  if (!key.spki.empty()) {
    event.details.Set("spki", base::Base64Encode(key.spki));
    event.details.Set("spkiSha256", base::Sha256Hex(key.spki));
  }
  if (type == EventType::kKeyChainSet && key.chain.has_value()) {
    Json::Array hashes;
    for (const std::string& certificate : key.chain->certificates) {
      hashes.push_back(base::Sha256Hex(certificate));
    }
    event.details.Set("certificateSha256", std::move(hashes));
  }
  return event;
}

}  // namespace countersign::core
