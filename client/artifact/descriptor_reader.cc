#include "client/artifact/descriptor_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/element_reader.h"

namespace countersign::client {
namespace {

using base::Json;
using Need = FieldReader::Need;

template <typename T>
using ReadItem = T (*)(const Json&, std::string, Findings&);

template <typename T>
std::vector<T> ReadList(FieldReader& reader, absl::string_view field, Need need,
                        ReadItem<T> read, Findings& findings) {
  std::vector<T> items;
  const Json::Array* array = reader.Array(field, need);
  if (array == nullptr) return items;
  const std::string path = reader.PathOf(field);
  std::vector<const ElementMeta*> metas;
  items.reserve(array->size());
  for (size_t i = 0; i < array->size(); ++i) {
    items.push_back(read((*array)[i], IndexedPath(path, i), findings));
  }
  for (const T& item : items) metas.push_back(&item.meta);
  CheckDistinct(metas, path, findings);
  return items;
}

// Provider with labels: the fields of an object.
void ReadProviderObject(const Json& value, const std::string& path,
                        bool others_allowed, Findings& findings,
                        DescriptorModel* model) {
  FieldReader fields(value, path, findings);
  fields.CheckKeys({"name", "labels"}, others_allowed);
  model->provider_name = fields.String("name", Need::kRequired);
  if (model->provider_name.empty()) fields.Fatal("name", "is required");
  model->provider_labels = ReadLabels(fields, findings);
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(model->provider_name),
                       "{")) {
    fields.Fatal("name", "must not be JSON text again");
  }
}

// Go's strings.TrimSpace knows the blanks of Unicode.
absl::string_view StripBlanks(absl::string_view text) {
  constexpr absl::string_view kBlanks[] = {
      " ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085",
      "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
      "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
      "\u2029", "\u202f", "\u205f", "\u3000"};
  for (bool again = true; again;) {
    again = false;
    for (const absl::string_view blank : kBlanks) {
      again |= absl::ConsumePrefix(&text, blank);
    }
  }
  return text;
}

// Schema v2: a string, which may be the JSON text of an object. Text that only
// looks like one is refused: the tools differ on it.
void ReadProviderText(FieldReader& reader, Findings& findings,
                      DescriptorModel* model) {
  const std::string text = reader.String("provider", Need::kRequired);
  if (!absl::StartsWith(StripBlanks(text), "{") &&
      absl::StripAsciiWhitespace(text) != "null") {
    model->provider_name = text;
    if (text.empty()) reader.Fatal("provider", "is required");
    return;
  }
  const absl::StatusOr<Json> parsed = base::ParseJson(text);
  if (!parsed.ok() || !parsed->is_object()) {
    reader.Fatal(
        "provider",
        absl::StrCat("looks like JSON but is no object: ",
                     parsed.ok() ? "null" : parsed.status().message()));
    return;
  }
  ReadProviderObject(*parsed, reader.PathOf("provider"), true, findings, model);
}

// The new tool reads an element without access and then cannot write it; the
// strict schema wants an object.
void CheckAccess(FieldReader& reader, absl::string_view field,
                 Findings& findings) {
  const Json::Array* array = reader.Array(field, Need::kOptional);
  if (array == nullptr) return;
  for (size_t i = 0; i < array->size(); ++i) {
    const Json* access = (*array)[i].Find("access");
    if (access != nullptr && !access->is_null()) continue;
    const base::FieldViolation violation = {
        IndexedPath(reader.PathOf(field), i) + ".access", "is required"};
    findings.new_tool.push_back(violation);
    if (access != nullptr) findings.strict.push_back(violation);
  }
}

// A list that the schema v3alpha1 lets be absent, but not null.
void CheckNotNull(FieldReader& reader, absl::string_view field) {
  const Json* list = reader.Find(field, Need::kOptional);
  if (list != nullptr && list->is_null()) {
    reader.Strict(field, "must be a list, it is null");
  }
}

