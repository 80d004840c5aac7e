// The nodes of one YAML 1.1 (or JSON) text in reading order, each with its
// place in the text. A thin, bounded door around yaml-cpp: its exceptions end
// here, and what it reads otherwise than libyaml (which both OCM tools use
// through sigs.k8s.io/yaml) is refused: explicit tags, directives, a second
// document, control characters, the escapes \/ \N \_, unusual line breaks.
// Called by yaml_reader (values) and descriptor_layout (places). Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_YAML_EVENTS_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_YAML_EVENTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct YamlEvent {
  enum class Kind {
    kNull,  // also a node that is not there ("key:")
    kScalar,
    kAlias,
    kSequenceStart,
    kSequenceEnd,
    kMapStart,
    kMapEnd,
  };
  Kind kind = Kind::kNull;
  // First octet of the node behind its anchor. For a kNull that is not written
  // and for the ends of collections: some place behind the node before.
  size_t offset = 0;
  // The octet behind a quoted scalar; 0 for everything else.
  size_t quoted_end = 0;
  bool flow = false;   // collections: [ ] and { }
  bool plain = false;  // scalars: no quotes, no | or >
  size_t anchor = 0;   // 0 none; kAlias: the anchor that is meant
  std::string value;   // scalars
};

struct YamlLimits {
  size_t max_bytes = 16 << 20;
  size_t max_nodes = 1000000;  // yaml_reader counts expanded aliases too
  size_t max_depth = 64;
};

// Errors are INVALID_ARGUMENT with line and column: YAML_SYNTAX,
// YAML_UNSUPPORTED, YAML_TOO_LARGE.
absl::StatusOr<std::vector<YamlEvent>> ReadYamlEvents(
    absl::string_view text, const YamlLimits& limits = {});

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_YAML_EVENTS_H_
