#include "server/issuer_thread.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "auth/token_algorithm.h"
#include "base/json.h"
#include "base/log.h"
#include "base/openssl.h"
#include "core/principal.h"

namespace countersign::server {
namespace {

// How soon a change of health that no fetch causes is told: keys that have
// become too old. It costs a look at each issuer.
constexpr absl::Duration kTick = absl::Milliseconds(250);

base::Json KeyJson(const auth::IssuerKey& key) {
  base::Json::Array algorithms;
  for (const auth::TokenAlgorithm algorithm : key.algorithms) {
    algorithms.emplace_back(auth::ToString(algorithm));
  }
  return base::Json::Object{
      {"kid", key.id},
      {"thumbprint", key.thumbprint},
      {"algorithms", std::move(algorithms)},
      {"spkiSha256", absl::BytesToHexString(base::Sha256(key.spki))}};
}

// Thumbprints of the keys of `a` that are not in `b`.
base::Json::Array Without(const auth::KeySet& a, const auth::KeySet& b) {
  base::Json::Array out;
  for (const auth::IssuerKey& key : a.keys()) {
    if (std::find(b.keys().begin(), b.keys().end(), key) == b.keys().end()) {
      out.emplace_back(key.thumbprint);
    }
  }
  return out;
}

// A query may hold a secret of the site.
std::string SourceOf(const auth::KeyChange& change) {
  return change.source.substr(0, change.source.find('?'));
}

}  // namespace

std::string IssuerService(const std::string& name) {
  return absl::StrCat("issuers/", name);
}

core::Event KeysChangedEvent(const auth::KeyChange& change, absl::Time now) {
  core::Event event;
  event.type = core::EventType::kIssuerKeysChanged;
  event.time = now;
  event.actor = core::ServerPrincipal();
  base::Json::Array keys;
  for (const auth::IssuerKey& key : change.keys.keys()) {
    keys.push_back(KeyJson(key));
  }
  event.details =
      base::Json::Object{{"issuer", change.issuer},
                         {"name", change.issuer_name},
                         {"source", SourceOf(change)},
                         {"keys", std::move(keys)},
                         {"added", Without(change.keys, change.before)},
                         {"removed", Without(change.before, change.keys)}};
  return event;
}

IssuerThread::IssuerThread(auth::IssuerKeys& keys, HealthBoard& board,
                           const base::Clock& clock, Record record)
    : keys_(keys), board_(board), clock_(clock), record_(std::move(record)) {
  keys_.OnWanted([this] {
    {
      base::MutexLock lock(mutex_);
      wanted_ = true;
    }
    changed_.SignalAll();
  });
}

IssuerThread::~IssuerThread() { keys_.OnWanted(nullptr); }

void IssuerThread::Stop() {
  keys_.Interrupt();
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  changed_.SignalAll();
}

void IssuerThread::RunLoop() {
  while (true) {
    StartWorkers();
    Join(false);
    Report();
    const absl::Duration until = std::min(keys_.UntilDue(), kTick);
    base::MutexLock lock(mutex_);
    if (stopped_) break;
    const bool work = wanted_ || std::any_of(workers_.begin(), workers_.end(),
                                             [](const Worker& worker) {
                                               return worker.done;
                                             });
    if (!work) changed_.WaitFor(mutex_, until);
    wanted_ = false;
  }
  Join(true);
}

void IssuerThread::StartWorkers() {
  for (const std::string& issuer : keys_.TakeDue()) {
    base::MutexLock lock(mutex_);
    Worker& worker = workers_.emplace_back();
    worker.issuer = issuer;
    worker.thread = std::thread([this, issuer, done = &worker.done] {
      pthread_setname_np(pthread_self(), "issuer");
      Fetch(issuer);
      {
        base::MutexLock done_lock(mutex_);
        *done = true;
        tried_.insert(issuer);
      }
      changed_.SignalAll();
    });
  }
}

void IssuerThread::Fetch(const std::string& issuer) {
  keys_.FetchTaken(issuer, [this](const auth::KeyChange& change) {
    const core::Event event = KeysChangedEvent(change, clock_.Now());
    const absl::Status status = record_(event);
    if (!status.ok()) return status;
    base::Log(base::Severity::kInfo, "issuer_keys_changed",
              {{"issuer", change.issuer_name},
               {"source", SourceOf(change)},
               {"added", *event.details.Find("added")},
               {"removed", *event.details.Find("removed")}});
    return absl::OkStatus();
  });
}

void IssuerThread::Join(bool all) {
  std::list<Worker> over;
  {
    base::MutexLock lock(mutex_);
    for (auto worker = workers_.begin(); worker != workers_.end();) {
      const auto next = std::next(worker);
      if (all || worker->done) over.splice(over.end(), workers_, worker);
      worker = next;
    }
  }
  for (Worker& worker : over) worker.thread.join();
}

void IssuerThread::Report() {
  std::set<std::string> now;
  std::set<std::string> tried;
  {
    base::MutexLock lock(mutex_);
    tried = tried_;
  }
  bool all_tried = true;
  for (const auth::IssuerHealth& health : keys_.Health()) {
    now.insert(health.name);
    const std::string service = IssuerService(health.name);
    if (known_.insert(health.name).second) board_.Know(service);
    board_.Set(service, health.ready && health.reachable);
    if (tried.count(health.name) == 0) {
      all_tried = false;
    } else {
      LogHealth(health);
    }
  }
  for (auto name = known_.begin(); name != known_.end();) {
    if (now.count(*name) != 0) {
      ++name;
      continue;
    }
    board_.Forget(IssuerService(*name));
    faults_.erase(*name);
    name = known_.erase(name);
  }
  base::MutexLock lock(mutex_);
  for (auto name = tried_.begin(); name != tried_.end();) {
    name = now.count(*name) == 0 ? tried_.erase(name) : std::next(name);
  }
  if (first_done_ || !all_tried) return;
  first_done_ = true;
  changed_.SignalAll();
}

// Each fault once, and its end.
void IssuerThread::LogHealth(const auth::IssuerHealth& health) {
  const auto fault = faults_.find(health.name);
  if (health.message.empty()) {
    if (fault == faults_.end()) return;
    faults_.erase(fault);
    base::Log(base::Severity::kInfo, "issuer_reachable",
              {{"issuer", health.name}});
    return;
  }
  // Whether its tokens are still taken is news as well.
  const std::string now =
      absl::StrCat(health.ready ? "ready: " : "", health.message);
  if (fault != faults_.end() && fault->second == now) return;
  faults_[health.name] = now;
  base::Log(health.ready ? base::Severity::kWarning : base::Severity::kError,
            "issuer_unreachable",
            {{"issuer", health.name},
             {"cause", health.message},
             {"tokens_taken", health.ready}});
}

bool IssuerThread::WaitForFirst(absl::Duration at_most) {
  const absl::Duration end = base::SteadyNow() + at_most;
  base::MutexLock lock(mutex_);
  while (!first_done_ && !stopped_) {
    const absl::Duration left = end - base::SteadyNow();
    if (left <= absl::ZeroDuration()) break;
    changed_.WaitFor(mutex_, left);
  }
  return first_done_;
}

std::vector<IssuerLevel> IssuerThread::Levels() const {
  const absl::Time now = clock_.Now();
  std::vector<IssuerLevel> out;
  for (const auth::IssuerHealth& health : keys_.Health()) {
    IssuerLevel level;
    level.issuer = health.name;
    level.up = health.reachable && health.ready;
    level.key_age = health.fetch_time == absl::InfinitePast()
                        ? absl::InfiniteDuration()
                        : now - health.fetch_time;
    out.push_back(std::move(level));
  }
  return out;
}

}  // namespace countersign::server
