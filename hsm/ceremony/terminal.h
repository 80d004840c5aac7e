// Secrets typed at a terminal, without echo.
#ifndef COUNTERSIGN_HSM_CEREMONY_TERMINAL_H_
#define COUNTERSIGN_HSM_CEREMONY_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/secret_bytes.h"

namespace countersign::hsm {

// Writes `question` to `out` and reads one line from the terminal `in` while
// its echo is off; it is as before afterwards. At most 1 KiB. Blocks. CANCELLED
// INTERRUPTED where a signal or the end of input ends it (handlers must not
// have SA_RESTART); UNAVAILABLE where `in` is no terminal.
absl::StatusOr<base::SecretBytes> AskSecret(int in, int out,
                                            const std::string& question);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_TERMINAL_H_
