// What the signer tells about itself while it works; the server makes metrics
// of it. Calls come from signing threads and must be cheap.
#ifndef COUNTERSIGN_HSM_SIGNER_OBSERVER_H_
#define COUNTERSIGN_HSM_SIGNER_OBSERVER_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/algorithms.h"

namespace countersign::hsm {

// Implementations are thread-safe.
class SignerObserver {
 public:
  virtual ~SignerObserver() = default;

  // The module was asked for one signature and took `hsm_time` (C_SignInit and
  // C_Sign). `ok`: it made one, which verified.
  virtual void OnSigned(absl::string_view key_label,
                        core::SignatureAlgorithm algorithm,
                        absl::Duration hsm_time, bool ok) = 0;

  // Digests that wait, after one job came or one digest went.
  virtual void OnQueueDepth(size_t digests) = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGNER_OBSERVER_H_
