// Many small files at once, durable with few waits for the disk: a tree of 200
// component versions writes 600 blobs. Called by ctf_directory.
#ifndef COUNTERSIGN_CLIENT_OCM_BLOB_FILES_H_
#define COUNTERSIGN_CLIENT_OCM_BLOB_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct BlobFile {
  std::string path;  // all in one folder
  absl::string_view octets;
};

// Each is written beside its place; when the octets of all are on the disk they
// are renamed, and the folder is made durable. An error leaves none half
// written, but perhaps some of them in their places: names that no index knows.
// Errors as AppendOctets. Blocks on the disk.
absl::Status WriteBlobFiles(const std::vector<BlobFile>& files);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_BLOB_FILES_H_
