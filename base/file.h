// Whole files in and out, with errors that name the path.
#ifndef COUNTERSIGN_BASE_FILE_H_
#define COUNTERSIGN_BASE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

// INVALID_ARGUMENT where the file has more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t max_bytes = 64 << 20);

// Writes beside the target and renames, so that a reader sees the old file or
// the new one, and a crash leaves no half. fsyncs before the rename. The mode
// of an existing file is kept; a new one gets `mode`. Links are followed; into
// what is no regular file, a device or a pipe, it writes instead.
absl::Status WriteFileAtomically(const std::string& name,
                                 absl::string_view contents, int mode = 0644);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_FILE_H_
