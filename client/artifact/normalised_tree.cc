#include "client/artifact/normalised_tree.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using base::Json;

// Both tools drop a member whose key is empty, at every depth; v4alpha1 drops
// null members as well. Items of lists stay.
Json Pruned(const Json& value, bool drop_nulls) {
  if (value.is_array()) {
    Json::Array items;
    items.reserve(value.array().size());
    for (const Json& item : value.array()) {
      items.push_back(Pruned(item, drop_nulls));
    }
    return Json(std::move(items));
  }
  if (!value.is_object()) return value;
  Json::Object members;
  for (const Json::Member& member : value.object()) {
    if (member.first.empty()) continue;
    if (drop_nulls && member.second.is_null()) continue;
    members.emplace_back(member.first, Pruned(member.second, drop_nulls));
  }
  return Json(std::move(members));
}

Json ValueOf(const Label& label) { return label.value.value_or(Json()); }

// Signing labels only, with the four fields that are signed.
Json::Array SigningLabels(const std::vector<Label>& labels, bool with_version) {
  Json::Array kept;
  for (const Label& label : labels) {
    if (!label.signing) continue;
    Json entry{Json::Object()};
    entry.Set("name", label.name);
    entry.Set("value", ValueOf(label));
    if (with_version && !label.version.empty()) {
      entry.Set("version", label.version);
    }
    entry.Set("signing", true);
    kept.push_back(std::move(entry));
  }
  return kept;
}

// All labels with all their fields: where the tools' rules do not reach.
Json::Array AllLabels(const std::vector<Label>& labels, bool with_version) {
  Json::Array kept;
  for (const Label& label : labels) {
    Json entry{Json::Object()};
    entry.Set("name", label.name);
    entry.Set("value", ValueOf(label));
    if (label.signing) entry.Set("signing", true);
    if (with_version && !label.version.empty()) {
      entry.Set("version", label.version);
    }
    if (with_version && label.has_merge) {
      Json merge{Json::Object()};
      merge.Set("algorithm", label.merge_algorithm);
      if (label.merge_config) merge.Set("config", *label.merge_config);
      entry.Set("merge", std::move(merge));
    }
    kept.push_back(std::move(entry));
  }
  return kept;
}

void SetUnlessEmpty(Json& object, const char* key, Json::Array list) {
  if (!list.empty()) object.Set(key, std::move(list));
}

Json DigestTree(const DigestSpec& digest) {
  Json tree{Json::Object()};
  tree.Set("hashAlgorithm", digest.hash_algorithm);
  tree.Set("normalisationAlgorithm", digest.normalisation_algorithm);
  tree.Set("value", digest.value);
  return tree;
}

// How an absent extraIdentity is written.
enum class NoIdentity { kLeftOut, kNull };

Json MetaTree(const ElementMeta& meta, Json::Array labels, NoIdentity absent) {
  Json tree{Json::Object()};
  tree.Set("name", meta.name);
  tree.Set("version", meta.version);
  if (!meta.extra_identity.empty()) {
    Json identity{Json::Object()};
    for (const auto& [key, value] : meta.extra_identity) {
      identity.Set(key, value);
    }
    tree.Set("extraIdentity", std::move(identity));
  } else if (absent == NoIdentity::kNull) {
    tree.Set("extraIdentity", Json());
  }
  SetUnlessEmpty(tree, "labels", std::move(labels));
  return tree;
}

// The three element lists, with what differs between the rules.
struct Style {
  NoIdentity absent_identity = NoIdentity::kLeftOut;
  bool label_versions = true;  // v4alpha1 has lost them
  bool filter_reference_labels = false;
  bool force_reference_digest = false;  // v4alpha1
};

Json::Array ResourceTrees(const DescriptorModel& model, const Style& style) {
  Json::Array trees;
  for (const Resource& resource : model.resources) {
    Json tree =
        MetaTree(resource.meta,
                 SigningLabels(resource.meta.labels, style.label_versions),
                 style.absent_identity);
    tree.Set("type", resource.type);
    tree.Set("relation", resource.relation);
    const bool no_access =
        resource.access_type == "none" || resource.access_type == "None";
    if (resource.digest.has_value() && !no_access) {
      tree.Set("digest", DigestTree(*resource.digest));
    }
    trees.push_back(std::move(tree));
  }
  return trees;
}

Json::Array SourceTrees(const DescriptorModel& model, const Style& style) {
  Json::Array trees;
  for (const Source& source : model.sources) {
    Json tree = MetaTree(
        source.meta, SigningLabels(source.meta.labels, style.label_versions),
        NoIdentity::kLeftOut);
    tree.Set("type", source.type);
    trees.push_back(std::move(tree));
  }
  return trees;
}

Json::Array ReferenceTrees(const DescriptorModel& model, const Style& style) {
  Json::Array trees;
  for (const Reference& reference : model.references) {
    const std::vector<Label>& labels = reference.meta.labels;
    Json tree = MetaTree(reference.meta,
                         style.filter_reference_labels
                             ? SigningLabels(labels, style.label_versions)
                             : AllLabels(labels, style.label_versions),
                         style.absent_identity);
    tree.Set("componentName", reference.component_name);
    if (reference.digest.has_value()) {
      tree.Set("digest", DigestTree(*reference.digest));
    } else if (style.force_reference_digest) {
      tree.Set("digest", DigestTree(DigestSpec()));
    }
    trees.push_back(std::move(tree));
  }
  return trees;
}

