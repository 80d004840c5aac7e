// Where in a descriptor's text the top-level keys and the list of signatures
// stand, so that the text can be edited and not rewritten. Part of
// descriptor_writer, its only caller. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_LAYOUT_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_LAYOUT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Octets [begin, end) of the text.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;
};

struct SignaturesLayout {
  enum class Kind {
    kNothing,    // "signatures:" and no value
    kEmpty,      // null, ~ or []: `value` is its span
    kFlowList,   // [ ... ] with items
    kBlockList,  // lines with dashes
  };
  Kind kind = Kind::kNothing;
  size_t key_end = 0;  // behind the key word, before the colon
  TextSpan value;      // kEmpty and kFlowList
  // Items in order. kFlowList: from { to }. kBlockList: from the line of the
  // dash to the line of the next item's dash, or to `tight_end`.
  std::vector<TextSpan> items;
  size_t dash_column = 0;  // kBlockList, in octets
  // kBlockList: behind the last line that may belong to the list, without and
  // with the blank lines and comments that follow.
  size_t tight_end = 0;
  size_t wide_end = 0;
};

struct DescriptorLayout {
  bool flow = false;      // { } at the top: JSON, mostly
  size_t root_begin = 0;  // flow: of {
  size_t root_end = 0;    // flow: of }; else where the document's lines end
  size_t first_key = 0;   // offset of the first top-level key
  std::optional<SignaturesLayout> signatures;
};

// INVALID_ARGUMENT: the reasons of ReadYamlEvents, and DESCRIPTOR_LAYOUT where
// the signatures are written in a way that cannot be edited (an alias).
absl::StatusOr<DescriptorLayout> FindLayout(absl::string_view text);

// Start of the line of `offset`, and the start of the next one (or the end).
size_t LineBegin(absl::string_view text, size_t offset);
size_t NextLine(absl::string_view text, size_t offset);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_LAYOUT_H_
