#include "hsm/ceremony/user_login.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/pin_entry.h"
#include "hsm/errors.h"
#include "hsm/pin_latch.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

absl::Status CheckUserPin(const SlotInfo& info) {
  if (!info.user_pin.set) {
    return error::PinRefused(info.label, "it has no user PIN yet", "");
  }
  if (info.user_pin.locked) {
    return error::PinRefused(info.label,
                             "its user PIN is locked; the security officer "
                             "sets it anew: token set-pin --by-so",
                             "");
  }
  if (info.user_pin.final_try) {
    return error::PinRefused(info.label,
                             "one more wrong PIN would lock it; the security "
                             "officer sets it anew: token set-pin --by-so",
                             "");
  }
  return absl::OkStatus();
}

// Where the latch of the PIN file is; none for a PIN that is typed, because
// nothing would try it again by itself.
PinLatch LatchOf(const Run& run) {
  return PinLatch(PinLatch::PathFor(run.pin_file, run.latch_file));
}

absl::Status Refused(Run& run, const SlotInfo& info,
                     const base::SecretBytes& pin, const std::string& ckr) {
  if (!IsPinFile(run.pin_file)) {
    return error::PinRefused(
        info.label, absl::StrCat("the PIN was not taken (", ckr, ")"), ckr);
  }
  const PinLatch latch = LatchOf(run);
  const absl::Status set =
      latch.Set({info.label, info.serial, ckr, run.console().clock.Now()}, pin,
                run.console().random);
  if (!set.ok()) return set;
  return error::PinRefused(
      info.label,
      absl::StrCat("the PIN in the PIN file was not taken (", ckr,
                   "): put the right one into it, or run `latch clear`"),
      ckr);
}

}  // namespace

absl::Status LogInAsUser(Run& run, Libp11& libp11, const SlotInfo& info) {
  return LogInAndKeepPin(run, libp11, info).status();
}

absl::StatusOr<base::SecretBytes> LogInAndKeepPin(Run& run, Libp11& libp11,
                                                  const SlotInfo& info) {
  RETURN_IF_ERROR(CheckUserPin(info));
  ASSIGN_OR_RETURN(
      base::SecretBytes pin,
      ReadPin(run.console(), run.pin_file,
              absl::StrCat("User PIN of ", base::EscapeForDisplay(info.label)),
              "--pin-file"));
  if (IsPinFile(run.pin_file)) {
    const PinLatch latch = LatchOf(run);
    RETURN_IF_ERROR(latch.Check(info.label, pin));
    RETURN_IF_ERROR(latch.CheckWritable());
  }
  const absl::Status status = libp11.LogIn(info.id, Libp11::Role::kUser, pin);
  if (status.ok()) return pin;
  if (FailureOf(status) != Failure::kPin) return status;
  return Refused(run, info, pin, ReturnCodeNameOf(status));
}

absl::Status CheckOfficerPin(const SlotInfo& info) {
  if (!info.so_pin.locked && !info.so_pin.final_try) return absl::OkStatus();
  return error::PinRefused(
      info.label,
      info.so_pin.locked
          ? "the security officer's PIN is locked"
          : "one more wrong PIN of the security officer may erase it",
      "");
}

absl::Status OfficerRefusal(const SlotInfo& info, const absl::Status& status) {
  if (FailureOf(status) != Failure::kPin) return status;
  return error::PinRefused(info.label,
                           absl::StrCat("the security officer's PIN was not "
                                        "taken (",
                                        ReturnCodeNameOf(status), ")"),
                           ReturnCodeNameOf(status));
}

}  // namespace countersign::hsm
