#include "client/ocm/tar_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kMaxSpecial = 64 << 10;
// No file is larger; keeps sums of sizes within 64 bits.
constexpr uint64_t kMaxSize = uint64_t{1} << 50;

absl::Status Unreadable(absl::string_view why) {
  return BadInput("TAR_UNREADABLE", absl::StrCat("no tar archive: ", why));
}

// A text field ends at the first NUL.
absl::string_view Text(absl::string_view field) {
  return field.substr(0, field.find('\0'));
}

// Octal digits with blanks or NULs around, or GNU's base 256.
absl::StatusOr<uint64_t> Number(absl::string_view field) {
  uint64_t value = 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) {
    for (size_t i = 1; i < field.size(); ++i) {
      if (value > kMaxSize) return Unreadable("a number is too large");
      value = value << 8 | static_cast<unsigned char>(field[i]);
    }
  } else {
    for (const char c : field) {
      if (c == ' ' && value == 0) continue;
      if (c == ' ' || c == '\0') break;
      if (c < '0' || c > '7') return Unreadable("a number is none");
      value = value << 3 | static_cast<uint64_t>(c - '0');
    }
  }
  if (value > kMaxSize) return Unreadable("a number is too large");
  return value;
}

// The sum of all octets, those of the field itself as blanks.
bool ChecksumFits(absl::string_view header) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
  }
  const auto said = Number(header.substr(148, 8));
  return said.ok() && *said == sum;
}

std::string NameOf(absl::string_view header) {
  const absl::string_view name = Text(header.substr(0, 100));
  const absl::string_view prefix = Text(header.substr(345, 155));
  const bool ustar = header.substr(257, 6) == absl::string_view("ustar\0", 6);
  if (!ustar || prefix.empty()) return std::string(name);
  return absl::StrCat(prefix, "/", name);
}

std::string WithoutDot(std::string name) {
  while (absl::StartsWith(name, "./")) name.erase(0, 2);
  return name;
}

}  // namespace

absl::Status TarStream::Add(absl::string_view octets) {
  while (!octets.empty()) {
    if (zero_blocks_ >= 2) return absl::OkStatus();
    if (in_body_ && body_left_ > 0) {
      const size_t take = std::min<uint64_t>(octets.size(), body_left_);
      if (what_ == What::kFile) {
        RETURN_IF_ERROR(visitor_.Data(octets.substr(0, take)));
      } else if (what_ != What::kSkipped) {
        absl::StrAppend(&special_, octets.substr(0, take));
      }
      body_left_ -= take;
      octets.remove_prefix(take);
      if (body_left_ == 0) RETURN_IF_ERROR(EndBody());
    } else if (padding_left_ > 0) {
      const size_t take = std::min<uint64_t>(octets.size(), padding_left_);
      padding_left_ -= take;
      octets.remove_prefix(take);
    } else {
      const size_t take = std::min(octets.size(), kBlock - header_.size());
      absl::StrAppend(&header_, octets.substr(0, take));
      octets.remove_prefix(take);
      if (header_.size() == kBlock) RETURN_IF_ERROR(ReadHeader());
    }
  }
  return absl::OkStatus();
}

absl::Status TarStream::ReadHeader() {
  const std::string header = std::exchange(header_, "");
  if (header.find_first_not_of('\0') == std::string::npos) {
    ++zero_blocks_;
    return absl::OkStatus();
  }
  zero_blocks_ = 0;
  if (!ChecksumFits(header)) return Unreadable("a header's sum is wrong");
  if (++entries_ > kMaxEntries) {
    return Unreadable(absl::StrCat("more than ", kMaxEntries, " entries"));
  }
  ASSIGN_OR_RETURN(body_left_,
                   Number(absl::string_view(header).substr(124, 12)));
  padding_left_ = (kBlock - body_left_ % kBlock) % kBlock;
  return BeginBody(header[156], NameOf(header));
}

absl::Status TarStream::BeginBody(char type, const std::string& name) {
  in_body_ = true;
  special_.clear();
  if (type == 'L' || type == 'x') {
    what_ = type == 'L' ? What::kLongName : What::kPax;
    if (body_left_ > kMaxSpecial) return Unreadable("a name is too long");
  } else if (type == '0' || type == '\0' || type == '7') {
    what_ = What::kFile;
    const std::string long_name = std::exchange(next_name_, "");
    RETURN_IF_ERROR(visitor_.Begin(
        WithoutDot(long_name.empty() ? name : long_name), body_left_));
  } else {
    // Folders, links, devices, global headers: not looked at.
    what_ = What::kSkipped;
    if (type != 'g') next_name_.clear();
  }
  return body_left_ == 0 ? EndBody() : absl::OkStatus();
}

absl::Status TarStream::EndBody() {
  in_body_ = false;
  switch (what_) {
    case What::kFile:
      return visitor_.End();
    case What::kLongName:
      next_name_ = std::string(Text(special_));
      return absl::OkStatus();
    case What::kPax:
      return ReadPax();
    case What::kSkipped:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

// Records "LENGTH KEY=VALUE\n". A size there would be another than the
// header's: nothing that such a file is for is so large.
absl::Status TarStream::ReadPax() {
  absl::string_view rest = special_;
  while (!rest.empty()) {
    const size_t blank = rest.find(' ');
    size_t length = 0;
    if (blank == absl::string_view::npos ||
        !absl::SimpleAtoi(rest.substr(0, blank), &length) ||
        length <= blank + 1 || length > rest.size() ||
        rest[length - 1] != '\n') {
      return Unreadable("a pax header is broken");
    }
    const absl::string_view record = rest.substr(blank + 1, length - blank - 2);
    if (absl::StartsWith(record, "path=")) {
      next_name_ = std::string(record.substr(5));
    } else if (absl::StartsWith(record, "size=")) {
      return Unreadable("a file is larger than a header can say");
    }
    rest.remove_prefix(length);
  }
  return absl::OkStatus();
}

absl::Status TarStream::Finish() {
  if (in_body_ || !header_.empty() || entries_ == 0) {
    return Unreadable(entries_ == 0 ? "it has no entry" : "it ends too early");
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
