#include "core/product_events.h"

#include <utility>

#include "base/encoding.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/time_text.h"

namespace countersign::core {
namespace {

using base::Json;

template <typename T>
Json Names(const std::vector<T>& values) {
  Json::Array names;
  for (const T value : values) names.push_back(ToString(value));
  return names;
}

Json Texts(const std::vector<std::string>& values) {
  Json::Array texts;
  for (const std::string& value : values) texts.push_back(value);
  return texts;
}

Json FindingsJson(const std::vector<TokenFindings>& findings) {
  Json::Array tokens;
  for (const TokenFindings& found : findings) {
    Json::Object attributes;
    for (const auto& [name, value] : found.attributes) {
      attributes.emplace_back(name, value);
    }
    tokens.push_back(Json::Object{{"attributes", std::move(attributes)},
                                  {"token", found.token},
                                  {"tokenLabel", found.token_label},
                                  {"tokenModel", found.token_model},
                                  {"tokenSerial", found.token_serial}});
  }
  return tokens;
}

// Which key it is: what every leaf about a key says.
Event AboutKey(EventType type, const KeyVersion& key, const Principal& actor,
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
      {"label", key.label},
      {"origin", key.registered ? "REGISTERED" : "GENERATED"},
      {"tokens", Texts(key.tokens)},
  };
  if (!key.spki.empty()) {
    event.details.Set("spkiSha256", base::Sha256Hex(key.spki));
  }
  return event;
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
      {"maxSignaturesPerKey", operation.max_signatures_per_key},
      {"name", operation.name.Format()},
      {"rule", RuleJson(operation.rule)},
      {"ruleDigest", RuleDigest(operation.rule)},
      {"type", ToString(operation.type)},
  };
  if (operation.existing_key.has_value()) {
    const ExistingKey& key = *operation.existing_key;
    json.Set("existingKey", Json::Object{
                                {"keyId", base::HexEncode(key.key_id)},
                                {"label", key.label},
                                {"tokens", Texts(key.tokens)},
                            });
  }
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
    // Said where it is there: digests of content from before stay.
    if (!info.subject.empty()) {
      json.Find("certificate")->Set("subject", info.subject);
    }
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
      {"token", product.token},
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
  Event event = AboutKey(type, key, actor, now);
  const bool made =
      type == EventType::kKeyGenerated || type == EventType::kKeyRegistered;
  if (key.start_time.has_value()) {
    event.details.Set("startTime", base::TimeText(*key.start_time));
  }
  if (key.max_signatures > 0) {
    event.details.Set("maxSignatures", key.max_signatures);
  }
  if (!key.spki.empty()) {
    event.details.Set("spki", base::Base64Encode(key.spki));
  }
  if (made) {
    event.details.Set("findings", FindingsJson(key.findings));
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

Event KeyDecidedEvent(EventType type, const KeyVersion& key,
                      const Principal& actor, const std::string& reason,
                      absl::Time now) {
  Event event = AboutKey(type, key, actor, now);
  event.details.Set("reason", reason);
  event.details.Set("state", ToString(key.state));
  if (key.destroy_time.has_value()) {
    event.details.Set("destroyTime", base::TimeText(*key.destroy_time));
  }
  return event;
}

Event KeyFailedEvent(const KeyVersion& key, const Principal& actor,
                     const absl::Status& error, absl::Time now) {
  Event event = AboutKey(EventType::kKeyRegistrationFailed, key, actor, now);
  event.details.Set("message", std::string(error.message()));
  event.details.Set("reason", base::GetReason(error));
  return event;
}

}  // namespace countersign::core
