// How one token is reached and used, and the tokens of one signer: plain
// values, made by server/app.cc from the configuration (proto/config/v1, where
// each has its default and bounds).
#ifndef COUNTERSIGN_HSM_TOKEN_OPTIONS_H_
#define COUNTERSIGN_HSM_TOKEN_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hsm/signer_observer.h"

namespace countersign::hsm {

struct TokenOptions {
  std::string name;         // configured; in KeyRef::tokens and in the record
  std::string module_path;  // absolute
  std::string init_args;    // CK_C_INITIALIZE_ARGS.pReserved; empty: null
  std::string token_label;
  // First line is the PIN; readable by its owner alone.
  std::string pin_file;
  std::string latch_file;  // empty: pin_file + ".latch"
  // Sessions, and threads, that sign: 1..64. Fewer where the token has no room.
  int sessions = 2;
  // Digests that may wait; at least 1000, the largest job.
  size_t max_queued_digests = 20000;
  // Work that may wait, at the measured rate.
  absl::Duration max_queue_time = absl::Seconds(2);
  // A call into the module that takes longer is stuck.
  absl::Duration call_timeout = absl::Seconds(10);
  // Stuck calls before the token counts as away.
  int max_stuck_calls = 4;
  absl::Duration keep_alive_interval = absl::Seconds(30);
  // Between two tries to have it back, times 0.5 to 1.5 at random.
  absl::Duration reconnect_interval = absl::Milliseconds(100);
  // Attributes whose wrong value is accepted: "CKA_LOCAL".
  std::vector<std::string> accept_attributes;
  bool verify_ec = true;
};

struct Pkcs11SignerOptions {
  std::vector<TokenOptions> tokens;    // 1..16, names distinct
  std::string default_token;           // a name; empty: the first
  SignerObserver* observer = nullptr;  // outlives the signer
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_TOKEN_OPTIONS_H_
