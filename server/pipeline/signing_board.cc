#include "server/pipeline/signing_board.h"

#include <utility>

namespace countersign::server {

uint64_t SigningBoard::Add(Done done) {
  base::MutexLock lock(mutex_);
  if (closed_) return 0;
  jobs_.emplace(next_, std::move(done));
  return next_++;
}

void SigningBoard::Complete(uint64_t job, core::SignResult result) {
  Done done;
  {
    base::MutexLock lock(mutex_);
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return;
    done = std::move(found->second);
    jobs_.erase(found);
  }
  done(std::move(result));
}

void SigningBoard::Close(const absl::Status& why) {
  absl::flat_hash_map<uint64_t, Done> jobs;
  {
    base::MutexLock lock(mutex_);
    closed_ = true;
    jobs.swap(jobs_);
  }
  for (auto& job : jobs) job.second(why);
}

}  // namespace countersign::server
