#include "client/artifact/element_reader.h"

#include <regex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using base::Json;
using Need = FieldReader::Need;

// std::regex recurses for each character: texts beyond this are refused.
constexpr size_t kMaxPatternText = 1024;

bool Matches(absl::string_view text, const std::regex& pattern) {
  return text.size() <= kMaxPatternText &&
         std::regex_match(text.begin(), text.end(), pattern);
}

bool IsIdentityKey(absl::string_view key) {
  static const std::regex kPattern("[a-z0-9]([-_+a-z0-9]*[a-z0-9])?");
  return key.size() >= 2 && Matches(key, kPattern);
}

bool IsLabelVersion(absl::string_view version) {
  static const std::regex kPattern("v[0-9]+");
  return Matches(version, kPattern);
}

bool IsMergeAlgorithm(absl::string_view name) {
  static const std::regex kPattern("[a-z][a-z0-9/_-]+");
  return Matches(name, kPattern);
}

void ReadMerge(FieldReader& reader, Findings& findings, Label* label) {
  const Json* merge = reader.Object("merge", Need::kOptional);
  if (merge == nullptr) return;
  FieldReader fields(*merge, reader.PathOf("merge"), findings);
  fields.CheckKeys({"algorithm", "config"}, false);
  label->has_merge = true;
  label->merge_algorithm = fields.String("algorithm", Need::kOptional);
  if (!label->merge_algorithm.empty() &&
      !IsMergeAlgorithm(label->merge_algorithm)) {
    fields.Strict("algorithm", "must match [a-z][a-z0-9/_-]+");
  }
  if (const Json* config = fields.Find("config", Need::kOptional)) {
    label->merge_config = *config;
  }
}

Label ReadLabel(const Json& value, std::string path, Findings& findings) {
  FieldReader fields(value, std::move(path), findings);
  fields.CheckKeys({"name", "value", "version", "signing", "merge"}, true);
  Label label;
  label.name = fields.String("name", Need::kRequired);
  if (label.name.empty()) fields.Strict("name", "must not be empty");
  if (const Json* content = fields.Find("value", Need::kRequired)) {
    label.value = *content;
  }
  label.version = fields.String("version", Need::kOptional);
  if (!label.version.empty() && !IsLabelVersion(label.version)) {
    fields.Strict("version", "must be v and digits (v1)");
  }
  label.signing = fields.Bool("signing");
  ReadMerge(fields, findings, &label);
  return label;
}

std::map<std::string, std::string> ReadExtraIdentity(FieldReader& reader,
                                                     Findings& findings) {
  std::map<std::string, std::string> identity;
  const Json* member = reader.Find("extraIdentity", Need::kOptional);
  if (member != nullptr && member->is_null()) {
    reader.Strict("extraIdentity", "must not be null");
  }
  const Json* object = reader.Object("extraIdentity", Need::kOptional);
  if (object == nullptr) return identity;
  FieldReader fields(*object, reader.PathOf("extraIdentity"), findings);
  for (const Json::Member& entry : object->object()) {
    identity[entry.first] = fields.String(entry.first, Need::kOptional);
    if (!IsIdentityKey(entry.first)) {
      reader.Strict("extraIdentity",
                    absl::StrCat("has the key ", Quoted(entry.first),
                                 "; keys are two or more of a-z 0-9 - _ +"));
    } else if (entry.first == "name") {
      reader.Strict("extraIdentity", "must not have the key \"name\"");
    }
  }
  return identity;
}

ElementMeta ReadElementMeta(FieldReader& fields, Findings& findings) {
  ElementMeta meta;
  meta.name = fields.String("name", Need::kRequired);
  if (!IsIdentityKey(meta.name)) {
    fields.Strict("name", "must be two or more of a-z 0-9 - _ +");
  }
  meta.version = fields.String("version", Need::kRequired);
  if (!IsRelaxedVersion(meta.version)) {
    fields.Strict("version", "must be a semantic version (1.2.3)");
  }
  meta.extra_identity = ReadExtraIdentity(fields, findings);
  meta.labels = ReadLabels(fields, findings);
  return meta;
}

// The type of the access method; "" where there is none.
std::string ReadAccessType(FieldReader& reader, Findings& findings) {
  const Json* access = reader.Object("access", Need::kRequired);
  if (access == nullptr) return "";
  FieldReader fields(*access, reader.PathOf("access"), findings);
  fields.CheckKeys({"type"}, true);
  return fields.String("type", Need::kRequired);
}

// A string of the access; what is no string cannot be followed, and is said
// where somebody wants to.
std::string ReadAccessField(const Json& resource, absl::string_view field) {
  const Json* access = resource.Find("access");
  const Json* value = access == nullptr ? nullptr : access->Find(field);
  return value != nullptr && value->is_string() ? value->string() : "";
}

}  // namespace

