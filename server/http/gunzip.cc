#include "server/http/gunzip.h"

#include <array>
#include <boost/beast/zlib/error.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>
#include <cstdint>

#include "absl/status/status.h"
#include "base/status_macros.h"

namespace countersign::server {
namespace {

constexpr size_t kFixedHeader = 10;
constexpr size_t kTrailer = 8;
// RFC 1952 2.3.1.
constexpr uint8_t kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16;

absl::Status Bad(const char* what) { return absl::InvalidArgumentError(what); }

uint8_t Octet(absl::string_view text, size_t at) {
  return static_cast<uint8_t>(text[at]);
}

// Least significant octet first (RFC 1952 2.1).
uint32_t Word(absl::string_view text) {
  return Octet(text, 0) | Octet(text, 1) << 8 | Octet(text, 2) << 16 |
         static_cast<uint32_t>(Octet(text, 3)) << 24;
}

// RFC 1952 8, bit by bit: a few hundred octets at most.
uint32_t Crc32(absl::string_view octets) {
  uint32_t crc = 0xffffffff;
  for (const char c : octets) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
  }
  return ~crc;
}

// What is behind the header.
absl::StatusOr<absl::string_view> SkipHeader(absl::string_view file) {
  if (file.size() < kFixedHeader + kTrailer || Octet(file, 0) != 0x1f ||
      Octet(file, 1) != 0x8b || Octet(file, 2) != 8) {
    return Bad("it does not begin like a gzip file");
  }
  const uint8_t flags = Octet(file, 3);
  file.remove_prefix(kFixedHeader);
  if ((flags & kExtra) != 0) {
    if (file.size() < 2) return Bad("it ends inside its header");
    const size_t size = 2 + (Octet(file, 0) | Octet(file, 1) << 8);
    if (file.size() < size) return Bad("it ends inside its header");
    file.remove_prefix(size);
  }
  for (const uint8_t text : {kName, kComment}) {
    if ((flags & text) == 0) continue;
    const size_t end = file.find('\0');
    if (end == absl::string_view::npos) return Bad("it ends inside its header");
    file.remove_prefix(end + 1);
  }
  const size_t checksum = (flags & kHeaderCrc) != 0 ? 2 : 0;
  if (file.size() < checksum + kTrailer) {
    return Bad("it ends inside its header");
  }
  file.remove_prefix(checksum);
  return file;
}

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view file, size_t max_bytes) {
  ASSIGN_OR_RETURN(const absl::string_view packed, SkipHeader(file));
  // By its place, and left where it is: the stream reads some octets ahead.
  const absl::string_view trailer = packed.substr(packed.size() - kTrailer);
  // One more: only with room left does it notice the end.
  std::string out(max_bytes + 1, '\0');
  boost::beast::zlib::z_params params;
  params.next_in = packed.data();
  params.avail_in = packed.size();
  params.next_out = out.data();
  params.avail_out = out.size();
  boost::beast::zlib::inflate_stream inflate;
  boost::beast::error_code error;
  inflate.write(params, boost::beast::zlib::Flush::sync, error);
  if (error != boost::beast::zlib::error::end_of_stream) {
    return Bad(params.avail_out == 0 ? "it is too large unpacked"
                                     : "it is damaged or cut off");
  }
  if (params.avail_out == 0) return Bad("it is too large unpacked");
  out.resize(params.total_out);
  if (Word(trailer) != Crc32(out) || Word(trailer.substr(4)) != out.size()) {
    return Bad("its checksum does not fit, or more follows it");
  }
  return out;
}

}  // namespace countersign::server
