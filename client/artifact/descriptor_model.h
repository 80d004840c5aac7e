// What a component descriptor says, in one form for both schemas: only the
// fields that the OCM tools keep and that take part in digests or signatures.
// Values; made by descriptor_reader, read by the normalisations.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_MODEL_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_MODEL_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace countersign::client {

struct Label {
  std::string name;
  std::optional<base::Json> value;  // may be JSON null; nullopt: not there
  std::string version;              // empty: none
  bool signing = false;
  bool has_merge = false;
  std::string merge_algorithm;
  std::optional<base::Json> merge_config;
};

struct DigestSpec {
  std::string hash_algorithm;
  std::string normalisation_algorithm;
  std::string value;  // lower case hex

  bool operator==(const DigestSpec& o) const {
    return hash_algorithm == o.hash_algorithm &&
           normalisation_algorithm == o.normalisation_algorithm &&
           value == o.value;
  }
};

struct ElementMeta {
  std::string name;
  std::string version;
  std::map<std::string, std::string> extra_identity;
  std::vector<Label> labels;
};

struct Resource {
  ElementMeta meta;
  std::string type;
  std::string relation;
  std::string access_type;
  // Of the access, empty where it has none: what leads to the content. They
  // take no part in digests.
  std::string local_reference;
  std::string media_type;
  std::string image_reference;
  std::optional<DigestSpec> digest;
};

struct Source {
  ElementMeta meta;
  std::string type;
};

struct Reference {
  ElementMeta meta;
  std::string component_name;
  std::optional<DigestSpec> digest;
};

struct DescriptorSignature {
  std::string name;
  DigestSpec digest;
  std::string algorithm;
  std::string value;  // hex or PEM, as media_type says
  std::string media_type;
  std::string issuer;  // empty: none, as the recipe for both tools wants it
  std::optional<base::Json> timestamp;

  bool operator==(const DescriptorSignature& o) const {
    return name == o.name && digest == o.digest && algorithm == o.algorithm &&
           value == o.value && media_type == o.media_type &&
           issuer == o.issuer && timestamp == o.timestamp;
  }
};

struct DescriptorModel {
  enum class Schema { kV2, kV3Alpha1 };

  Schema schema = Schema::kV2;
  std::string name;
  std::string version;
  std::string provider_name;
  std::vector<Label> provider_labels;
  std::string creation_time;  // as written; empty: none
  std::vector<Label> labels;
  std::vector<Resource> resources;
  std::vector<Source> sources;
  std::vector<Reference> references;
  std::vector<DescriptorSignature> signatures;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_MODEL_H_
