// The bare token beside which a row is measured: a key of the bench's own in
// the first site's token, signing with nothing around it.
#ifndef COUNTERSIGN_TESTS_BENCH_BARE_H_
#define COUNTERSIGN_TESTS_BENCH_BARE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/algorithms.h"
#include "hsm/bench_pkcs11.h"

namespace countersign::bench {

class Bare {
 public:
  // Makes the key; seconds for RSA-4096. `site` as in target.h.
  static absl::StatusOr<Bare> Create(const std::string& module,
                                     const std::string& site,
                                     core::KeyType type,
                                     core::SignatureAlgorithm algorithm);

  // On so many sessions, for `duration`. Blocks.
  absl::StatusOr<hsm::BarePkcs11Rate> Measure(int sessions,
                                              absl::Duration duration) const;

 private:
  explicit Bare(hsm::BarePkcs11Options options)
      : options_(std::move(options)) {}

  hsm::BarePkcs11Options options_;
};

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_BARE_H_
