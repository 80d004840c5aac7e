// Writes a tar or a gzip-compressed tar as the OCM tools do: files of nobody,
// of 2022-01-01, so that the same content gives the same octets. Owns
// libarchive's handle. Called by ctf_archive and descriptor_layer. Blocks on
// the disk.
#ifndef COUNTERSIGN_CLIENT_OCM_ARCHIVE_WRITER_H_
#define COUNTERSIGN_CLIENT_OCM_ARCHIVE_WRITER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/ocm/archive_reader.h"

struct archive;

namespace countersign::client {

// Single-thread. Errors name the archive.
class ArchiveWriter {
 public:
  // To `fd`, which outlives it.
  static absl::StatusOr<std::unique_ptr<ArchiveWriter>> Open(
      int fd, const std::string& name, bool compressed);
  ~ArchiveWriter();

  absl::Status Add(const std::string& name, absl::string_view octets);
  // The member that `from` stands at, header and octets as they are.
  absl::Status Copy(ArchiveReader& from);
  // What was written is whole only after this.
  absl::Status Finish();

  // A tar with one member, without more padding than the format demands.
  static absl::StatusOr<std::string> OneMember(const std::string& name,
                                               absl::string_view octets);

 private:
  explicit ArchiveWriter(std::string name) : name_(std::move(name)) {}
  absl::Status Start(bool compressed);
  absl::Status Write(absl::string_view octets);
  absl::Status Failed() const;

  const std::string name_;
  archive* archive_ = nullptr;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_ARCHIVE_WRITER_H_
