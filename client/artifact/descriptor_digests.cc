#include "client/artifact/descriptor_digests.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/document_text.h"
#include "client/artifact/yaml_reader.h"

namespace countersign::client {
namespace {

using base::Json;

Json DigestJson(const DigestSpec& digest) {
  return Json(
      Json::Object{{"hashAlgorithm", digest.hash_algorithm},
                   {"normalisationAlgorithm", digest.normalisation_algorithm},
                   {"value", digest.value}});
}

// The list that holds the element, by schema.
Json* FindList(Json& document, DescriptorModel::Schema schema,
               DigestFill::Element element) {
  const bool v2 = schema == DescriptorModel::Schema::kV2;
  Json* owner = document.Find(v2 ? "component" : "spec");
  if (owner == nullptr) return nullptr;
  return owner->Find(element == DigestFill::Element::kResource ? "resources"
                     : v2 ? "componentReferences"
                          : "references");
}

// As the text was: one line, lines of JSON, or block YAML.
std::string Rewrite(absl::string_view before, const Json& document) {
  const absl::string_view body = absl::StripAsciiWhitespace(before);
  if (!absl::StartsWith(body, "{")) return BlockYaml(document);
  const bool lines = absl::StrContains(body, '\n');
  return absl::StrCat(JsonDocument(document, lines ? "  " : ""),
                      absl::EndsWith(before, "\n") ? "\n" : "");
}

}  // namespace

absl::StatusOr<std::string> FillDigests(absl::string_view text,
                                        const std::vector<DigestFill>& fills) {
  if (fills.empty()) return std::string(text);
  ASSIGN_OR_RETURN(const ComponentDescriptor descriptor,
                   ComponentDescriptor::Parse(text));
  Json document = descriptor.document();
  for (const DigestFill& fill : fills) {
    Json* list = FindList(document, descriptor.model().schema, fill.element);
    if (list == nullptr || !list->is_array() ||
        fill.index >= list->array().size()) {
      return BadInput("DESCRIPTOR_LAYOUT",
                      absl::StrCat("there is no element ", fill.index));
    }
    list->array()[fill.index].Set("digest", DigestJson(fill.digest));
  }
  std::string written = Rewrite(text, document);
  const absl::StatusOr<YamlDocument> read = ReadYaml(written);
  if (read.ok() && read->value == document) return written;
  return BadInput("DESCRIPTOR_LAYOUT",
                  absl::StrCat("the descriptor could not be written anew with "
                               "its digests without changing something else",
                               read.ok() ? "" : ": ",
                               read.ok() ? "" : read.status().message()));
}

}  // namespace countersign::client
