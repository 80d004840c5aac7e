// The gauges that have to be read from the store: how much waits for people,
// how long the log is, how far the tree is behind. Called by the app's timer.
#ifndef COUNTERSIGN_SERVER_LEVELS_H_
#define COUNTERSIGN_SERVER_LEVELS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/store.h"
#include "server/metrics/metrics.h"

namespace countersign::server {

// Fills what the store knows; at most 10,000 pending requests are counted.
// Blocks on the disk.
absl::StatusOr<Levels> ReadLevels(core::Store& store, absl::Time now);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_LEVELS_H_
