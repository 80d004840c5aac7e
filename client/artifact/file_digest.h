// The digest of a file or of standard input, read once in pieces, so that a
// file of any size needs little memory. Blocks on the disk or the pipe. Called
// by the CLI.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_FILE_DIGEST_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_FILE_DIGEST_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

struct FileDigest {
  std::string octets;  // HashSize() of them
  uint64_t size = 0;   // of the file
};

// Told after each piece (1 MiB or less) how many octets are done, and of how
// many where that is known (a regular file).
using DigestProgress =
    std::function<void(uint64_t done, std::optional<uint64_t> total)>;

// `path` "-" is standard input. NOT_FOUND, PERMISSION_DENIED or
// INVALID_ARGUMENT (a directory) name the path; ABORTED (FILE_CHANGED) where a
// regular file changed its size while it was read.
absl::StatusOr<FileDigest> DigestFile(const std::string& path,
                                      HashAlgorithm hash,
                                      const DigestProgress& progress = {});

// The same for an open descriptor; `name` is for errors. Does not close it.
absl::StatusOr<FileDigest> DigestDescriptor(
    int fd, const std::string& name, HashAlgorithm hash,
    const DigestProgress& progress = {});

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_FILE_DIGEST_H_
