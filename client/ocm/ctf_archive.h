// A CTF that is a tar or a tgz, told apart by content. Called by
// open_components.
//
// Opening passes over the archive once and remembers where each blob lies; no
// name of the archive ever reaches the disk. Blobs of a tar are read where they
// are. Blobs of a tgz go to a file without a name in `spool_folder`: a tree of
// component versions reads hundreds of them in no order, and unpacking from the
// beginning for each would take hours for what is one pass this way. It needs
// the unpacked size on disk until the archive is closed.
#ifndef COUNTERSIGN_CLIENT_OCM_CTF_ARCHIVE_H_
#define COUNTERSIGN_CLIENT_OCM_CTF_ARCHIVE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/ocm/archive_reader.h"
#include "client/ocm/ctf_storage.h"
#include "client/ocm/file_octets.h"

namespace countersign::client {

struct CtfArchiveOptions {
  ArchiveLimits limits;
  // Where disks are large; /tmp is often memory.
  std::string spool_folder = "/var/tmp";
};

// Writing makes a whole new archive beside the old one, index first, members as
// they were, and renames it; mode and, where allowed, owner are kept. Writers
// that lock the file (flock), as this does, wait for each other.
class CtfArchive final : public CtfStorage {
 public:
  static absl::StatusOr<std::unique_ptr<CtfStorage>> Open(
      const std::string& path, const CtfArchiveOptions& options = {});

  std::string Name() const override { return path_; }
  absl::Status Refresh() override;
  absl::StatusOr<std::string> ReadIndex() override { return contents_.index; }
  absl::Status ReadBlob(const std::string& digest,
                        const BlobSink& sink) override;
  absl::Status Replace(const std::string& old_index,
                       const std::string& new_index,
                       const std::vector<std::string>& blobs) override;

 private:
  struct Place {
    uint64_t offset = 0;
    uint64_t size = 0;
  };
  struct Contents {
    OpenFile archive;
    OpenFile spool;  // of a tgz: its blobs, one after the other
    bool compressed = false;
    bool has_index = false;
    std::string index;
    std::map<std::string, Place> blobs;  // by member name
  };

  CtfArchive(std::string path, CtfArchiveOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}
  absl::StatusOr<Contents> Load() const;
  absl::Status TakeIndex(ArchiveReader& reader, const ArchiveMember& member,
                         Contents& contents) const;
  absl::Status TakeBlob(ArchiveReader& reader, const ArchiveMember& member,
                        Contents& contents) const;
  // Neither another file in its place nor the same one changed.
  bool IsUnchanged() const;
  absl::Status WriteCopy(int fd, const std::string& new_index,
                         const std::vector<std::string>& blobs) const;

  const std::string path_;
  const CtfArchiveOptions options_;
  Contents contents_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_CTF_ARCHIVE_H_
