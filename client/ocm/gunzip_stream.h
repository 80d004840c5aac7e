// Octets that may be gzip (RFC 1952), in pieces, handed on unpacked; what is
// not gzip is handed on as it is. Needs a fixed amount of memory, whatever
// comes. Called by artifact_set. Thread-compatible.
#ifndef COUNTERSIGN_CLIENT_OCM_GUNZIP_STREAM_H_
#define COUNTERSIGN_CLIENT_OCM_GUNZIP_STREAM_H_

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/oci/registry.h"

namespace countersign::client {

class GunzipStream {
 public:
  // More than this unpacked is refused: no artifact is so large, but a few
  // kilobytes can claim to be.
  static constexpr uint64_t kMaxUnpacked = uint64_t{64} << 30;

  explicit GunzipStream(BlobSink sink, uint64_t max_unpacked = kMaxUnpacked);
  ~GunzipStream();
  GunzipStream(const GunzipStream&) = delete;
  GunzipStream& operator=(const GunzipStream&) = delete;

  // INVALID_ARGUMENT (GZIP_UNREADABLE, GZIP_TOO_LARGE), or what the sink said.
  absl::Status Add(absl::string_view octets);
  // The end: nothing may be missing.
  absl::Status Finish();

 private:
  enum class Form { kUnknown, kPlain, kGzip };

  absl::Status Begin();
  absl::Status Inflate(absl::string_view octets);
  absl::Status HandOn(absl::string_view octets);

  const BlobSink sink_;
  const uint64_t max_unpacked_;
  Form form_ = Form::kUnknown;
  std::string head_;  // kUnknown: fewer than two octets
  std::unique_ptr<z_stream> zlib_;
  bool member_open_ = false;  // a gzip member has begun and not ended
  uint64_t unpacked_ = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_GUNZIP_STREAM_H_
