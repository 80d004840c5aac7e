#include "hsm/ceremony/run.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"
#include "hsm/presence.h"

namespace countersign::hsm {

void Run::Print(absl::string_view text) {
  console_.out.write(text.data(), static_cast<std::streamsize>(text.size()));
  console_.out.flush();
}

void Run::PrintJson(const base::Json& value) {
  Print(absl::StrCat(base::PrettyJson(value), "\n"));
}

void Run::Note(absl::string_view text) {
  if (json()) return;
  console_.err << std::string(text) << "\n" << std::flush;
}

absl::Status Run::WriteResult(const std::string& path,
                              absl::string_view octets) {
  if (path.empty() || path == "-") {
    Print(octets);
    return absl::OkStatus();
  }
  const absl::Status written = base::WriteFileAtomically(path, octets);
  return written.ok() ? written : error::BadFile(written);
}

absl::Status Run::Confirm(absl::string_view what, absl::string_view word) {
  if (confirmed.empty() && !console_.interactive) {
    return error::ConfirmationNeeded(word);
  }
  std::string answer = confirmed;
  if (answer.empty()) {
    console_.err << std::string(what) << "\nType "
                 << base::EscapeForDisplay(word) << " to go on: " << std::flush;
    std::getline(console_.in, answer);
  }
  return answer == word ? absl::OkStatus() : error::NotConfirmed();
}

absl::StatusOr<std::unique_ptr<OpenToken>> Run::Open(Session::Mode mode) const {
  return OpenToken::Open(module, token, mode);
}

absl::Status Run::CheckUndisturbed(const SlotInfo& info) {
  if (force) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<pid_t> pids,
                   FindServers(info.label, info.serial));
  if (pids.empty()) return absl::OkStatus();
  return error::ServerRunning(info.label, pids);
}

}  // namespace countersign::hsm
