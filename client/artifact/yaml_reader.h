// A YAML 1.1 or JSON text as a JSON value, as both OCM tools read component
// descriptors (through sigs.k8s.io/yaml): anchors and << work, number keys
// become strings. Expansion is bounded. Not a general YAML reader: what the
// tools refuse or read in two ways is refused. Called by component_descriptor
// and descriptor_writer. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_YAML_READER_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_YAML_READER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/artifact/text_position.h"
#include "client/artifact/yaml_events.h"

namespace countersign::client {

// A key that an object has twice. The tools take the last value and say
// nothing; the caller decides where that is bearable.
struct DuplicateKey {
  TextPosition position;
  std::string key;
  // Where the object stands: {"component", "labels", "[0]", "value"}.
  std::vector<std::string> path;
};

struct YamlDocument {
  base::Json value;  // a doubled key has its last value
  std::vector<DuplicateKey> duplicates;
};

// Errors are INVALID_ARGUMENT with line and column: YAML_SYNTAX,
// YAML_UNSUPPORTED, YAML_TOO_LARGE. Two keys that differ in YAML but not in
// JSON ({1: a, "1": b}; the tools pick one at random) are YAML_DUPLICATE_KEY.
absl::StatusOr<YamlDocument> ReadYaml(absl::string_view text,
                                      const YamlLimits& limits = {});

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_YAML_READER_H_
