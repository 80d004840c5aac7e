#include "hsm/login.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
// After a failure that tells nothing of the PIN: a token that comes back signs
// again within 200 ms.
constexpr absl::Duration kPauseWhileAway = absl::Milliseconds(100);

// Differs after the file was written, replaced or removed.
std::string StateOf(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return "-";
  return absl::StrCat(info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec,
                      ".", info.st_mtim.tv_nsec, " ");
}

// PKCS#11 2.40 3.2, CK_TOKEN_INFO.
absl::Status CheckFlags(const TokenInfo& token) {
  if ((token.flags & CKF_USER_PIN_INITIALIZED) == 0) {
    return error::PinRefused(token.label, "it has no user PIN yet", "");
  }
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
    return error::PinRefused(token.label,
                             "its user PIN is locked; the security officer "
                             "must set it anew",
                             "");
  }
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return error::PinRefused(token.label,
                             "one more wrong PIN would lock it; log in by "
                             "hand once with the right one",
                             "");
  }
  return absl::OkStatus();
}

// The token was not there to look at a PIN.
bool IsAway(absl::string_view ckr) {
  return ckr == "CKR_DEVICE_REMOVED" || ckr == "CKR_DEVICE_ERROR" ||
         ckr == "CKR_TOKEN_NOT_PRESENT" ||
         ckr == "CKR_CRYPTOKI_NOT_INITIALIZED" ||
         ckr == "CKR_SESSION_HANDLE_INVALID" || ckr == "CKR_SESSION_CLOSED";
}

}  // namespace

Login::Login(const TokenOptions& options)
    : pin_file_(options.pin_file),
      latch_(PinLatch::PathFor(options.pin_file, options.latch_file)),
      pause_(kFirstPause) {}

absl::Status Login::Check(const TokenInfo& token) const {
  return Admit(token, /*probe_latch=*/true).status();
}

absl::StatusOr<base::SecretBytes> Login::Admit(const TokenInfo& token,
                                               bool probe_latch) const {
  RETURN_IF_ERROR(CheckFlags(token));
  ASSIGN_OR_RETURN(base::SecretBytes pin, base::ReadSecretFile(pin_file_));
  RETURN_IF_ERROR(latch_.Check(token.label, pin));
  if (probe_latch) RETURN_IF_ERROR(latch_.CheckWritable());
  return pin;
}

absl::Status Login::LogIn(Session& session, const TokenInfo& token) {
  const absl::Duration now = base::SteadyNow();
  if (not_before_.has_value() && now < *not_before_) {
    return error::TokenUnavailable(
        token.label, "the last login failed; the next try comes later");
  }
  std::string files = absl::StrCat(StateOf(pin_file_), StateOf(latch_.path()));
  if (!latched_.ok() && files == files_then_) return latched_;
  absl::StatusOr<base::SecretBytes> pin = Admit(token, !probed_);
  latched_ = absl::OkStatus();
  if (base::GetReason(pin.status()) == "PIN_LATCHED") {
    latched_ = pin.status();
    files_then_ = std::move(files);
  }
  RETURN_IF_ERROR(pin.status());
  probed_ = true;
  if ((token.flags & CKF_USER_PIN_COUNT_LOW) != 0 && !warned_) {
    warned_ = true;
    base::Log(base::Severity::kWarning, "hsm_pin_count_low",
              {{"token", token.label}});
  }
  const absl::Status status = session.LogIn(*pin);
  if (status.ok()) {
    not_before_.reset();
    pause_ = kFirstPause;
    return status;
  }
  if (FailureOf(status) == Failure::kPin) return Latch(token, *pin, status);
  Postpone(status);
  return status;
}

absl::Status Login::Latch(const TokenInfo& token, const base::SecretBytes& pin,
                          const absl::Status& refusal) {
  const std::string ckr = ReturnCodeNameOf(refusal);
  const LatchRecord record{token.label, token.serial, ckr,
                           base::SystemClock().Now()};
  const absl::Status set = latch_.Set(record, pin, random_);
  base::Log(base::Severity::kError, "hsm_pin_refused",
            {{"token", token.label},
             {"ckr", ckr},
             {"latch", latch_.path()},
             {"latch_error", std::string(set.message())}});
  // Whatever the disk says, this process tries no more.
  if (!set.ok()) not_before_ = absl::InfiniteDuration();
  return error::PinRefused(
      token.label, "the module answered the PIN in the PIN file with an error",
      ckr);
}

void Login::Postpone(const absl::Status& failure) {
  const std::string ckr = ReturnCodeNameOf(failure);
  // A code that the standard does not know may well mean the PIN.
  const bool known =
      !absl::StartsWith(ckr, "CKR_VENDOR") && !absl::StartsWith(ckr, "CKR_0x");
  not_before_ = base::SteadyNow() + (known ? pause_ : kLongestPause);
  pause_ = std::min(2 * pause_, IsAway(ckr) ? kPauseWhileAway : kLongestPause);
}

}  // namespace countersign::hsm
