#include "storage/record.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/error.h"

namespace countersign::storage {
namespace {

constexpr size_t kCrcSize = 4;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
// In place of nanoseconds.
constexpr uint64_t kInfiniteFuture = kNanosPerSecond;
constexpr uint64_t kInfinitePast = kNanosPerSecond + 1;

std::string Crc(absl::string_view octets) {
  const uint32_t crc = base::Crc32c(octets);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(crc >> shift));
  }
  return out;
}

}  // namespace

RecordWriter::RecordWriter(uint8_t version) {
  out_.reserve(1024);
  out_.push_back(static_cast<char>(version));
}

void RecordWriter::Signed(int64_t value) {
  const uint64_t bits = static_cast<uint64_t>(value);
  Unsigned(value < 0 ? ~(bits << 1) : bits << 1);
}

void RecordWriter::Octets(absl::string_view octets) {
  Unsigned(octets.size());
  out_.append(octets.data(), octets.size());
}

void RecordWriter::Time(absl::Time time) { Duration(time - absl::UnixEpoch()); }

void RecordWriter::Duration(absl::Duration duration) {
  if (duration == absl::InfiniteDuration() ||
      duration == -absl::InfiniteDuration()) {
    Signed(0);
    Unsigned(duration > absl::ZeroDuration() ? kInfiniteFuture : kInfinitePast);
    return;
  }
  // Rounds down, as absl::Floor does in many times the time.
  const int64_t seconds = absl::ToUnixSeconds(absl::UnixEpoch() + duration);
  Signed(seconds);
  Unsigned(static_cast<uint64_t>(
      absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
}

std::string RecordWriter::Finish() && {
  out_ += Crc(out_);
  return std::move(out_);
}

RecordReader::RecordReader(absl::string_view record) {
  if (record.size() < 1 + kCrcSize) {
    Fail("too short");
    return;
  }
  const absl::string_view body = record.substr(0, record.size() - kCrcSize);
  if (Crc(body) != record.substr(body.size())) {
    Fail("checksum does not fit");
    return;
  }
  version_ = static_cast<uint8_t>(body[0]);
  rest_ = body.substr(1);
}

uint64_t RecordReader::Unsigned() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const uint64_t septet = static_cast<unsigned char>(rest_[i]) & 0x7f;
    if (i == 9 && septet > 1) break;
    value |= septet << (7 * i);
    if ((rest_[i] & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  Fail("number is cut off or too large");
  return 0;
}

int64_t RecordReader::Signed() {
  const uint64_t bits = Unsigned();
  return static_cast<int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

bool RecordReader::Bool() {
  const uint64_t value = Unsigned();
  if (value > 1) Fail("truth value out of range");
  return value == 1;
}

std::string RecordReader::Octets() {
  const size_t size = Count();
  std::string out(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return out;
}

size_t RecordReader::Count() {
  const uint64_t count = Unsigned();
  if (count <= rest_.size()) return static_cast<size_t>(count);
  Fail("more is announced than is there");
  return 0;
}

absl::Time RecordReader::Time() { return absl::UnixEpoch() + Duration(); }

absl::Duration RecordReader::Duration() {
  const int64_t seconds = Signed();
  const uint64_t nanos = Unsigned();
  if (nanos == kInfiniteFuture) return absl::InfiniteDuration();
  if (nanos == kInfinitePast) return -absl::InfiniteDuration();
  if (nanos > kInfinitePast) Fail("time out of range");
  if (!ok()) return absl::ZeroDuration();
  return absl::Seconds(seconds) +
         absl::Nanoseconds(static_cast<int64_t>(nanos));
}

void RecordReader::Fail(const char* why) {
  if (failure_ == nullptr) failure_ = why;
  rest_ = "";
}

absl::Status RecordReader::Finish() const {
  const char* why = failure_;
  if (why == nullptr && !rest_.empty()) why = "something is left over";
  if (why == nullptr) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInternal,
                         absl::StrCat("a stored value is damaged: ", why),
                         {"BAD_RECORD", {}, {}, {}, {}});
}

}  // namespace countersign::storage
