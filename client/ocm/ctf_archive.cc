#include "client/ocm/ctf_archive.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/archive_writer.h"
#include "client/ocm/artifact_index.h"

namespace countersign::client {
namespace {

constexpr char kBlobs[] = "blobs/";

bool IsSameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
         a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Where links lead: the file itself is to be replaced, not a link to it.
std::string RealPath(const std::string& path) {
  char* const real = realpath(path.c_str(), nullptr);
  const absl::Cleanup release = [real] { free(real); };
  return real == nullptr ? path : std::string(real);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CtfStorage>> CtfArchive::Open(
    const std::string& path, const CtfArchiveOptions& options) {
  std::unique_ptr<CtfArchive> archive(new CtfArchive(path, options));
  RETURN_IF_ERROR(archive->Refresh());
  return absl::StatusOr<std::unique_ptr<CtfStorage>>(std::move(archive));
}

absl::Status CtfArchive::Refresh() {
  ASSIGN_OR_RETURN(contents_, Load());
  return absl::OkStatus();
}

absl::StatusOr<CtfArchive::Contents> CtfArchive::Load() const {
  Contents contents;
  auto file = OpenRegularFile(path_);
  if (absl::IsNotFound(file.status())) return FileFailed("open", ENOENT);
  RETURN_IF_ERROR(file.status());
  contents.archive = *std::move(file);
  ASSIGN_OR_RETURN(
      const auto reader,
      ArchiveReader::Open(contents.archive.fd, path_, options_.limits));
  contents.compressed = reader->compressed();
  if (contents.compressed) {
    ASSIGN_OR_RETURN(contents.spool, OpenNamelessFile(options_.spool_folder));
  }
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<ArchiveMember> member, reader->Next());
    if (!member.has_value()) break;
    if (member->is_directory) continue;
    if (member->name == kArtifactIndexName) {
      RETURN_IF_ERROR(TakeIndex(*reader, *member, contents));
    } else if (absl::StartsWith(member->name, kBlobs)) {
      RETURN_IF_ERROR(TakeBlob(*reader, *member, contents));
    }
  }
  if (!contents.has_index) return NotACtf("it has no artifact-index.json");
  return contents;
}

absl::Status CtfArchive::TakeIndex(ArchiveReader& reader,
                                   const ArchiveMember& member,
                                   Contents& contents) const {
  if (member.size > kMaxArtifactIndexBytes) {
    return NotACtf(absl::StrCat("its artifact-index.json has ", member.size,
                                " octets, more than the ",
                                kMaxArtifactIndexBytes, " that are read"));
  }
  contents.has_index = true;
  return reader.Read([&contents](absl::string_view piece) {
    absl::StrAppend(&contents.index, piece);
    return absl::OkStatus();
  });
}

absl::Status CtfArchive::TakeBlob(ArchiveReader& reader,
                                  const ArchiveMember& member,
                                  Contents& contents) const {
  Place place{member.offset, member.size};
  if (contents.compressed) {
    place.offset = contents.spool.size;
    RETURN_IF_ERROR(reader.Read([&contents](absl::string_view piece) {
      return AppendOctets(contents.spool, piece);
    }));
  } else if (member.size > contents.archive.size ||
             member.offset > contents.archive.size - member.size) {
    return BadInput(
        "ARCHIVE_INVALID",
        absl::StrCat(path_, " ends in the middle of ", Quoted(member.name)));
  }
  contents.blobs.emplace(member.name, place);
  return absl::OkStatus();
}

absl::Status CtfArchive::ReadBlob(const std::string& digest,
                                  const BlobSink& sink) {
  const auto found = contents_.blobs.find(CtfBlobName(digest));
  if (found == contents_.blobs.end()) return BlobMissing(digest);
  const OpenFile& file =
      contents_.compressed ? contents_.spool : contents_.archive;
  const Place place = found->second;
  return CheckedBlob(path_, digest, sink, [&](const BlobSink& checked) {
    return ReadOctets(file, place.offset, place.size, checked);
  });
}

bool CtfArchive::IsUnchanged() const {
  struct stat named = {};
  struct stat open = {};
  return stat(path_.c_str(), &named) == 0 &&
         fstat(contents_.archive.fd, &open) == 0 &&
         IsSameFile(named, contents_.archive.info) &&
         IsSameFile(open, contents_.archive.info);
}

absl::Status CtfArchive::WriteCopy(
    int fd, const std::string& new_index,
    const std::vector<std::string>& blobs) const {
  ASSIGN_OR_RETURN(const auto writer,
                   ArchiveWriter::Open(fd, path_, contents_.compressed));
  RETURN_IF_ERROR(writer->Add(kArtifactIndexName, new_index));
  ASSIGN_OR_RETURN(
      const auto reader,
      ArchiveReader::Open(contents_.archive.fd, path_, options_.limits));
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<ArchiveMember> member, reader->Next());
    if (!member.has_value()) break;
    if (member->name == kArtifactIndexName) continue;
    RETURN_IF_ERROR(writer->Copy(*reader));
  }
  std::map<std::string, const std::string*> added;
  for (const std::string& bytes : blobs) {
    const std::string name = CtfBlobName(OciDigestOf(bytes));
    if (contents_.blobs.count(name) == 0) added.emplace(name, &bytes);
  }
  for (const auto& [name, bytes] : added) {
    RETURN_IF_ERROR(writer->Add(name, *bytes));
  }
  return writer->Finish();
}

absl::Status CtfArchive::Replace(const std::string& old_index,
                                 const std::string& new_index,
                                 const std::vector<std::string>& blobs) {
  // A file system without locks still has the comparisons. Who waited for the
  // lock holds it on the file that was replaced, and sees that.
  while (flock(contents_.archive.fd, LOCK_EX) != 0 && errno == EINTR) {
  }
  if (!IsUnchanged() || contents_.index != old_index) return Changed();
  const std::string target = RealPath(path_);
  std::string beside = absl::StrCat(target, ".XXXXXX");
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return FileFailed("write beside it", errno);
  absl::Cleanup remove = [&beside] { unlink(beside.c_str()); };
  absl::Cleanup closer = [fd] { close(fd); };
  RETURN_IF_ERROR(WriteCopy(fd, new_index, blobs));
  const struct stat& old = contents_.archive.info;
  // Only root may give files away; without that it is the writer's.
  if (fchown(fd, old.st_uid, old.st_gid) != 0 && errno != EPERM) {
    return FileFailed("keep its owner", errno);
  }
  if (fchmod(fd, old.st_mode & 07777) != 0) {
    return FileFailed("keep its mode", errno);
  }
  if (fsync(fd) != 0) return FileFailed("fsync", errno);
  if (!IsUnchanged()) return Changed();
  if (rename(beside.c_str(), target.c_str()) != 0) {
    return FileFailed("rename", errno);
  }
  std::move(remove).Cancel();
  RETURN_IF_ERROR(SyncFolderOf(target));
  return Refresh();
}

}  // namespace countersign::client