bool IsComponentName(absl::string_view name) {
  static const std::regex kPattern(
      "[a-z][-a-z0-9]*([.][a-z][-a-z0-9]*)*[.][a-z]{2,}"
      "(/[a-z][-a-z0-9_]*([.][a-z][-a-z0-9_]*)*)+");
  return name.size() <= 255 && Matches(name, kPattern);
}

bool IsRelaxedVersion(absl::string_view version) {
  static const std::regex kPattern(
      "v?(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*))?(\\.(0|[1-9][0-9]*))?"
      "(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
      "(\\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
      "(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?");
  return Matches(version, kPattern);
}

std::vector<Label> ReadLabels(FieldReader& reader, Findings& findings) {
  std::vector<Label> labels;
  const Json* member = reader.Find("labels", Need::kOptional);
  if (member != nullptr && member->is_null()) {
    reader.Strict("labels", "must be a list, it is null");
  }
  const Json::Array* array = reader.Array("labels", Need::kOptional);
  if (array == nullptr) return labels;
  const std::string path = reader.PathOf("labels");
  std::set<std::string> names;
  for (size_t i = 0; i < array->size(); ++i) {
    const std::string item = IndexedPath(path, i);
    labels.push_back(ReadLabel((*array)[i], item, findings));
    if (!names.insert(labels.back().name).second) {
      findings.strict.push_back(
          {item, absl::StrCat("has the name ", Quoted(labels.back().name),
                              " of an earlier label")});
    }
  }
  return labels;
}

std::optional<DigestSpec> ReadDigest(FieldReader& reader,
                                     absl::string_view field, Need need,
                                     Findings& findings) {
  const Json* object = reader.Object(field, need);
  if (object == nullptr) return std::nullopt;
  FieldReader fields(*object, reader.PathOf(field), findings);
  fields.CheckKeys({"hashAlgorithm", "normalisationAlgorithm", "value"}, true);
  DigestSpec digest;
  digest.hash_algorithm = fields.String("hashAlgorithm", Need::kRequired);
  digest.normalisation_algorithm =
      fields.String("normalisationAlgorithm", Need::kRequired);
  digest.value = fields.String("value", Need::kRequired);
  return digest;
}

Resource ReadResource(const Json& value, std::string path, Findings& findings) {
  FieldReader fields(value, std::move(path), findings);
  fields.CheckKeys({"name", "version", "extraIdentity", "labels", "type",
                    "relation", "srcRefs", "srcRef", "access", "digest"},
                   true);
  Resource resource;
  resource.meta = ReadElementMeta(fields, findings);
  resource.type = fields.String("type", Need::kRequired);
  resource.relation = fields.String("relation", Need::kRequired);
  if (value.Find("relation") != nullptr && resource.relation != "local" &&
      resource.relation != "external") {
    fields.Strict("relation", "must be local or external");
  }
  resource.access_type = ReadAccessType(fields, findings);
  resource.local_reference = ReadAccessField(value, "localReference");
  resource.media_type = ReadAccessField(value, "mediaType");
  resource.image_reference = ReadAccessField(value, "imageReference");
  resource.digest = ReadDigest(fields, "digest", Need::kOptional, findings);
  return resource;
}

Source ReadSource(const Json& value, std::string path, Findings& findings) {
  FieldReader fields(value, std::move(path), findings);
  fields.CheckKeys(
      {"name", "version", "extraIdentity", "labels", "type", "access"}, true);
  Source source;
  source.meta = ReadElementMeta(fields, findings);
  source.type = fields.String("type", Need::kRequired);
  ReadAccessType(fields, findings);
  return source;
}

Reference ReadReference(const Json& value, std::string path,
                        Findings& findings) {
  FieldReader fields(value, std::move(path), findings);
  fields.CheckKeys(
      {"name", "version", "extraIdentity", "labels", "componentName", "digest"},
      false);
  Reference reference;
  reference.meta = ReadElementMeta(fields, findings);
  reference.component_name = fields.String("componentName", Need::kRequired);
  if (!IsComponentName(reference.component_name)) {
    fields.Strict("componentName", "must be a component name (acme.org/x)");
  }
  reference.digest = ReadDigest(fields, "digest", Need::kOptional, findings);
  return reference;
}

void CheckDistinct(const std::vector<const ElementMeta*>& elements,
                   const std::string& path, Findings& findings) {
  std::set<std::string> seen;
  for (size_t i = 0; i < elements.size(); ++i) {
    const ElementMeta& meta = *elements[i];
    // Lengths keep the parts apart.
    std::string identity = absl::StrCat(meta.name.size(), ":", meta.name,
                                        meta.version.size(), ":", meta.version);
    for (const auto& [key, value] : meta.extra_identity) {
      absl::StrAppend(&identity, key.size(), ":", key, value.size(), ":",
                      value);
    }
    if (!seen.insert(identity).second) {
      findings.strict.push_back(
          {IndexedPath(path, i),
           "has the identity (name, version, extraIdentity) of an earlier "
           "one"});
    }
  }
}

}  // namespace countersign::client
