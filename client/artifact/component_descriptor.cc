#include "client/artifact/component_descriptor.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/descriptor_reader.h"
#include "client/artifact/yaml_reader.h"

namespace countersign::client {
namespace {

// Whether a path is below the value of a label: ..., "labels", "[0]", "value".
bool IsInsideLabelValue(const std::vector<std::string>& path) {
  for (size_t i = 2; i < path.size(); ++i) {
    if (path[i] == "value" && absl::StartsWith(path[i - 1], "[") &&
        path[i - 2] == "labels") {
      return true;
    }
  }
  return false;
}

std::string DisplayPath(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) {
    const bool dot = !text.empty() && !absl::StartsWith(part, "[");
    absl::StrAppend(&text, dot ? "." : "", part);
  }
  return text.empty() ? "the descriptor" : base::EscapeForDisplay(text);
}

}  // namespace

absl::StatusOr<ComponentDescriptor> ComponentDescriptor::Parse(
    absl::string_view text) {
  ASSIGN_OR_RETURN(YamlDocument yaml, ReadYaml(text));
  ComponentDescriptor descriptor;
  for (const DuplicateKey& duplicate : yaml.duplicates) {
    const std::string message = absl::StrCat(
        "line ", duplicate.position.line, ", column ",
        duplicate.position.column, ": ", DisplayPath(duplicate.path),
        " has the key ", Quoted(duplicate.key), " twice");
    if (!IsInsideLabelValue(duplicate.path)) {
      base::ErrorDetails details;
      details.reason = "YAML_DUPLICATE_KEY";
      details.metadata["line"] = absl::StrCat(duplicate.position.line);
      details.metadata["column"] = absl::StrCat(duplicate.position.column);
      return base::MakeError(absl::StatusCode::kInvalidArgument, message,
                             details);
    }
    descriptor.warnings_.push_back(absl::StrCat(message, "; the last counts"));
  }
  descriptor.document_ = std::move(yaml.value);
  Findings findings;
  descriptor.model_ = ReadDescriptorModel(descriptor.document_, findings);
  if (!findings.fatal.empty()) {
    return BadFields("DESCRIPTOR_SCHEMA", "not a component descriptor",
                     findings.fatal);
  }
  if (descriptor.name().empty() || descriptor.version().empty()) {
    return BadFields("DESCRIPTOR_SCHEMA", "not a component descriptor",
                     {{descriptor.name().empty() ? "name" : "version",
                       "of the component is required"}});
  }
  descriptor.strict_ = std::move(findings.strict);
  descriptor.new_tool_ = std::move(findings.new_tool);
  return descriptor;
}

absl::StatusOr<DescriptorSignature> ComponentDescriptor::FindSignature(
    absl::string_view name) const {
  const DescriptorSignature* found = nullptr;
  std::vector<std::string> names;
  for (const DescriptorSignature& signature : signatures()) {
    names.push_back(Quoted(signature.name));
    if (signature.name != name) continue;
    if (found != nullptr) {
      return ArtifactError(
          absl::StatusCode::kFailedPrecondition, "SIGNATURE_AMBIGUOUS",
          absl::StrCat("two signatures have the name ", Quoted(name)));
    }
    found = &signature;
  }
  if (found != nullptr) return *found;
  return ArtifactError(
      absl::StatusCode::kNotFound, "SIGNATURE_NOT_FOUND",
      absl::StrCat("no signature has the name ", Quoted(name), "; there are: ",
                   names.empty() ? "none" : absl::StrJoin(names, ", ")));
}

absl::Status ComponentDescriptor::StrictCheck() const {
  if (strict_.empty()) return absl::OkStatus();
  return BadFields("DESCRIPTOR_SCHEMA",
                   "the classic OCM CLI refuses this component descriptor",
                   strict_);
}

absl::Status ComponentDescriptor::NewToolCheck() const {
  if (new_tool_.empty()) return absl::OkStatus();
  return BadFields("DESCRIPTOR_SCHEMA",
                   "the new OCM CLI refuses this component descriptor",
                   new_tool_);
}

}  // namespace countersign::client
