// A regular file that is open, and octets of it in pieces. Owns the descriptor.
// Called by ctf_directory and ctf_archive. Blocks on the disk.
#ifndef COUNTERSIGN_CLIENT_OCM_FILE_OCTETS_H_
#define COUNTERSIGN_CLIENT_OCM_FILE_OCTETS_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/registry.h"

namespace countersign::client {

// Move-only.
struct OpenFile {
  OpenFile() = default;
  OpenFile(int descriptor, std::string name)
      : fd(descriptor), path(std::move(name)) {}
  OpenFile(OpenFile&& o) noexcept { *this = std::move(o); }
  OpenFile& operator=(OpenFile&& o) noexcept;
  ~OpenFile();

  int fd = -1;
  std::string path;  // for errors
  uint64_t size = 0;
  struct stat info = {};
};

// Of errno about a file: NOT_FOUND, PERMISSION_DENIED or UNKNOWN
// (FILE_UNREADABLE), RESOURCE_EXHAUSTED (DISK_FULL).
absl::Status FileError(const std::string& path, int error);

// Links are followed; a device, a pipe or a directory is refused without
// waiting for it. NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT
// (FILE_UNREADABLE).
absl::StatusOr<OpenFile> OpenRegularFile(const std::string& path);

// A file in `folder` that has no name and ends with its descriptor.
absl::StatusOr<OpenFile> OpenNamelessFile(const std::string& folder);

// `size` octets from `offset`. ABORTED (FILE_CHANGED) where it has fewer.
absl::Status ReadOctets(const OpenFile& file, uint64_t offset, uint64_t size,
                        const BlobSink& sink);

// To the end of what was written before. RESOURCE_EXHAUSTED (DISK_FULL) where
// the disk is full.
absl::Status AppendOctets(OpenFile& file, absl::string_view octets);

// A new name is durable only when its folder is.
absl::Status SyncFolderOf(const std::string& path);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_FILE_OCTETS_H_
