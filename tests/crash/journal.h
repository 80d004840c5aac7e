// What the world saw of the victim: each answer that left it and each use of a
// key, one line each, written through before the victim goes on. It outlives
// the victim, and what it says must be in the store.
#ifndef COUNTERSIGN_TESTS_CRASH_JOURNAL_H_
#define COUNTERSIGN_TESTS_CRASH_JOURNAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::crash {

// A signing request as a caller got it.
struct SeenRequest {
  std::string name;
  int64_t revision = 0;
  std::string state;
  std::vector<std::string> signatures;  // hex
};
struct SeenProduct {
  std::string name;
  int64_t revision = 0;
};

struct Seen {
  std::vector<SeenRequest> requests;
  std::vector<SeenProduct> products;
  // First digest (hex) of each job that reached the signer.
  std::vector<std::string> key_uses;
};

// Thread-safe.
class Journal {
 public:
  // Appends; makes the file where it is not there.
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void Answered(const core::SigningRequest& request);
  void Answered(const core::Product& product);
  void KeyUsed(absl::string_view digest);

 private:
  void Write(const std::string& line) ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex mutex_;
  const int fd_;
};

// Empty where there is no such file.
Seen ReadJournal(const std::string& path);

}  // namespace countersign::crash

#endif  // COUNTERSIGN_TESTS_CRASH_JOURNAL_H_
