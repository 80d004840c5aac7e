#include "tests/crash/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/signer.h"

namespace countersign::crash {

// Octets that write() took survive the death of the process; the test does not
// pull the plug of the machine.
Journal::Journal(const std::string& path)
    : fd_(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {
  if (fd_ < 0) std::abort();
}

Journal::~Journal() { close(fd_); }

void Journal::Write(const std::string& line) {
  base::MutexLock lock(mutex_);
  if (write(fd_, line.data(), line.size()) !=
      static_cast<ssize_t>(line.size())) {
    std::abort();
  }
}

void Journal::Answered(const core::SigningRequest& request) {
  std::vector<std::string> hex;
  for (const core::DigestSignature& signature : request.signatures) {
    hex.push_back(absl::BytesToHexString(signature.value));
  }
  Write(absl::StrCat("request ", request.name.Format(), " ", request.revision,
                     " ", core::ToString(request.state), " ",
                     absl::StrJoin(hex, ","), "\n"));
}

void Journal::Answered(const core::Product& product) {
  Write(absl::StrCat("product ", product.name.Format(), " ", product.revision,
                     "\n"));
}

void Journal::KeyUsed(absl::string_view digest) {
  Write(absl::StrCat("use ", absl::BytesToHexString(digest), "\n"));
}

Seen ReadJournal(const std::string& path) {
  Seen seen;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    int64_t revision = 0;
    if (fields.size() > 2 && !absl::SimpleAtoi(fields[2], &revision)) {
      std::abort();
    }
    if (fields[0] == "request") {
      seen.requests.push_back(
          {fields[1], revision, fields[3],
           absl::StrSplit(fields[4], ',', absl::SkipEmpty())});
    } else if (fields[0] == "product") {
      seen.products.push_back({fields[1], revision});
    } else {
      seen.key_uses.push_back(fields[1]);
    }
  }
  return seen;
}

}  // namespace countersign::crash
