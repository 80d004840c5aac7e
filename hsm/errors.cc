#include "hsm/errors.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/error.h"

namespace countersign::hsm::error {
namespace {

using absl::StatusCode;

absl::Status Make(StatusCode code, const char* reason,
                  absl::string_view message,
                  std::map<std::string, std::string> metadata = {}) {
  base::ErrorDetails details;
  details.reason = reason;
  details.metadata = std::move(metadata);
  if (code == StatusCode::kUnavailable) details.retry_delay = kRetryDelay;
  return base::MakeError(code, message, details);
}

std::string KeyName(absl::string_view label, absl::string_view key_id) {
  return absl::StrCat("key \"", base::EscapeForDisplay(label),
                      "\" with CKA_ID ", base::HexEncode(key_id));
}

absl::Status KeyError(const char* reason, absl::string_view label,
                      absl::string_view key_id, absl::string_view says) {
  return Make(
      StatusCode::kFailedPrecondition, reason,
      absl::StrCat(KeyName(label, key_id), " ", says),
      {{"label", std::string(label)}, {"key_id", base::HexEncode(key_id)}});
}

}  // namespace

absl::Status BadOptions(absl::string_view what_would_be_right) {
  return Make(StatusCode::kInvalidArgument, "BAD_SIGNER_OPTIONS",
              what_would_be_right);
}

absl::Status ModuleNotFound(absl::string_view path) {
  return Make(StatusCode::kNotFound, "MODULE_NOT_FOUND",
              absl::StrCat("no PKCS#11 module at ", path,
                           ": the file is not there or not readable"),
              {{"module", std::string(path)}});
}

absl::Status NotAModule(absl::string_view path, absl::string_view why) {
  return Make(StatusCode::kInvalidArgument, "NOT_A_MODULE",
              absl::StrCat(path, " is no PKCS#11 module: ", why),
              {{"module", std::string(path)}});
}

absl::Status ModuleClosed() {
  return Make(StatusCode::kUnavailable, "MODULE_CLOSED",
              "the PKCS#11 module is being initialised anew");
}

absl::Status ModuleStuck() {
  return Make(StatusCode::kUnavailable, "MODULE_STUCK",
              "a thread does not come back from the PKCS#11 module");
}

absl::Status ModuleNotOurs() {
  return Make(StatusCode::kFailedPrecondition, "MODULE_NOT_OURS",
              "the PKCS#11 module was initialised by another part of this "
              "process, which alone may initialise it anew");
}

absl::Status TokenNotFound(absl::string_view label,
                           const std::vector<std::string>& labels) {
  const std::string there =
      labels.empty()
          ? "none"
          : absl::StrCat("\"", absl::StrJoin(labels, "\", \""), "\"");
  return Make(StatusCode::kNotFound, "TOKEN_NOT_FOUND",
              absl::StrCat("the module has no token labelled \"", label,
                           "\"; tokens that are there: ", there),
              {{"token", std::string(label)}});
}

absl::Status TokenAmbiguous(absl::string_view label,
                            const std::vector<std::string>& serials) {
  return Make(
      StatusCode::kFailedPrecondition, "TOKEN_AMBIGUOUS",
      absl::StrCat("the module has ", serials.size(), " tokens labelled \"",
                   label, "\" (serial numbers ", absl::StrJoin(serials, ", "),
                   "); a label must name exactly one"),
      {{"token", std::string(label)}});
}

absl::Status NoToken() {
  return Make(StatusCode::kUnavailable, "NO_TOKEN",
              "the module shows no token at all");
}

absl::Status TokenTwice(absl::string_view one, absl::string_view other,
                        absl::string_view why) {
  return Make(StatusCode::kInvalidArgument, "TOKEN_TWICE",
              absl::StrCat("tokens \"", one, "\" and \"", other,
                           "\" of the configuration are the same: ", why),
              {{"token", std::string(one)}});
}

absl::Status UnknownToken(absl::string_view name,
                          const std::vector<std::string>& configured) {
  return Make(
      StatusCode::kNotFound, "UNKNOWN_TOKEN",
      absl::StrCat("no token is configured as \"", base::EscapeForDisplay(name),
                   "\"; there are: ", absl::StrJoin(configured, ", ")),
      {{"token", std::string(name)}});
}

absl::Status PinRefused(absl::string_view token, absl::string_view why,
                        absl::string_view ckr) {
  return Make(StatusCode::kFailedPrecondition, "PIN_REFUSED",
              absl::StrCat("not logged in to token \"", token, "\": ", why,
                           "; no further try is made, so as not to lock it"),
              {{"token", std::string(token)}, {"ckr", std::string(ckr)}});
}

absl::Status PinLatched(absl::string_view token, absl::string_view latch_file,
                        absl::string_view what_it_says) {
  return Make(
      StatusCode::kFailedPrecondition, "PIN_LATCHED",
      absl::StrCat("not logged in to token \"", token,
                   "\": the PIN in its file was refused before (", what_it_says,
                   "); put the right PIN into the file, or clear the latch ",
                   latch_file),
      {{"token", std::string(token)}, {"latch", std::string(latch_file)}});
}

absl::Status LatchUnusable(absl::string_view latch_file,
                           absl::string_view why) {
  return Make(StatusCode::kFailedPrecondition, "LATCH_UNUSABLE",
              absl::StrCat("no PIN is tried, as a refusal could not be "
                           "remembered in ",
                           latch_file, ": ", why),
              {{"latch", std::string(latch_file)}});
}

absl::Status TokenUnavailable(absl::string_view token, absl::string_view why) {
  return Make(StatusCode::kUnavailable, "TOKEN_UNAVAILABLE",
              absl::StrCat("token \"", token, "\" is away: ", why),
              {{"token", std::string(token)}});
}

absl::Status CallStuck(absl::string_view token, absl::Duration waited) {
  return Make(StatusCode::kUnavailable, "CALL_STUCK",
              absl::StrCat("token \"", token, "\" has not answered for ",
                           absl::FormatDuration(waited)),
              {{"token", std::string(token)}});
}

absl::Status SignerStopping() {
  return Make(StatusCode::kUnavailable, "SIGNER_STOPPING",
              "the signer is being shut down");
}

absl::Status KeyMissing(absl::string_view label, absl::string_view key_id) {
  return KeyError("KEY_MISSING", label, key_id, "is not in the token");
}

absl::Status KeyNotVisible(absl::string_view label, absl::string_view key_id) {
  return Make(
      StatusCode::kNotFound, "KEY_NOT_VISIBLE",
      absl::StrCat(KeyName(label, key_id),
                   " is not to be seen: without a login the token "
                   "shows no key at all"),
      {{"label", std::string(label)}, {"key_id", base::HexEncode(key_id)}});
}

absl::Status KeyDoubled(absl::string_view label, absl::string_view key_id) {
  return KeyError("KEY_DOUBLED", label, key_id,
                  "is in the token more than once; exactly one must have "
                  "this label and this CKA_ID");
}

absl::Status KeyIncomplete(absl::string_view label, absl::string_view key_id,
                           absl::string_view missing) {
  return KeyError("KEY_INCOMPLETE", label, key_id,
                  absl::StrCat("has no ", missing, " in the token"));
}

absl::Status KeyNotPinned(absl::string_view label, absl::string_view key_id) {
  return KeyError("KEY_NOT_PINNED", label, key_id,
                  "has another public key in the token than the one that was "
                  "pinned when it was made");
}

absl::Status KeyNotProved(absl::string_view label, absl::string_view key_id,
                          const absl::Status& cause) {
  return KeyError(
      "KEY_NOT_PROVED", label, key_id,
      absl::StrCat("did not sign a challenge so that its public "
                   "key verifies it (",
                   cause.message(), "): the two do not belong together"));
}

absl::Status PublicKeyUnknown(absl::string_view label,
                              absl::string_view key_id) {
  return KeyError("PUBLIC_KEY_UNKNOWN", label, key_id,
                  "has no public key object in the token, and its private key "
                  "object does not tell the public key; store the public "
                  "key in the token too, with the same CKA_ID and label");
}

absl::Status KeyOfOtherType(absl::string_view label, absl::string_view wanted,
                            absl::string_view found) {
  return Make(StatusCode::kFailedPrecondition, "KEY_OF_OTHER_TYPE",
              absl::StrCat("key \"", base::EscapeForDisplay(label), "\" is ",
                           found, ", not ", wanted),
              {{"label", std::string(label)}});
}

absl::Status KeyUnsafe(absl::string_view label,
                       const std::vector<std::string>& faults) {
  return Make(
      StatusCode::kFailedPrecondition, "KEY_UNSAFE",
      absl::StrCat("key \"", base::EscapeForDisplay(label),
                   "\" must not be used: ", absl::StrJoin(faults, "; ")),
      {{"label", std::string(label)}});
}

absl::Status MechanismAbsent(absl::string_view mechanism) {
  return Make(
      StatusCode::kFailedPrecondition, "MECHANISM_ABSENT",
      absl::StrCat("the module has no ", mechanism,
                   ", or not for this key; choose a key type or an algorithm "
                   "that it has"),
      {{"mechanism", std::string(mechanism)},
       {"ckr", "CKR_MECHANISM_INVALID"}});
}

absl::Status JobDoesNotFit(absl::string_view why) {
  return Make(StatusCode::kInvalidArgument, "JOB_DOES_NOT_FIT", why);
}

absl::Status DeadlinePassed() {
  return Make(StatusCode::kDeadlineExceeded, "SIGN_DEADLINE",
              "the deadline passed before the key was used");
}

absl::Status WrongSignatureSize(absl::string_view key_type, size_t wanted,
                                size_t found) {
  return Make(StatusCode::kInternal, "WRONG_SIGNATURE_SIZE",
              absl::StrCat("the token made a signature of ", found, " octets; ",
                           key_type, " keys make ", wanted));
}

absl::Status WrongSignature(absl::string_view label,
                            const absl::Status& cause) {
  return Make(
      StatusCode::kInternal, "WRONG_SIGNATURE",
      absl::StrCat("the token made a signature with key \"",
                   base::EscapeForDisplay(label), "\" that does not verify (",
                   cause.message(), "); it was not released"),
      {{"label", std::string(label)}});
}

}  // namespace countersign::hsm::error
