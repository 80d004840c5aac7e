// Keeps the keys of the token issuers fresh: fetches what is due, each issuer
// on a short thread of its own, so that a dead one keeps no other away; records
// each change; tells health, log and metrics how the issuers are. app.cc gives
// it a thread. When to fetch is decided by auth/issuer_keys.h.
//
// Wiring: made after IssuerKeys, HealthBoard and Pipeline; RunLoop on a thread
// of its own once the pipeline's writer runs; WaitForFirst(kFirstKeys) before
// the ports open; Stop and join before the pipeline stops (it commits).
#ifndef COUNTERSIGN_SERVER_ISSUER_THREAD_H_
#define COUNTERSIGN_SERVER_ISSUER_THREAD_H_

#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "auth/issuer_keys.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/event.h"
#include "server/health_board.h"
#include "server/issuer_level.h"

namespace countersign::server {

// How long a start waits for the first keys; it goes on without them.
inline constexpr absl::Duration kFirstKeys = absl::Seconds(5);

// "issuers/NAME", as the health board knows an issuer.
std::string IssuerService(const std::string& name);

// ISSUER_KEYS_CHANGED of the server itself. Details: issuer, name, source, keys
// as {kid, thumbprint, algorithms, spkiSha256}, and what was added and removed,
// by thumbprint. After a start all keys are added.
core::Event KeysChangedEvent(const auth::KeyChange& change, absl::Time now);

// Thread-safe.
class IssuerThread {
 public:
  // Commits an event and returns when it is in the record (Pipeline::Commit).
  using Record = std::function<absl::Status(core::Event)>;

  // All of these outlive it. Takes OnWanted of `keys`.
  IssuerThread(auth::IssuerKeys& keys, HealthBoard& board,
               const base::Clock& clock, Record record);
  ~IssuerThread();

  // Blocks until Stop, and then until what is under way has ended: a tenth of a
  // second, as fetches are interrupted.
  void RunLoop() ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Until each issuer's keys have been asked for once, with success or without;
  // false where that takes longer than `at_most`. At once without issuers.
  bool WaitForFirst(absl::Duration at_most) ABSL_LOCKS_EXCLUDED(mutex_);

  // For Metrics::Set.
  std::vector<IssuerLevel> Levels() const;

 private:
  struct Worker {
    std::string issuer;
    std::thread thread;
    bool done = false;
  };

  void StartWorkers() ABSL_LOCKS_EXCLUDED(mutex_);
  void Fetch(const std::string& issuer);
  // Those that are done, or all of them.
  void Join(bool all) ABSL_LOCKS_EXCLUDED(mutex_);
  // Board and log; on the loop's thread.
  void Report() ABSL_LOCKS_EXCLUDED(mutex_);
  void LogHealth(const auth::IssuerHealth& health);

  auth::IssuerKeys& keys_;
  HealthBoard& board_;
  const base::Clock& clock_;
  const Record record_;
  // Of the loop's thread: issuers on the board, and those with a fault.
  std::set<std::string> known_;
  std::map<std::string, std::string> faults_;

  base::Mutex mutex_;
  base::CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool first_done_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> tried_ ABSL_GUARDED_BY(mutex_);
  std::list<Worker> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ISSUER_THREAD_H_