// UTC, whole seconds (halves up), as the v1 tool rewrites it.
absl::StatusOr<std::string> RoundedTime(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) {
    return BadInput(
        "DESCRIPTOR_SCHEMA",
        absl::StrCat("creationTime ", Quoted(text), " is no RFC 3339 time"));
  }
  const absl::Time rounded = absl::FromUnixSeconds(
      absl::ToUnixSeconds(time + absl::Milliseconds(500)));
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", rounded, absl::UTCTimeZone());
}

// Name, version, labels and creationTime of the component.
absl::StatusOr<Json> ObjectMetaTree(const DescriptorModel& model) {
  Json tree{Json::Object()};
  tree.Set("name", model.name);
  tree.Set("version", model.version);
  SetUnlessEmpty(tree, "labels", SigningLabels(model.labels, true));
  if (!model.creation_time.empty()) {
    ASSIGN_OR_RETURN(std::string time, RoundedTime(model.creation_time));
    tree.Set("creationTime", std::move(time));
  }
  return tree;
}

Json ProviderTree(const DescriptorModel& model, Json::Array labels) {
  Json tree{Json::Object()};
  tree.Set("name", model.provider_name);
  SetUnlessEmpty(tree, "labels", std::move(labels));
  return tree;
}

absl::StatusOr<Json> TreeV1OverV2(const DescriptorModel& model) {
  Style style;
  style.absent_identity = NoIdentity::kNull;
  style.filter_reference_labels = true;
  ASSIGN_OR_RETURN(Json component, ObjectMetaTree(model));
  if (model.provider_labels.empty()) {
    component.Set("provider", model.provider_name);
  } else {
    component.Set(
        "provider",
        ProviderTree(model, SigningLabels(model.provider_labels, true)));
  }
  component.Set("resources", ResourceTrees(model, style));
  component.Set("componentReferences", ReferenceTrees(model, style));
  Json meta{Json::Object()};
  meta.Set("schemaVersion", "v2");
  Json tree{Json::Object()};
  tree.Set("component", std::move(component));
  tree.Set("meta", std::move(meta));
  return tree;
}

absl::StatusOr<Json> TreeV1OverV3Alpha1(const DescriptorModel& model) {
  Style style;
  style.filter_reference_labels = true;
  ASSIGN_OR_RETURN(Json metadata, ObjectMetaTree(model));
  // The tool's rule for provider labels hangs on another path: none filtered.
  metadata.Set("provider",
               ProviderTree(model, AllLabels(model.provider_labels, true)));
  Json spec{Json::Object()};
  SetUnlessEmpty(spec, "sources", SourceTrees(model, style));
  SetUnlessEmpty(spec, "references", ReferenceTrees(model, style));
  SetUnlessEmpty(spec, "resources", ResourceTrees(model, style));
  Json tree{Json::Object()};
  tree.Set("apiVersion", "ocm.software/v3alpha1");
  tree.Set("kind", "ComponentVersion");
  tree.Set("metadata", std::move(metadata));
  tree.Set("spec", std::move(spec));
  return tree;
}

}  // namespace

absl::StatusOr<Json> TreeV1(const DescriptorModel& model) {
  ASSIGN_OR_RETURN(const Json tree, model.schema == DescriptorModel::Schema::kV2
                                        ? TreeV1OverV2(model)
                                        : TreeV1OverV3Alpha1(model));
  return Pruned(tree, false);
}

absl::StatusOr<Json> TreeV3(const DescriptorModel& model) {
  const Style style;
  ASSIGN_OR_RETURN(Json component, ObjectMetaTree(model));
  component.Set(
      "provider",
      ProviderTree(model, SigningLabels(model.provider_labels, true)));
  component.Set("resources", ResourceTrees(model, style));
  component.Set("sources", SourceTrees(model, style));
  component.Set("componentReferences", ReferenceTrees(model, style));
  Json tree{Json::Object()};
  tree.Set("component", std::move(component));
  return Pruned(tree, false);
}

absl::StatusOr<Json> TreeV4Alpha1(const DescriptorModel& model) {
  Style style;
  style.label_versions = false;
  style.force_reference_digest = true;
  Json component{Json::Object()};
  component.Set("name", model.name);
  component.Set("version", model.version);
  SetUnlessEmpty(component, "labels", SigningLabels(model.labels, false));
  if (!model.creation_time.empty()) {
    component.Set("creationTime", model.creation_time);
  }
  component.Set(
      "provider",
      ProviderTree(model, SigningLabels(model.provider_labels, false)));
  component.Set("resources", ResourceTrees(model, style));
  component.Set("sources", SourceTrees(model, style));
  component.Set("componentReferences", ReferenceTrees(model, style));
  Json tree{Json::Object()};
  tree.Set("component", std::move(component));
  return Pruned(tree, true);
}

DescriptorModel WithLegacyIdentities(DescriptorModel model) {
  std::vector<Resource>& resources = model.resources;
  for (size_t i = 0; i < resources.size(); ++i) {
    for (size_t j = 0; j < resources.size(); ++j) {
      if (i == j || resources[j].meta.name != resources[i].meta.name ||
          resources[j].meta.extra_identity !=
              resources[i].meta.extra_identity) {
        continue;
      }
      resources[i].meta.extra_identity["version"] = resources[i].meta.version;
      break;
    }
  }
  return model;
}

}  // namespace countersign::client
