#include "client/ocm/blob_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/ocm/file_octets.h"

namespace countersign::client {
namespace {

// The name that it has for now. What it holds is on its way to the disk.
absl::StatusOr<std::string> WriteBeside(const BlobFile& file) {
  std::string beside = absl::StrCat(file.path, ".XXXXXX");
  OpenFile out(mkostemp(beside.data(), O_CLOEXEC), file.path);
  if (out.fd < 0) return FileError(file.path, errno);
  absl::Cleanup remove = [&beside] { unlink(beside.c_str()); };
  RETURN_IF_ERROR(AppendOctets(out, file.octets));
  if (fchmod(out.fd, 0644) != 0) return FileError(file.path, errno);
  // Only a hint: fsync is what counts, and then waits for little.
  sync_file_range(out.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  std::move(remove).Cancel();
  return beside;
}

absl::Status Sync(const std::string& path) {
  const OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC), path);
  if (file.fd < 0 || fsync(file.fd) != 0) return FileError(path, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteBlobFiles(const std::vector<BlobFile>& files) {
  if (files.empty()) return absl::OkStatus();
  std::vector<std::string> beside;
  // Those that were not renamed; the others have no such name any more.
  const absl::Cleanup remove = [&beside] {
    for (const std::string& path : beside) unlink(path.c_str());
  };
  for (const BlobFile& file : files) {
    ASSIGN_OR_RETURN(std::string path, WriteBeside(file));
    beside.push_back(std::move(path));
  }
  for (const std::string& path : beside) RETURN_IF_ERROR(Sync(path));
  for (size_t i = 0; i < files.size(); ++i) {
    if (rename(beside[i].c_str(), files[i].path.c_str()) != 0) {
      return FileError(files[i].path, errno);
    }
  }
  return SyncFolderOf(files[0].path);
}

}  // namespace countersign::client
