// The memory of a refused PIN, on disk: a token locks after a few wrong ones,
// and a service that is restarted again and again would spend them all. While
// the latch holds, that PIN is not tried; another one in the PIN file is. Holds
// a salted, slow hash of the PIN, never the PIN. Used by Login, and by the
// ceremony tool to tell of it and to clear it.
#ifndef COUNTERSIGN_HSM_PIN_LATCH_H_
#define COUNTERSIGN_HSM_PIN_LATCH_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/secret_bytes.h"

namespace countersign::hsm {

// What a latch tells.
struct LatchRecord {
  std::string token_label;
  std::string token_serial;
  std::string ckr;  // "CKR_PIN_INCORRECT"
  absl::Time set_at;

  // "CKR_PIN_INCORRECT at 2026-01-02T03:04:05Z, token ..."
  std::string Text() const;
};

// Thread-compatible. Every method reads or writes the file.
class PinLatch {
 public:
  explicit PinLatch(std::string path) : path_(std::move(path)) {}
  // Where the latch of a token is: `latch_file`, or beside the PIN file.
  static std::string PathFor(const std::string& pin_file,
                             const std::string& latch_file);

  // OK where `pin` may be tried. FAILED_PRECONDITION PIN_LATCHED where it was
  // refused before, and LATCH_UNUSABLE where the file cannot be understood: it
  // then holds against every PIN. Takes some 0.2 s of CPU time where there is a
  // latch.
  absl::Status Check(absl::string_view token_label,
                     const base::SecretBytes& pin) const;

  // FAILED_PRECONDITION LATCH_UNUSABLE where Set would fail: asked before a PIN
  // is tried.
  absl::Status CheckWritable() const;

  // Durable when it returns; mode 0600.
  absl::Status Set(const LatchRecord& record, const base::SecretBytes& pin,
                   base::Random& random) const;

  // nullopt where there is none; LATCH_UNUSABLE where it cannot be understood.
  absl::StatusOr<std::optional<LatchRecord>> Describe() const;

  // True where there was one.
  absl::StatusOr<bool> Clear() const;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PIN_LATCH_H_
