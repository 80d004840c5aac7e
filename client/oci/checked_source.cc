#include "client/oci/checked_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/oci/registry_error.h"

namespace countersign::client {

CheckedSource::CheckedSource(std::string where, std::string digest,
                             uint64_t size, const BlobSource& source)
    : where_(std::move(where)),
      digest_(std::move(digest)),
      size_(size),
      source_(source),
      hash_(digest_) {}

absl::StatusOr<std::string> CheckedSource::Next(size_t room) {
  const uint64_t left = size_ - done_;
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(room, left));
  if (wanted == 0) return std::string();
  ASSIGN_OR_RETURN(std::string piece, source_(wanted));
  if (piece.empty()) {
    return BlobSizeWrong(
        where_, digest_,
        absl::StrCat("ended after ", done_, " of ", size_, " octets"));
  }
  if (piece.size() > wanted) {
    return BlobSizeWrong(where_, digest_, "gave more than it was asked for");
  }
  hash_.Update(piece);
  done_ += piece.size();
  if (done_ == size_) RETURN_IF_ERROR(CheckEnd());
  return piece;
}

absl::Status CheckedSource::CheckEnd() {
  ASSIGN_OR_RETURN(const std::string more, source_(1));
  if (!more.empty()) {
    return BlobSizeWrong(
        where_, digest_,
        absl::StrCat("goes on after the ", size_, " octets that were said"));
  }
  const std::string got = hash_.Finish();
  if (got != digest_) return DigestMismatch(where_, digest_, got);
  return absl::OkStatus();
}

}  // namespace countersign::client
