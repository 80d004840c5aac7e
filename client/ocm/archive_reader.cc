#include "client/ocm/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
// The longest that an OCM tool writes is "blobs/sha512." and 128 digits.
constexpr size_t kMaxNameBytes = 255;
// Octets that a member may take beside its own: header, extended header with
// names and times, padding.
constexpr uint64_t kMaxOverhead = 8192;
// "none" and gzip. More would be gzip in gzip, whose inner size nothing bounds.
constexpr int kMaxFilters = 2;

// Empty where the name could mean a place outside a folder, or two places.
std::string PlainName(absl::string_view name) {
  // What "tar -C FOLDER -c ." begins with.
  if (name == "." || name == "./") return ".";
  while (absl::ConsumePrefix(&name, "./")) {
  }
  absl::ConsumeSuffix(&name, "/");
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (part.empty() || part == "." || part == "..") return "";
  }
  return name.size() > kMaxNameBytes || absl::StrContains(name, '\\')
             ? std::string()
             : std::string(name);
}

const char* KindOf(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return "a hard link";
  switch (archive_entry_filetype(entry)) {
    case AE_IFLNK:
      return "a symbolic link";
    case AE_IFCHR:
    case AE_IFBLK:
      return "a device";
    case AE_IFIFO:
      return "a pipe";
    case AE_IFREG:
    case AE_IFDIR:
      return nullptr;
    default:
      return "of an unknown type";
  }
}

}  // namespace

ArchiveReader::~ArchiveReader() {
  if (archive_ != nullptr) archive_read_free(archive_);
}

absl::Status ArchiveReader::Failed(absl::string_view reason,
                                   absl::string_view what) const {
  return BadInput(reason, absl::StrCat(name_, ": ", what));
}

absl::Status ArchiveReader::LibraryFailed() const {
  const char* text = archive_error_string(archive_);
  return Failed("ARCHIVE_INVALID",
                absl::StrCat("is no whole tar or tgz: ",
                             Quoted(text == nullptr ? "damaged" : text)));
}

absl::Status ArchiveReader::Start() {
  archive_ = archive_read_new();
  if (archive_ == nullptr || archive_read_support_format_tar(archive_) != 0 ||
      (limits_.compressed && archive_read_support_filter_gzip(archive_) != 0)) {
    return absl::InternalError("libarchive reads no tar or no gzip");
  }
  return absl::OkStatus();
}

absl::Status ArchiveReader::CheckFilters() {
  const int filters = archive_filter_count(archive_);
  if (filters > kMaxFilters) {
    return Failed("ARCHIVE_UNSAFE", "is compressed more than once");
  }
  compressed_ = filters == kMaxFilters;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ArchiveReader>> ArchiveReader::Open(
    int fd, const std::string& name, const ArchiveLimits& limits) {
  std::unique_ptr<ArchiveReader> reader(new ArchiveReader(name, limits));
  RETURN_IF_ERROR(reader->Start());
  if (lseek(fd, 0, SEEK_SET) != 0) {
    return reader->Failed("ARCHIVE_INVALID", "is no regular file");
  }
  if (archive_read_open_fd(reader->archive_, fd, kBlockBytes) != ARCHIVE_OK) {
    return reader->LibraryFailed();
  }
  RETURN_IF_ERROR(reader->CheckFilters());
  return reader;
}

absl::StatusOr<std::unique_ptr<ArchiveReader>> ArchiveReader::OpenMemory(
    absl::string_view octets, const ArchiveLimits& limits) {
  std::unique_ptr<ArchiveReader> reader(new ArchiveReader("tar", limits));
  RETURN_IF_ERROR(reader->Start());
  if (archive_read_open_memory(reader->archive_, octets.data(),
                               octets.size()) != ARCHIVE_OK) {
    return reader->LibraryFailed();
  }
  RETURN_IF_ERROR(reader->CheckFilters());
  return reader;
}

absl::StatusOr<ArchiveMember> ArchiveReader::CheckMember() {
  const char* raw = archive_entry_pathname(entry_);
  const std::string shown = Quoted(raw == nullptr ? "" : raw);
  ArchiveMember member;
  member.name = PlainName(raw == nullptr ? "" : raw);
  if (member.name.empty()) {
    return Failed(
        "ARCHIVE_UNSAFE",
        absl::StrCat("has a member ", shown,
                     ", a name that leads out of a folder or has more "
                     "than 255 octets"));
  }
  if (const char* kind = KindOf(entry_)) {
    return Failed("ARCHIVE_UNSAFE", absl::StrCat("its member ", shown, " is ",
                                                 kind, ", not a file"));
  }
  const la_int64_t size = archive_entry_size(entry_);
  if (archive_entry_sparse_count(entry_) > 0 || size < 0) {
    return Failed("ARCHIVE_UNSAFE",
                  absl::StrCat("its member ", shown, " is a sparse file"));
  }
  member.is_directory = archive_entry_filetype(entry_) == AE_IFDIR;
  member.size = member.is_directory ? 0 : static_cast<uint64_t>(size);
  member.offset = static_cast<uint64_t>(archive_filter_bytes(archive_, 0));
  if (!names_.insert(member.name).second) {
    return Failed("ARCHIVE_UNSAFE", absl::StrCat("has two members ", shown));
  }
  if (names_.size() > limits_.max_entries) {
    return Failed(
        "ARCHIVE_TOO_LARGE",
        absl::StrCat("has more than ", limits_.max_entries, " members"));
  }
  // The position tells of headers too, which may be large as well.
  if (member.size > limits_.max_total_bytes - total_ ||
      member.offset > limits_.max_total_bytes + names_.size() * kMaxOverhead) {
    return Failed("ARCHIVE_TOO_LARGE",
                  absl::StrCat("has more than ", limits_.max_total_bytes,
                               " octets, unpacked"));
  }
  total_ += member.size;
  size_ = member.size;
  return member;
}

absl::StatusOr<std::optional<ArchiveMember>> ArchiveReader::Next() {
  const int result = archive_read_next_header(archive_, &entry_);
  if (result == ARCHIVE_EOF) return std::optional<ArchiveMember>();
  // A warning is a header that could not be read as it was meant.
  if (result != ARCHIVE_OK) return LibraryFailed();
  // The format is known only now; the first gzip layer may have held another.
  RETURN_IF_ERROR(CheckFilters());
  ASSIGN_OR_RETURN(ArchiveMember member, CheckMember());
  return std::optional<ArchiveMember>(std::move(member));
}

absl::Status ArchiveReader::Read(const BlobSink& sink) {
  uint64_t done = 0;
  while (true) {
    const void* block = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    const int result =
        archive_read_data_block(archive_, &block, &size, &offset);
    if (result == ARCHIVE_EOF) break;
    if (result != ARCHIVE_OK) return LibraryFailed();
    if (static_cast<uint64_t>(offset) != done || size > size_ - done) {
      return Failed("ARCHIVE_UNSAFE", "has a member with holes");
    }
    done += size;
    RETURN_IF_ERROR(
        sink(absl::string_view(static_cast<const char*>(block), size)));
  }
  if (done == size_) return absl::OkStatus();
  return Failed("ARCHIVE_INVALID", "ends in the middle of a member");
}

}  // namespace countersign::client