// Schema v3alpha1 knows the fields of labels and digests and takes no others.
void CheckKnownFields(const Json& owner, const std::string& path,
                      Findings& findings) {
  const Json* digest = owner.Find("digest");
  if (digest != nullptr && digest->is_object()) {
    FieldReader fields(*digest, path + ".digest", findings);
    fields.CheckKeys({"hashAlgorithm", "normalisationAlgorithm", "value"},
                     false);
  }
  const Json* labels = owner.Find("labels");
  if (labels == nullptr || !labels->is_array()) return;
  for (size_t i = 0; i < labels->array().size(); ++i) {
    const Json& label = labels->array()[i];
    if (!label.is_object()) continue;  // told by ReadLabels
    FieldReader fields(label, IndexedPath(path + ".labels", i), findings);
    fields.CheckKeys({"name", "value", "version", "signing", "merge"}, false);
  }
}

void ReadRepositoryContexts(FieldReader& reader, Need need,
                            Findings& findings) {
  const Json::Array* array = reader.Array("repositoryContexts", need);
  if (array == nullptr) return;
  const std::string path = reader.PathOf("repositoryContexts");
  for (size_t i = 0; i < array->size(); ++i) {
    FieldReader fields((*array)[i], IndexedPath(path, i), findings);
    fields.String("type", Need::kRequired);
  }
}

// Name, version, labels, creationTime: the same in both schemas.
void ReadObjectMeta(FieldReader& fields, Findings& findings,
                    DescriptorModel* model) {
  model->name = fields.String("name", Need::kRequired);
  if (!IsComponentName(model->name)) {
    fields.Strict("name", "must be a component name (acme.org/x)");
  }
  model->version = fields.String("version", Need::kRequired);
  if (!IsRelaxedVersion(model->version)) {
    fields.Strict("version", "must be a semantic version (1.2.3)");
  }
  model->labels = ReadLabels(fields, findings);
  const Json* time = fields.Find("creationTime", Need::kOptional);
  if (time == nullptr || time->is_null()) return;
  model->creation_time = fields.String("creationTime", Need::kOptional);
  absl::Time parsed;
  if (!absl::ParseTime(absl::RFC3339_full, model->creation_time, &parsed,
                       nullptr)) {
    fields.Strict("creationTime", "must be a time (2026-01-31T12:00:00Z)");
  }
}

DescriptorModel ReadV2(FieldReader& top, Findings& findings) {
  DescriptorModel model;
  model.schema = DescriptorModel::Schema::kV2;
  top.CheckKeys({"meta", "component", "signatures", "nestedDigests"}, true);
  const Json* component = top.Object("component", Need::kRequired);
  if (component == nullptr) {
    top.Fatal("component", "is required");
    return model;
  }
  FieldReader fields(*component, "component", findings);
  fields.CheckKeys(
      {"name", "version", "labels", "creationTime", "repositoryContexts",
       "provider", "sources", "componentReferences", "resources"},
      true);
  ReadObjectMeta(fields, findings, &model);
  ReadProviderText(fields, findings, &model);
  ReadRepositoryContexts(fields, Need::kRequired, findings);
  model.sources = ReadList<Source>(fields, "sources", Need::kRequired,
                                   ReadSource, findings);
  model.references = ReadList<Reference>(
      fields, "componentReferences", Need::kRequired, ReadReference, findings);
  model.resources = ReadList<Resource>(fields, "resources", Need::kRequired,
                                       ReadResource, findings);
  CheckAccess(fields, "sources", findings);
  CheckAccess(fields, "resources", findings);
  return model;
}

