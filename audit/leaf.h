// The octets of one leaf: an event as RFC 8785 JSON. What is hashed, stored and
// shown to auditors is exactly this (docs/audit-format.md, normative). Called
// by the stores when an event is numbered, and by readers of the log. Pure.
#ifndef COUNTERSIGN_AUDIT_LEAF_H_
#define COUNTERSIGN_AUDIT_LEAF_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/event.h"

namespace countersign::audit {

// The format's version, member `version` of each leaf.
inline constexpr int kLeafVersion = 1;

// What a C2SP tlog-tiles entry bundle can hold.
inline constexpr size_t kMaxLeafSize = 65535;

// Total: an event can always be recorded. Octets that are not UTF-8 become
// U+FFFD, a number that is not finite becomes null, details that are no object
// become {}, of members with one name the last stays, and the time is cut to
// microseconds within the years 1 to 9999. Where the leaf would be longer than
// kMaxLeafSize, the longest members of `details` are replaced by their size and
// SHA-256 until it is not.
std::string LeafBytes(const core::Event& event);

// The reverse. INVALID_ARGUMENT, reason BAD_LEAF, where `bytes` are anything
// but what LeafBytes makes: other members, another version, an unknown type, or
// not canonical. The members of `details` come in canonical order.
absl::StatusOr<core::Event> ParseLeaf(absl::string_view bytes);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_LEAF_H_
