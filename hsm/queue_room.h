// Room in the queues of the tokens that hold a key (core::Room): where the
// digests of one job are counted as waiting while their intent is being
// recorded. Where they are signed in the end is decided when they come. Knows
// no module.
#ifndef COUNTERSIGN_HSM_QUEUE_ROOM_H_
#define COUNTERSIGN_HSM_QUEUE_ROOM_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/sign_queue.h"

namespace countersign::hsm {

// Room for `digests` in `queues`, not empty: divided so that all are done at
// the same time, or all in the first that has room for them. The errors of
// SignQueue::Reserve; then nothing is reserved.
absl::StatusOr<core::RoomPtr> ReserveRoom(
    const std::vector<std::shared_ptr<SignQueue>>& queues, core::KeyType type,
    size_t digests);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_QUEUE_ROOM_H_