DescriptorModel ReadV3Alpha1(FieldReader& top, Findings& findings) {
  DescriptorModel model;
  model.schema = DescriptorModel::Schema::kV3Alpha1;
  top.NewTool("apiVersion", "is not known to it; it reads schema v2 only");
  top.CheckKeys({"apiVersion", "kind", "metadata", "repositoryContexts", "spec",
                 "signatures", "nestedDigests"},
                true);
  if (top.String("kind", Need::kRequired) != "ComponentVersion") {
    top.Fatal("kind", "must be ComponentVersion");
  }
  const Json* metadata = top.Object("metadata", Need::kRequired);
  const Json* spec = top.Object("spec", Need::kRequired);
  if (metadata == nullptr || spec == nullptr) {
    top.Fatal(metadata == nullptr ? "metadata" : "spec", "is required");
    return model;
  }
  FieldReader meta(*metadata, "metadata", findings);
  meta.CheckKeys({"name", "version", "labels", "provider", "creationTime"},
                 true);
  ReadObjectMeta(meta, findings, &model);
  if (const Json* provider = meta.Object("provider", Need::kRequired)) {
    ReadProviderObject(*provider, "metadata.provider", false, findings, &model);
    CheckKnownFields(*provider, "metadata.provider", findings);
  }
  CheckNotNull(top, "repositoryContexts");
  ReadRepositoryContexts(top, Need::kOptional, findings);
  FieldReader fields(*spec, "spec", findings);
  fields.CheckKeys({"sources", "references", "resources"}, false);
  CheckKnownFields(*metadata, "metadata", findings);
  for (const char* list : {"sources", "references", "resources"}) {
    CheckNotNull(fields, list);
    const Json::Array* items = fields.Array(list, Need::kOptional);
    for (size_t i = 0; items != nullptr && i < items->size(); ++i) {
      CheckKnownFields((*items)[i], IndexedPath(fields.PathOf(list), i),
                       findings);
    }
  }
  model.sources = ReadList<Source>(fields, "sources", Need::kOptional,
                                   ReadSource, findings);
  model.references = ReadList<Reference>(fields, "references", Need::kOptional,
                                         ReadReference, findings);
  model.resources = ReadList<Resource>(fields, "resources", Need::kOptional,
                                       ReadResource, findings);
  return model;
}

DescriptorSignature ReadSignature(const Json& value, std::string path,
                                  Findings& findings) {
  FieldReader fields(value, std::move(path), findings);
  fields.CheckKeys({"name", "digest", "signature", "timestamp"}, false);
  DescriptorSignature signature;
  signature.name = fields.String("name", Need::kRequired);
  const std::optional<DigestSpec> digest =
      ReadDigest(fields, "digest", Need::kRequired, findings);
  if (digest.has_value()) signature.digest = *digest;
  if (const Json* inner = fields.Object("signature", Need::kRequired)) {
    FieldReader spec(*inner, fields.PathOf("signature"), findings);
    spec.CheckKeys({"algorithm", "value", "mediaType", "issuer"}, true);
    signature.algorithm = spec.String("algorithm", Need::kRequired);
    signature.value = spec.String("value", Need::kRequired);
    signature.media_type = spec.String("mediaType", Need::kRequired);
    signature.issuer = spec.String("issuer", Need::kOptional);
  }
  if (const Json* timestamp = fields.Object("timestamp", Need::kOptional)) {
    signature.timestamp = *timestamp;
  }
  return signature;
}

}  // namespace

std::vector<DescriptorSignature> ReadSignatures(const Json& document,
                                                Findings& findings) {
  std::vector<DescriptorSignature> signatures;
  FieldReader top(document, "", findings);
  const Json::Array* array = top.Array("signatures", Need::kOptional);
  if (array == nullptr) return signatures;
  for (size_t i = 0; i < array->size(); ++i) {
    signatures.push_back(
        ReadSignature((*array)[i], IndexedPath("signatures", i), findings));
  }
  return signatures;
}

DescriptorModel ReadDescriptorModel(const Json& document, Findings& findings) {
  FieldReader top(document, "", findings);
  if (!document.is_object()) return {};
  DescriptorModel model;
  if (document.Find("apiVersion") != nullptr) {
    const std::string version = top.String("apiVersion", Need::kRequired);
    if (version != "ocm.software/v3alpha1") {
      top.Fatal("apiVersion", absl::StrCat("is ", Quoted(version),
                                           "; known is ocm.software/v3alpha1"));
      return model;
    }
    model = ReadV3Alpha1(top, findings);
  } else {
    const Json* meta = top.Object("meta", Need::kRequired);
    if (meta == nullptr) {
      top.Fatal("meta", "is required (meta.schemaVersion or apiVersion)");
      return model;
    }
    FieldReader fields(*meta, "meta", findings);
    fields.CheckKeys({"schemaVersion"}, true);
    const std::string version = fields.String("schemaVersion", Need::kRequired);
    if (version != "v2") {
      fields.Fatal("schemaVersion",
                   absl::StrCat("is ", Quoted(version), "; known is v2"));
      return model;
    }
    model = ReadV2(top, findings);
  }
  model.signatures = ReadSignatures(document, findings);
  return model;
}

}  // namespace countersign::client
