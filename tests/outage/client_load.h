// Clients that ask a real server for one signature after another while its HSM
// comes and goes: each repeats its request, with the same request_id, until it
// is signed, and checks the signature.
#ifndef COUNTERSIGN_TESTS_OUTAGE_CLIENT_LOAD_H_
#define COUNTERSIGN_TESTS_OUTAGE_CLIENT_LOAD_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "tests/bench/target.h"

namespace countersign::outage {

struct ClientLoadOptions {
  bench::Target target;
  std::string operation;  // products/P/operations/O, P-256
  std::string spki;       // DER, of the operation's key
  int clients = 8;
  // Of each client, after a signature.
  absl::Duration pause;
};

struct ClientTally {
  std::set<std::string> signed_names;
  int64_t requests = 0;    // begun
  int64_t signatures = 0;  // one for each request in the end
  int64_t refusals = 0;    // UNAVAILABLE or not yet signed: asked again
  int64_t wrong = 0;       // signatures that do not verify
  // A request that was signed under another name when it was asked for again.
  int64_t doubled = 0;
  std::map<std::string, int64_t> other_errors;
};

// Thread-safe.
class ClientLoad {
 public:
  explicit ClientLoad(ClientLoadOptions options);
  // As Stop.
  ~ClientLoad();
  ClientLoad(const ClientLoad&) = delete;
  ClientLoad& operator=(const ClientLoad&) = delete;

  // Blocks until `count` more are signed; false after `patience`.
  bool AwaitSigned(int64_t count, absl::Duration patience)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // When the first signature since `since` (base::SteadyNow) arrived; infinite
  // after `patience`.
  absl::Duration AwaitFirstSince(absl::Duration since, absl::Duration patience)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks until each client has its last signature.
  ClientTally Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Client;
  void Run();

  const ClientLoadOptions options_;
  base::Mutex mutex_;
  base::CondVar changed_;
  ClientTally tally_ ABSL_GUARDED_BY(mutex_);
  absl::Duration since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  absl::Duration first_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace countersign::outage

#endif  // COUNTERSIGN_TESTS_OUTAGE_CLIENT_LOAD_H_
