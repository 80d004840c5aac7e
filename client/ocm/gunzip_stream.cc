#include "client/ocm/gunzip_stream.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr size_t kPiece = 64 << 10;
// zlib.h: 15 bits of window, and 16 for "gzip only".
constexpr int kGzipWindow = 15 + 16;

absl::Status Unreadable(const char* why) {
  return BadInput("GZIP_UNREADABLE", absl::StrCat("broken gzip: ", why));
}

}  // namespace

GunzipStream::GunzipStream(BlobSink sink, uint64_t max_unpacked)
    : sink_(std::move(sink)), max_unpacked_(max_unpacked) {}

GunzipStream::~GunzipStream() {
  if (zlib_ != nullptr) inflateEnd(zlib_.get());
}

absl::Status GunzipStream::Begin() {
  if (head_.size() < 2) return absl::OkStatus();
  const bool gzip = head_[0] == '\x1f' && head_[1] == '\x8b';
  form_ = gzip ? Form::kGzip : Form::kPlain;
  if (gzip) {
    auto zlib = std::make_unique<z_stream>();
    if (inflateInit2(zlib.get(), kGzipWindow) != Z_OK) {
      return Unreadable("zlib does not start");
    }
    zlib_ = std::move(zlib);
  }
  const std::string head = std::exchange(head_, "");
  return gzip ? Inflate(head) : HandOn(head);
}

absl::Status GunzipStream::Add(absl::string_view octets) {
  switch (form_) {
    case Form::kUnknown:
      absl::StrAppend(&head_, octets);
      return Begin();
    case Form::kPlain:
      return HandOn(octets);
    case Form::kGzip:
      return Inflate(octets);
  }
  return absl::OkStatus();
}

absl::Status GunzipStream::Inflate(absl::string_view octets) {
  std::array<char, kPiece> out;
  zlib_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  zlib_->avail_in = static_cast<uInt>(octets.size());
  do {
    if (!member_open_ && zlib_->avail_in > 0) {
      // The first member, or one behind the other (RFC 1952 2.2).
      if (inflateReset(zlib_.get()) != Z_OK) return Unreadable("reset");
      member_open_ = true;
    }
    zlib_->next_out = reinterpret_cast<Bytef*>(out.data());
    zlib_->avail_out = static_cast<uInt>(out.size());
    const int result = inflate(zlib_.get(), Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return Unreadable(zlib_->msg == nullptr ? "" : zlib_->msg);
    }
    if (result == Z_STREAM_END) member_open_ = false;
    RETURN_IF_ERROR(
        HandOn(absl::string_view(out.data(), out.size() - zlib_->avail_out)));
  } while (zlib_->avail_in > 0 || (member_open_ && zlib_->avail_out == 0));
  return absl::OkStatus();
}

absl::Status GunzipStream::HandOn(absl::string_view octets) {
  if (octets.empty()) return absl::OkStatus();
  unpacked_ += octets.size();
  if (unpacked_ > max_unpacked_) {
    return BadInput("GZIP_TOO_LARGE", absl::StrCat("unpacked it has more than ",
                                                   max_unpacked_, " octets"));
  }
  return sink_(octets);
}

absl::Status GunzipStream::Finish() {
  if (form_ == Form::kUnknown) {
    form_ = Form::kPlain;
    return HandOn(head_);
  }
  return member_open_ ? Unreadable("it ends too early") : absl::OkStatus();
}

}  // namespace countersign::client
