#include "client/ocm/ctf_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/artifact_index.h"
#include "client/ocm/blob_files.h"
#include "client/ocm/file_octets.h"

namespace countersign::client {
namespace {

absl::Status AsIo(const absl::Status& status) {
  if (status.ok()) return status;
  return ArtifactError(status.code(), "REPOSITORY_IO", status.message());
}

}  // namespace

absl::StatusOr<std::unique_ptr<CtfStorage>> CtfDirectory::Open(
    const std::string& path) {
  std::unique_ptr<CtfDirectory> directory(new CtfDirectory(path));
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    return directory->FileFailed("open", errno);
  }
  RETURN_IF_ERROR(directory->ReadIndex().status());
  return absl::StatusOr<std::unique_ptr<CtfStorage>>(std::move(directory));
}

absl::StatusOr<std::string> CtfDirectory::ReadIndex() {
  auto file = OpenRegularFile(PathOf(kArtifactIndexName));
  if (absl::IsNotFound(file.status())) {
    return NotACtf("it has no artifact-index.json");
  }
  RETURN_IF_ERROR(file.status());
  if (file->size > kMaxArtifactIndexBytes) {
    return NotACtf(absl::StrCat("its artifact-index.json has ", file->size,
                                " octets, more than the ",
                                kMaxArtifactIndexBytes, " that are read"));
  }
  std::string text;
  RETURN_IF_ERROR(
      ReadOctets(*file, 0, file->size, [&](absl::string_view piece) {
        absl::StrAppend(&text, piece);
        return absl::OkStatus();
      }));
  return text;
}

absl::Status CtfDirectory::ReadBlob(const std::string& digest,
                                    const BlobSink& sink) {
  const auto file = OpenRegularFile(PathOf(CtfBlobName(digest)));
  if (absl::IsNotFound(file.status())) return BlobMissing(digest);
  RETURN_IF_ERROR(file.status());
  return CheckedBlob(path_, digest, sink, [&](const BlobSink& checked) {
    return ReadOctets(*file, 0, file->size, checked);
  });
}

absl::Status CtfDirectory::PutBlobs(
    const std::vector<std::string>& blobs) const {
  std::vector<BlobFile> files;
  for (const std::string& bytes : blobs) {
    files.push_back({PathOf(CtfBlobName(OciDigestOf(bytes))), bytes});
  }
  return AsIo(WriteBlobFiles(files));
}

absl::Status CtfDirectory::Replace(const std::string& old_index,
                                   const std::string& new_index,
                                   const std::vector<std::string>& blobs) {
  const int fd = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileFailed("open", errno);
  const absl::Cleanup closer = [fd] { close(fd); };
  // A file system without locks still has the comparison below.
  while (flock(fd, LOCK_EX) != 0 && errno == EINTR) {
  }
  ASSIGN_OR_RETURN(const std::string index, ReadIndex());
  if (index != old_index) return Changed();
  if (mkdir(PathOf("blobs").c_str(), 0755) != 0 && errno != EEXIST) {
    return FileFailed("make blobs/", errno);
  }
  RETURN_IF_ERROR(PutBlobs(blobs));
  return AsIo(base::WriteFileAtomically(PathOf(kArtifactIndexName), new_index));
}

}  // namespace countersign::client
