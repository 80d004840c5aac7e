// A throw-away token of a second PKCS#11 implementation, for tests: NSS
// softokn, the module of Firefox, over a database under TEST_TMPDIR. No daemon
// and no root.
#ifndef COUNTERSIGN_HSM_NSS_TOKEN_H_
#define COUNTERSIGN_HSM_NSS_TOKEN_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// Debian's place of the module.
inline constexpr char kNssModule[] = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so";

class NssToken {
 public:
  // A directory with an empty database, its PIN set, and the PIN file. Nobody
  // else may have initialised the module. Blocks.
  static absl::StatusOr<std::unique_ptr<NssToken>> Create();
  // Removes the directory.
  ~NssToken();
  NssToken(const NssToken&) = delete;
  NssToken& operator=(const NssToken&) = delete;

  // With two sessions. Keys made here do not count as local: NSS says so of
  // all keys.
  TokenOptions Token() const;
  Pkcs11SignerOptions Options() const;

 private:
  explicit NssToken(std::string directory) : directory_(std::move(directory)) {}
  std::string InitArgs() const;
  absl::Status SetPin() const;

  const std::string directory_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_NSS_TOKEN_H_
