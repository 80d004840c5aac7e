// The world of one run of the ceremony tool, as arguments: streams, the
// terminal, chance. main.cc fills it with the real things, tests with their
// own.
#ifndef COUNTERSIGN_HSM_CEREMONY_CONSOLE_H_
#define COUNTERSIGN_HSM_CEREMONY_CONSOLE_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/secret_bytes.h"

namespace countersign::hsm {

// Borrows; everything must outlive the run.
struct Console {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  // A person can be asked: input and errors are a terminal.
  bool interactive = false;
  const base::Clock& clock;
  base::Random& random;
  // Asks for a secret at the terminal, without echo. Only where `interactive`.
  std::function<absl::StatusOr<base::SecretBytes>(const std::string& question)>
      ask_secret;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_CONSOLE_H_
