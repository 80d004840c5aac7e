// The ceiling for ./dev bench: how fast the token signs when nothing else is
// done. Verifies nothing and queues nothing; never used in service.
#ifndef COUNTERSIGN_HSM_BENCH_PKCS11_H_
#define COUNTERSIGN_HSM_BENCH_PKCS11_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

struct BarePkcs11Options {
  TokenOptions token;
  core::KeyRef key;  // with its SPKI
  core::SignatureAlgorithm algorithm =
      core::SignatureAlgorithm::kRsassaPkcs1V15;
  core::HashAlgorithm hash = core::HashAlgorithm::kSha256;
  int sessions = 1;
  absl::Duration duration = absl::Seconds(5);
};

struct BarePkcs11Rate {
  double per_second = 0;
  absl::Duration mean;  // wall time of one C_SignInit and C_Sign
};

// Signs in a loop on that many sessions with one thread and one cached handle
// each. Blocks for `duration`. Beside a Pkcs11Signer in the same process it
// shares its module and login.
absl::StatusOr<BarePkcs11Rate> MeasureBarePkcs11(
    const BarePkcs11Options& options);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_BENCH_PKCS11_H_
