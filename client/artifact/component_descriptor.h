// A component descriptor: text that was read and checked. Parse refuses what
// no OCM tool reads; StrictCheck says what the OCM CLI with the fatal schema
// ("v1") refuses, NewToolCheck what the new OCM CLI does. Immutable. Called by
// normalisation, signing, verification and the CLI. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_COMPONENT_DESCRIPTOR_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_COMPONENT_DESCRIPTOR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/error.h"
#include "base/json.h"
#include "client/artifact/descriptor_model.h"

namespace countersign::client {

class ComponentDescriptor {
 public:
  // YAML or JSON, at most 16 MiB. INVALID_ARGUMENT: the reasons of yaml_reader
  // and DESCRIPTOR_SCHEMA, which lists every wrong field with its path and what
  // would be right. A doubled key is refused (YAML_DUPLICATE_KEY) except inside
  // the value of a label, where the tools' last-wins is part of known digests:
  // there it is a warning.
  static absl::StatusOr<ComponentDescriptor> Parse(absl::string_view text);

  const std::string& name() const { return model_.name; }
  const std::string& version() const { return model_.version; }
  const std::string& provider() const { return model_.provider_name; }
  const std::vector<DescriptorSignature>& signatures() const {
    return model_.signatures;
  }
  const DescriptorModel& model() const { return model_; }
  const base::Json& document() const { return document_; }
  // For people, about the text.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // The signature of that name. NOT_FOUND (SIGNATURE_NOT_FOUND) names those
  // that there are; FAILED_PRECONDITION where two have the name.
  absl::StatusOr<DescriptorSignature> FindSignature(
      absl::string_view name) const;

  // INVALID_ARGUMENT (DESCRIPTOR_SCHEMA) with everything that the strict schema
  // refuses.
  absl::Status StrictCheck() const;
  // The same for the new tool.
  absl::Status NewToolCheck() const;

 private:
  ComponentDescriptor() = default;

  base::Json document_;
  DescriptorModel model_;
  std::vector<base::FieldViolation> strict_;
  std::vector<base::FieldViolation> new_tool_;
  std::vector<std::string> warnings_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_COMPONENT_DESCRIPTOR_H_
