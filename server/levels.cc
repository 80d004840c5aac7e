#include "server/levels.h"

#include "base/status_macros.h"

namespace countersign::server {
namespace {

constexpr int kPageSize = 500;
constexpr int kMaxPages = 20;

void CountOne(absl::Duration age, Levels* levels) {
  if (age < absl::Hours(1)) {
    ++levels->pending_under_hour;
  } else if (age < absl::Hours(24)) {
    ++levels->pending_under_day;
  } else if (age < absl::Hours(24 * 7)) {
    ++levels->pending_under_week;
  } else {
    ++levels->pending_older;
  }
}

}  // namespace

absl::StatusOr<Levels> ReadLevels(core::Store& store, absl::Time now) {
  Levels levels;
  core::RequestQuery query;
  query.limit = kPageSize;
  query.states = {core::RequestState::kPendingApproval};
  for (int page = 0; page < kMaxPages; ++page) {
    ASSIGN_OR_RETURN(const core::Page<core::SigningRequest> requests,
                     store.ListRequests(query));
    for (const core::SigningRequest& request : requests.items) {
      CountOne(now - request.create_time, &levels);
    }
    query.cursor = requests.next_cursor;
    if (query.cursor.empty()) break;
  }
  ASSIGN_OR_RETURN(const core::TreeSnapshot tree, store.ReadTree({}));
  levels.log_leaves = tree.leaves;
  levels.tree_leaves = tree.size;
  return levels;
}

}  // namespace countersign::server
