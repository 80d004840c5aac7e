// A small gzip file (RFC 1952) unpacked in memory, within a bound. Boost's
// inflate behind it: the header keeps Boost out of everybody else's sight.
#ifndef COUNTERSIGN_SERVER_HTTP_GUNZIP_H_
#define COUNTERSIGN_SERVER_HTTP_GUNZIP_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

// One member, its checksum and its length checked. INVALID_ARGUMENT for all
// that is wrong, also for more than `max_bytes` inside; no more than that is
// ever unpacked.
absl::StatusOr<std::string> Gunzip(absl::string_view file, size_t max_bytes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_GUNZIP_H_
