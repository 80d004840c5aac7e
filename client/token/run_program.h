// Runs a program of the user's and takes what it writes: without a shell, with
// our environment and what is added, bounded in time and size. Called by
// command_token_source.
#ifndef COUNTERSIGN_CLIENT_TOKEN_RUN_PROGRAM_H_
#define COUNTERSIGN_CLIENT_TOKEN_RUN_PROGRAM_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace countersign::client {

struct ProgramCall {
  std::vector<std::string> words;  // program (on PATH, or a path), arguments
  // Stand above those of ours.
  std::vector<std::pair<std::string, std::string>> variables;
  absl::Duration patience = absl::Minutes(1);
  size_t max_output = 64 << 10;
  // Asked about every 50 ms; true ends it with CANCELLED (INTERRUPTED).
  std::function<bool()> interrupted = [] { return false; };
};

struct ProgramEnd {
  int code = 0;        // 128 and more: of a signal, as shells tell it
  std::string output;  // may hold a secret
  std::string errors;  // the last 4 KiB
};

// Blocks. Its standard input is empty. It and what it started are killed when
// their time is over. INVALID_ARGUMENT (PROGRAM_NOT_FOUND) where there is no
// such program; UNAVAILABLE (PROGRAM_FAILED) where it takes too long or says
// too much. Any exit code is an end.
absl::StatusOr<ProgramEnd> RunProgram(const ProgramCall& call);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_RUN_PROGRAM_H_
