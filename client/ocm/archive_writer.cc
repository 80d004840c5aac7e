#include "client/ocm/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

// 2022-01-01T00:00:00Z, the time of every member that the OCM tools write.
constexpr time_t kTime = 1640995200;
constexpr int kMode = 0644;

la_ssize_t AppendTo(archive*, void* text, const void* octets, size_t size) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(octets),
                                          size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

ArchiveWriter::~ArchiveWriter() {
  if (archive_ != nullptr) archive_write_free(archive_);
}

absl::Status ArchiveWriter::Failed() const {
  const char* text = archive_error_string(archive_);
  return ArtifactError(
      absl::StatusCode::kUnknown, "ARCHIVE_NOT_WRITTEN",
      absl::StrCat(name_, ": cannot be written: ",
                   Quoted(text == nullptr ? "no reason given" : text)));
}

absl::Status ArchiveWriter::Start(bool compressed) {
  archive_ = archive_write_new();
  // Restricted: extended headers only for what no plain one can say. One block
  // at the end: as Go writes it, not as tape drives wanted it.
  if (archive_ == nullptr ||
      archive_write_set_format_pax_restricted(archive_) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(archive_, 1) != ARCHIVE_OK) {
    return absl::InternalError("libarchive writes no tar");
  }
  if (!compressed) return absl::OkStatus();
  if (archive_write_add_filter_gzip(archive_) != ARCHIVE_OK ||
      archive_write_set_filter_option(archive_, "gzip", "timestamp", nullptr) !=
          ARCHIVE_OK) {
    return absl::InternalError("libarchive writes no gzip");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Open(
    int fd, const std::string& name, bool compressed) {
  std::unique_ptr<ArchiveWriter> writer(new ArchiveWriter(name));
  RETURN_IF_ERROR(writer->Start(compressed));
  if (archive_write_open_fd(writer->archive_, fd) != ARCHIVE_OK) {
    return writer->Failed();
  }
  return writer;
}

absl::Status ArchiveWriter::Write(absl::string_view octets) {
  while (!octets.empty()) {
    const la_ssize_t done =
        archive_write_data(archive_, octets.data(), octets.size());
    if (done <= 0) return Failed();
    octets.remove_prefix(static_cast<size_t>(done));
  }
  return absl::OkStatus();
}

absl::Status ArchiveWriter::Add(const std::string& name,
                                absl::string_view octets) {
  archive_entry* const entry = archive_entry_new();
  const absl::Cleanup release = [entry] { archive_entry_free(entry); };
  archive_entry_set_pathname(entry, name.c_str());
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, kMode);
  archive_entry_set_mtime(entry, kTime, 0);
  archive_entry_set_size(entry, static_cast<la_int64_t>(octets.size()));
  if (archive_write_header(archive_, entry) != ARCHIVE_OK) return Failed();
  return Write(octets);
}

absl::Status ArchiveWriter::Copy(ArchiveReader& from) {
  if (archive_write_header(archive_, from.entry()) != ARCHIVE_OK) {
    return Failed();
  }
  return from.Read([this](absl::string_view octets) { return Write(octets); });
}

absl::Status ArchiveWriter::Finish() {
  return archive_write_close(archive_) == ARCHIVE_OK ? absl::OkStatus()
                                                     : Failed();
}

absl::StatusOr<std::string> ArchiveWriter::OneMember(const std::string& name,
                                                     absl::string_view octets) {
  std::string text;
  std::unique_ptr<ArchiveWriter> writer(new ArchiveWriter(name));
  RETURN_IF_ERROR(writer->Start(/*compressed=*/false));
  if (archive_write_open(writer->archive_, &text, nullptr, AppendTo, nullptr) !=
      ARCHIVE_OK) {
    return writer->Failed();
  }
  RETURN_IF_ERROR(writer->Add(name, octets));
  RETURN_IF_ERROR(writer->Finish());
  return text;
}

}  // namespace countersign::client
