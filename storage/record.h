// Octets of a stored value: a version octet, fields in a fixed order without
// tags, and a CRC32C, so that damage on the disk is an error and not another
// value. Written and read by the codecs. Pure.
#ifndef COUNTERSIGN_STORAGE_RECORD_H_
#define COUNTERSIGN_STORAGE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::storage {

class RecordWriter {
 public:
  explicit RecordWriter(uint8_t version);

  // LEB128, 1 to 10 octets. Inline: most have one.
  void Unsigned(uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      out_.push_back(static_cast<char>(value | 0x80));
    }
    out_.push_back(static_cast<char>(value));
  }
  // Zigzag, then as Unsigned.
  void Signed(int64_t value);
  void Bool(bool value) { Unsigned(value ? 1 : 0); }
  // Length, then octets.
  void Octets(absl::string_view octets);
  // Seconds since 1970, then nanoseconds; finer parts are cut. The infinite
  // times have nanoseconds that no other has.
  void Time(absl::Time time);
  void Duration(absl::Duration duration);
  // An enumerator's number. What it means is pinned by the codecs' tests.
  template <typename E>
  void Enum(E value) {
    Unsigned(static_cast<uint64_t>(value));
  }
  // The count, then write(element) for each.
  template <typename Container, typename Write>
  void List(const Container& elements, Write write) {
    Unsigned(elements.size());
    for (const auto& element : elements) write(element);
  }

  std::string Finish() &&;

 private:
  std::string out_;
};

// Reads in the same order; borrows the record. After the first failure
// everything read is empty or zero; Finish tells.
class RecordReader {
 public:
  explicit RecordReader(absl::string_view record);

  // The version octet; 0 where the record is damaged.
  uint8_t version() const { return version_; }

  uint64_t Unsigned();
  int64_t Signed();
  bool Bool();
  std::string Octets();
  absl::Time Time();
  absl::Duration Duration();
  template <typename E>
  E Enum(E last) {
    const uint64_t value = Unsigned();
    if (value > static_cast<uint64_t>(last)) Fail("enumerator out of range");
    return ok() ? static_cast<E>(value) : E{};
  }
  // How many elements follow; each has at least one octet.
  size_t Count();
  template <typename Read>
  void List(Read read) {
    for (size_t n = Count(); n > 0 && ok(); --n) read();
  }

  bool ok() const { return failure_ == nullptr; }
  void Fail(const char* why);
  // OK where nothing failed and nothing is left. INTERNAL, reason
  // BAD_RECORD, otherwise.
  absl::Status Finish() const;

 private:
  absl::string_view rest_;
  uint8_t version_ = 0;
  const char* failure_ = nullptr;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_RECORD_H_
