#include "hsm/fair_lane.h"

#include <algorithm>
#include <utility>

namespace countersign::hsm {
namespace {

core::KeyType TypeOf(const SignTask& task) {
  return task.batch->job().key.type;
}

}  // namespace

void FairLane::Count(const SignTask& task) {
  ++size_;
  ++counts_[TypeIndex(TypeOf(task))];
}

void FairLane::Uncount(const SignTask& task) {
  --size_;
  --counts_[TypeIndex(TypeOf(task))];
}

void FairLane::Add(std::vector<SignTask> tasks) {
  const core::SignJob& job = tasks.front().batch->job();
  size_ += tasks.size();
  counts_[TypeIndex(job.key.type)] += tasks.size();
  const auto found = shares_.find(job.share);
  if (found != shares_.end()) {
    found->second->runs.push_back({std::move(tasks), 0});
    return;
  }
  Share& share = round_.emplace_back();
  share.name = job.share;
  share.runs.push_back({std::move(tasks), 0});
  shares_.emplace(share.name, std::prev(round_.end()));
}

void FairLane::PutFirst(SignTask task) {
  Count(task);
  first_.push_front(std::move(task));
}

SignTask FairLane::Take(const SignCost& cost) {
  if (!first_.empty()) {
    SignTask task = std::move(first_.front());
    first_.pop_front();
    Uncount(task);
    return task;
  }
  Share& share = round_.front();
  if (!share.has_turn) {
    share.has_turn = true;
    // A turn is worth one digest of the costliest kind that waits. Where that
    // kind has become cheaper since, old debt is forgiven.
    const absl::Duration worth = cost.Largest(counts_);
    share.credit = std::max(share.credit + worth, absl::Nanoseconds(1));
  }
  Run& run = share.runs.front();
  SignTask task = std::move(run.tasks[run.next++]);
  Uncount(task);
  share.credit -= cost.Of(TypeOf(task));
  if (run.next == run.tasks.size()) share.runs.pop_front();
  if (share.runs.empty()) {
    shares_.erase(share.name);
    round_.pop_front();
  } else if (share.credit <= absl::ZeroDuration()) {
    share.has_turn = false;
    round_.splice(round_.end(), round_, round_.begin());
  }
  return task;
}

std::vector<SignTask> FairLane::Remove(
    const std::function<bool(const SignBatch&)>& wanted) {
  std::vector<SignTask> removed;
  const auto is_wanted = [&](SignTask& task) {
    if (!wanted(*task.batch)) return false;
    Uncount(task);
    removed.push_back(std::move(task));
    return true;
  };
  first_.erase(std::remove_if(first_.begin(), first_.end(), is_wanted),
               first_.end());
  for (auto share = round_.begin(); share != round_.end();) {
    for (Run& run : share->runs) {
      // A run is of one job: its first task speaks for all.
      if (!wanted(*run.tasks[run.next].batch)) continue;
      for (; run.next < run.tasks.size(); ++run.next) {
        Uncount(run.tasks[run.next]);
        removed.push_back(std::move(run.tasks[run.next]));
      }
    }
    std::deque<Run>& runs = share->runs;
    runs.erase(
        std::remove_if(runs.begin(), runs.end(),
                       [](const Run& r) { return r.next == r.tasks.size(); }),
        runs.end());
    if (runs.empty()) {
      shares_.erase(share->name);
      share = round_.erase(share);
    } else {
      ++share;
    }
  }
  return removed;
}

}  // namespace countersign::hsm
