// YAML text as a tree of plain values that knows where each came from. The
// subset that a configuration needs: maps with scalar keys, lists, scalars; no
// anchors, aliases, tags or second documents. The only place that sees yaml-cpp
// and its exceptions. What the fields mean is yaml_to_proto's matter.
#ifndef COUNTERSIGN_SERVER_CONFIG_YAML_DOCUMENT_H_
#define COUNTERSIGN_SERVER_CONFIG_YAML_DOCUMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;  // both from 1
  int column = 0;
  // Of a member of a map: its key, as often as it is written.
  std::string key;
  int key_line = 0;
  int key_column = 0;
  std::string scalar;
  bool quoted = false;
  // Items of a list, members of a map, in order.
  std::vector<YamlNode> children;
};

// INVALID_ARGUMENT "LINE:COLUMN: what is wrong": broken YAML or UTF-8, a
// feature that is not in the subset, more than 1 MiB, 32 levels or 50,000
// nodes.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view text);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_YAML_DOCUMENT_H_
