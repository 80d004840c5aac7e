#include "client/cli/upload_progress.h"

#include <cstdint>
#include <ostream>

#include "absl/strings/str_cat.h"

namespace countersign::client {
namespace {

constexpr uint64_t kStep = 8 << 20;
// "Erase to the end of the line" (ECMA-48 8.3.41), after a carriage return.
constexpr char kWipe[] = "\r\x1b[K";
// Of "sha256:" and its digits.
constexpr size_t kShownDigest = 19;

}  // namespace

std::function<void(const BlobTransfer&)> UploadProgress(Session& session) {
  if (!session.console().interactive || session.json()) return {};
  return [&session, told = uint64_t{0}](const BlobTransfer& transfer) mutable {
    if (!transfer.upload || !transfer.total.has_value()) return;
    std::ostream& err = session.console().err;
    if (transfer.done == *transfer.total) {
      if (told > 0) err << kWipe << std::flush;
      told = 0;
      return;
    }
    if (transfer.done < told) told = 0;  // the one before was broken off
    if (transfer.done < told + kStep) return;
    told = transfer.done;
    err << absl::StrCat(
               kWipe, "uploading ", transfer.digest.substr(0, kShownDigest),
               ": ", transfer.done >> 20, " of ", *transfer.total >> 20, " MiB")
        << std::flush;
  };
}

}  // namespace countersign::client
