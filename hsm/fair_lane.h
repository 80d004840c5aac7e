// One lane of the queue: digests by share (product), which take turns. A turn
// is worth as much time for each share: deficit round robin (Shreedhar and
// Varghese 1995), in its form that pays afterwards, so that every turn gives at
// least one digest and each step is O(1). Pure; the queue locks it.
#ifndef COUNTERSIGN_HSM_FAIR_LANE_H_
#define COUNTERSIGN_HSM_FAIR_LANE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "hsm/sign_cost.h"
#include "hsm/sign_task.h"

namespace countersign::hsm {

// Thread-compatible.
class FairLane {
 public:
  FairLane() = default;
  FairLane(const FairLane&) = delete;
  FairLane& operator=(const FairLane&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const CountByType& counts() const { return counts_; }

  // All of one job, not empty: behind what its share has waiting.
  void Add(std::vector<SignTask> tasks);
  // Before all others, whatever its share.
  void PutFirst(SignTask task);

  // The next one; the lane is not empty. Charged to its share by `cost`.
  SignTask Take(const SignCost& cost);

  // Takes out the tasks of the jobs for which `wanted` is true. O(size).
  std::vector<SignTask> Remove(
      const std::function<bool(const SignBatch&)>& wanted);

 private:
  // What is left of one job, in order.
  struct Run {
    std::vector<SignTask> tasks;
    size_t next = 0;
  };
  struct Share {
    std::string name;
    std::deque<Run> runs;  // never empty
    absl::Duration credit;
    bool has_turn = false;
  };

  void Count(const SignTask& task);
  void Uncount(const SignTask& task);

  std::deque<SignTask> first_;
  std::list<Share> round_;  // whose turn it is stands in front
  std::unordered_map<std::string, std::list<Share>::iterator> shares_;
  size_t size_ = 0;
  CountByType counts_ = {};
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_FAIR_LANE_H_
