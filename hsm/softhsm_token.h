// Throw-away SoftHSM tokens for tests, under TEST_TMPDIR. One instance at a
// time in a process: SoftHSM finds its files by an environment variable, which
// it reads at each C_Initialize.
#ifndef COUNTERSIGN_HSM_SOFTHSM_TOKEN_H_
#define COUNTERSIGN_HSM_SOFTHSM_TOKEN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

class SoftHsmToken {
 public:
  // A directory with one token "test" and its PIN file; SOFTHSM2_CONF points
  // to it from now on. Blocks (runs softhsm2-util).
  static absl::StatusOr<std::unique_ptr<SoftHsmToken>> Create();
  // Removes the directory.
  ~SoftHsmToken();
  SoftHsmToken(const SoftHsmToken&) = delete;
  SoftHsmToken& operator=(const SoftHsmToken&) = delete;

  // Another token beside it, also of a label that is there; the same PIN.
  absl::Status AddToken(absl::string_view label);

  // Takes the token's files away, and puts them back.
  absl::Status HideFiles();
  absl::Status RestoreFiles();

  // A file of the directory with this text and mode.
  std::string WriteFile(absl::string_view name, absl::string_view text,
                        int mode) const;

  const std::string& directory() const { return directory_; }
  const std::string& pin_file() const { return pin_file_; }
  // The token of that label under the same name, with two sessions.
  TokenOptions Token(absl::string_view label) const;
  // A signer on tokens of these labels.
  Pkcs11SignerOptions Options(const std::vector<std::string>& labels = {
                                  "test"}) const;

 private:
  explicit SoftHsmToken(std::string directory);

  const std::string directory_;
  std::string pin_file_;
};

// Debian's place of the module.
inline constexpr char kSoftHsmModule[] = "/usr/lib/softhsm/libsofthsm2.so";

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SOFTHSM_TOKEN_H_
