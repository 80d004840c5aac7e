#include "server/pipeline/integration.h"

#include <optional>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace countersign::server {
namespace {

// Full batches in one tick: then the thread looks whether it shall stop.
constexpr int kMaxUpdates = 64;
constexpr absl::Duration kComplaintPause = absl::Minutes(1);

}  // namespace

void Integration::Tick() {
  const absl::Status status = CatchUp();
  if (status.ok()) {
    last_complaint_ = -absl::InfiniteDuration();
    return;
  }
  const absl::Duration now = base::SteadyNow();
  if (now - last_complaint_ < kComplaintPause) return;
  last_complaint_ = now;
  base::Log(base::Severity::kError, "integration_failed",
            {{"cause", status.ToString()}});
}

absl::Status Integration::CatchUp() {
  for (int i = 0; i < kMaxUpdates; ++i) {
    ASSIGN_OR_RETURN(std::optional<core::TreeUpdate> update,
                     integrator_.Next());
    if (!update.has_value()) return absl::OkStatus();
    // Under load there are always new leaves. Those that came meanwhile are the
    // next tick's: each update signs a checkpoint and writes tiles, and a loop
    // that never ends costs more than the signatures' own records (measured).
    const bool full = update->size - size_ >= audit::Integrator::kMaxBatch;
    size_ = update->size;
    core::ChangeSet changes;
    changes.tree = *std::move(update);
    ASSIGN_OR_RETURN(const core::CommitOutcome outcome,
                     pipeline_.Commit(std::move(changes)));
    if (std::holds_alternative<core::LostRace>(outcome)) {
      return absl::AbortedError("another writer has moved the tree");
    }
    if (!full) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace countersign::server
