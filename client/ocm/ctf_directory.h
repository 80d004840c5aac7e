// A CTF that is a directory. Called by open_components.
#ifndef COUNTERSIGN_CLIENT_OCM_CTF_DIRECTORY_H_
#define COUNTERSIGN_CLIENT_OCM_CTF_DIRECTORY_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/ocm/ctf_storage.h"

namespace countersign::client {

// Blobs are written first, each beside its place and renamed, then the index:
// nobody sees an index that names what is not there. Writers that lock the
// directory (flock), as this does, wait for each other.
class CtfDirectory final : public CtfStorage {
 public:
  // NOT_A_CTF where it has no artifact-index.json.
  static absl::StatusOr<std::unique_ptr<CtfStorage>> Open(
      const std::string& path);

  std::string Name() const override { return path_; }
  absl::Status Refresh() override { return absl::OkStatus(); }
  absl::StatusOr<std::string> ReadIndex() override;
  absl::Status ReadBlob(const std::string& digest,
                        const BlobSink& sink) override;
  absl::Status Replace(const std::string& old_index,
                       const std::string& new_index,
                       const std::vector<std::string>& blobs) override;

 private:
  explicit CtfDirectory(std::string path) : path_(std::move(path)) {}
  std::string PathOf(const std::string& name) const {
    return path_ + "/" + name;
  }
  absl::Status PutBlobs(const std::vector<std::string>& blobs) const;

  const std::string path_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_CTF_DIRECTORY_H_
