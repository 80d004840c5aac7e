// A fault that a test has scripted: FakeStore and FakeSigner take it where they
// would do their work.
#ifndef COUNTERSIGN_CORE_FAKE_FAULT_H_
#define COUNTERSIGN_CORE_FAKE_FAULT_H_

#include "absl/status/status.h"

namespace countersign::core {

// Thread-compatible.
struct FakeFault {
  int count = 0;  // how often yet
  absl::Status status;

  // OK where no fault is scripted; counts it down otherwise.
  absl::Status Take() {
    if (count == 0) return absl::OkStatus();
    --count;
    return status;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_FAULT_H_
