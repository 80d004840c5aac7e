// CRC-32C (RFC 3720 B.4, Castagnoli), the checksum that travels beside digests
// and signatures so that no hop can damage them unnoticed. Pure.
#ifndef COUNTERSIGN_BASE_CRC32C_H_
#define COUNTERSIGN_BASE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace countersign::base {

uint32_t Crc32c(absl::string_view octets);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_CRC32C_H_
