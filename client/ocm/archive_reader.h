// Members of a tar or a gzip-compressed tar, told apart by content, one after
// the other. Nothing is ever written to disk under a name of the archive.
// Links, devices, sparse files, absolute and ".." names and doubled names are
// refused; size and number are bounded. Owns libarchive's handle. Called by
// ctf_archive and descriptor_layer. Blocks on the disk.
#ifndef COUNTERSIGN_CLIENT_OCM_ARCHIVE_READER_H_
#define COUNTERSIGN_CLIENT_OCM_ARCHIVE_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/registry.h"

struct archive;
struct archive_entry;

namespace countersign::client {

struct ArchiveLimits {
  // Octets of all members, unpacked.
  uint64_t max_total_bytes = uint64_t{64} << 30;
  // Some 700 octets of memory each at worst, mostly 200.
  size_t max_entries = 200000;
  bool compressed = true;  // else gzip is refused
};

struct ArchiveMember {
  std::string name;  // without "./" before and "/" after it
  bool is_directory = false;
  uint64_t size = 0;    // octets
  uint64_t offset = 0;  // of its octets in the tar, uncompressed
};

// Single-thread. INVALID_ARGUMENT: ARCHIVE_INVALID, ARCHIVE_UNSAFE (a member
// that no OCM tool writes), ARCHIVE_TOO_LARGE. Each names archive and member.
class ArchiveReader {
 public:
  // From the beginning of `fd`, a regular file, which outlives it and is not
  // read by others meanwhile. `name` is for errors.
  static absl::StatusOr<std::unique_ptr<ArchiveReader>> Open(
      int fd, const std::string& name, const ArchiveLimits& limits);
  // `octets` outlive it.
  static absl::StatusOr<std::unique_ptr<ArchiveReader>> OpenMemory(
      absl::string_view octets, const ArchiveLimits& limits);
  ~ArchiveReader();

  bool compressed() const { return compressed_; }

  // The next member; nullopt at the end. What was not read of the one before is
  // skipped.
  absl::StatusOr<std::optional<ArchiveMember>> Next();
  // The octets of the member that Next gave, once.
  absl::Status Read(const BlobSink& sink);

  // libarchive's own header of the member that Next gave, for a copy of it.
  archive_entry* entry() const { return entry_; }

 private:
  ArchiveReader(std::string name, const ArchiveLimits& limits)
      : name_(std::move(name)), limits_(limits) {}
  absl::Status Start();
  absl::Status CheckFilters();
  absl::StatusOr<ArchiveMember> CheckMember();
  absl::Status Failed(absl::string_view reason, absl::string_view what) const;
  absl::Status LibraryFailed() const;

  const std::string name_;
  const ArchiveLimits limits_;
  archive* archive_ = nullptr;
  archive_entry* entry_ = nullptr;  // owned by archive_
  bool compressed_ = false;
  uint64_t total_ = 0;
  uint64_t size_ = 0;  // of the member that Next gave
  std::set<std::string> names_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_ARCHIVE_READER_H_
