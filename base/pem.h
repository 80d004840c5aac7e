// PEM text (RFC 7468), with the optional header lines that OCM's SIGNATURE
// blocks carry. Pure text: what a block holds is not looked at.
#ifndef COUNTERSIGN_BASE_PEM_H_
#define COUNTERSIGN_BASE_PEM_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

struct PemBlock {
  std::string label;  // "CERTIFICATE"
  // Header lines in order: "Signature Algorithm", "RSASSA-PSS".
  std::vector<std::pair<std::string, std::string>> headers;
  std::string contents;  // decoded octets
};

// One block, base64 in 64 columns, newline at the end.
std::string FormatPem(const PemBlock& block);

// All blocks of `text` in order; text between blocks is skipped. At most 1 MiB.
// INVALID_ARGUMENT names the line of a block that is broken. No block: empty.
absl::StatusOr<std::vector<PemBlock>> ParsePem(absl::string_view text);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_PEM_H_
