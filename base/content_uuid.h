// Names made from content: the same content has the same one, everywhere and
// always. For request ids of callers that keep nothing between two tries.
#ifndef COUNTERSIGN_BASE_CONTENT_UUID_H_
#define COUNTERSIGN_BASE_CONTENT_UUID_H_

#include <string>
#include <vector>

namespace countersign::base {

// A version 8 UUID (RFC 9562 5.8), 36 characters: the first 122 bits of the
// SHA-256 of `parts`, each with its length before it, so that no two lists give
// the same octets.
std::string UuidOfContent(const std::vector<std::string>& parts);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_CONTENT_UUID_H_
