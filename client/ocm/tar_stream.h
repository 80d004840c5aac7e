// The regular files of a tar archive (POSIX.1-2001 pax and ustar, GNU long
// names) that comes in pieces: nothing is kept but one header. Not unpacking:
// nothing is written anywhere, so names are only words. Called by artifact_set.
// Thread-compatible.
#ifndef COUNTERSIGN_CLIENT_OCM_TAR_STREAM_H_
#define COUNTERSIGN_CLIENT_OCM_TAR_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Told of each regular file: Begin, any number of Data, End. An error ends the
// reading.
class TarVisitor {
 public:
  virtual ~TarVisitor() = default;
  // `name` without a leading "./".
  virtual absl::Status Begin(const std::string& name, uint64_t size) = 0;
  virtual absl::Status Data(absl::string_view octets) = 0;
  virtual absl::Status End() = 0;
};

class TarStream {
 public:
  static constexpr size_t kMaxEntries = 100000;

  // `visitor` must outlive this.
  explicit TarStream(TarVisitor& visitor) : visitor_(visitor) {}

  // INVALID_ARGUMENT (TAR_UNREADABLE), or what the visitor said.
  absl::Status Add(absl::string_view octets);
  absl::Status Finish();

 private:
  enum class What { kFile, kLongName, kPax, kSkipped };

  absl::Status ReadHeader();
  absl::Status BeginBody(char type, const std::string& name);
  absl::Status EndBody();
  absl::Status ReadPax();

  TarVisitor& visitor_;
  std::string header_;  // up to 512 octets
  size_t entries_ = 0;
  int zero_blocks_ = 0;
  What what_ = What::kSkipped;
  uint64_t body_left_ = 0;
  uint64_t padding_left_ = 0;
  std::string special_;    // kLongName, kPax: the body so far
  std::string next_name_;  // for the next file; empty: its own
  bool in_body_ = false;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_TAR_STREAM_H_
