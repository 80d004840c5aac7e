// One digest of one job on its way through queues and workers. A plain value,
// kept small: thousands may wait.
#ifndef COUNTERSIGN_HSM_SIGN_TASK_H_
#define COUNTERSIGN_HSM_SIGN_TASK_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "hsm/sign_batch.h"

namespace countersign::hsm {

struct SignTask {
  std::shared_ptr<SignBatch> batch;
  size_t index = 0;
  // Bit i: token i of the job's key has tried and could not. Kept by who
  // routes.
  uint32_t tried = 0;
  // Uses of the key so far, those of unknown outcome too.
  int key_uses = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_TASK_H_
