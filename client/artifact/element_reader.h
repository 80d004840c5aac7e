// The elements of a component descriptor (labels, digests, resources, sources,
// references), from JSON to the model. Part of descriptor_reader, its only
// caller. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_ELEMENT_READER_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_ELEMENT_READER_H_

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "client/artifact/descriptor_model.h"
#include "client/artifact/field_reader.h"

namespace countersign::client {

// The labels of `reader`'s object.
std::vector<Label> ReadLabels(FieldReader& reader, Findings& findings);
// Its field "digest" or another; nullopt where it is absent or null.
std::optional<DigestSpec> ReadDigest(FieldReader& reader,
                                     absl::string_view field,
                                     FieldReader::Need need,
                                     Findings& findings);

Resource ReadResource(const base::Json& value, std::string path,
                      Findings& findings);
Source ReadSource(const base::Json& value, std::string path,
                  Findings& findings);
Reference ReadReference(const base::Json& value, std::string path,
                        Findings& findings);

// Whether the strict schema takes a component name, and a version ("relaxed"
// semantic version: a leading v and fewer than three numbers are fine).
bool IsComponentName(absl::string_view name);
bool IsRelaxedVersion(absl::string_view version);

// A strict finding for elements that share name, extraIdentity and version.
void CheckDistinct(const std::vector<const ElementMeta*>& elements,
                   const std::string& path, Findings& findings);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_ELEMENT_READER_H_
