#include "client/cli/file_progress.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

// A line for each 64 MiB: about ten in a second.
constexpr uint64_t kStep = 64 << 20;
// "Erase to the end of the line" (ECMA-48 8.3.41), after a carriage return.
constexpr char kWipe[] = "\r\x1b[K";

}  // namespace

FileProgress::FileProgress(Session& session, std::string name)
    : session_(session), name_(base::EscapeForDisplay(name)) {}

FileProgress::~FileProgress() {
  if (told_ > 0) session_.console().err << kWipe << std::flush;
}

DigestProgress FileProgress::Callback() {
  if (!session_.console().interactive || session_.json()) return {};
  return [this](uint64_t done, std::optional<uint64_t> total) {
    Tell(done, total);
  };
}

void FileProgress::Tell(uint64_t done, std::optional<uint64_t> total) {
  if (done < told_ + kStep) return;
  told_ = done;
  std::string line = absl::StrCat(kWipe, "hashing ", name_, ": ", done >> 20);
  if (total.has_value()) absl::StrAppend(&line, " of ", *total >> 20);
  absl::StrAppend(&line, " MiB");
  session_.console().err << line << std::flush;
}

}  // namespace countersign::client
