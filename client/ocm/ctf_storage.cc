#include "client/ocm/ctf_storage.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry_error.h"

namespace countersign::client {

std::string CtfBlobName(absl::string_view digest) {
  return absl::StrCat("blobs/", absl::StrReplaceAll(digest, {{":", "."}}));
}

absl::StatusOr<std::string> CtfStorage::GetBlob(const std::string& digest,
                                                size_t max_bytes) {
  std::string bytes;
  RETURN_IF_ERROR(ReadBlob(digest, [&](absl::string_view piece) {
    if (piece.size() > max_bytes - bytes.size()) {
      return BlobTooLarge(Name(), digest, max_bytes);
    }
    absl::StrAppend(&bytes, piece);
    return absl::OkStatus();
  }));
  return bytes;
}

absl::Status CtfStorage::FileFailed(absl::string_view call, int error) const {
  if (error == ENOENT || error == ENOTDIR) {
    return ArtifactError(
        absl::StatusCode::kNotFound, "REPOSITORY_UNKNOWN",
        absl::StrCat(Name(), ": there is no such directory or archive"));
  }
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return ArtifactError(
      denied ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kUnknown,
      denied ? "REPOSITORY_DENIED" : "REPOSITORY_IO",
      absl::StrCat(Name(), ": ", call, ": ", std::strerror(error)));
}

absl::Status CtfStorage::BlobMissing(const std::string& digest) const {
  return BlobUnknown(Name(), digest);
}

absl::Status CtfStorage::NotACtf(absl::string_view why) const {
  return BadInput("NOT_A_CTF",
                  absl::StrCat(Name(),
                               " is no CTF (a directory, tar or tgz "
                               "with artifact-index.json and blobs/): ",
                               why));
}

absl::Status CtfStorage::Changed() const {
  return ArtifactError(absl::StatusCode::kAborted, "CTF_CHANGED",
                       absl::StrCat(Name(),
                                    ": somebody else wrote it "
                                    "meanwhile; run the command again"));
}

absl::Status CheckedBlob(
    absl::string_view where, const std::string& digest, const BlobSink& sink,
    const std::function<absl::Status(const BlobSink&)>& read) {
  DigestStream stream(digest);
  RETURN_IF_ERROR(read([&](absl::string_view piece) {
    stream.Update(piece);
    return sink(piece);
  }));
  const std::string got = stream.Finish();
  if (got == digest) return absl::OkStatus();
  return DigestMismatch(where, digest, got);
}

}  // namespace countersign::client
