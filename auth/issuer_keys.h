// The keys of all token issuers as they are known now, and the work of knowing
// them: fetched by discovery document and JWKS, or read from files, never on a
// caller's thread. One thread of the server runs it (server/issuer_thread.h);
// VerifyToken asks it.
#ifndef COUNTERSIGN_AUTH_ISSUER_KEYS_H_
#define COUNTERSIGN_AUTH_ISSUER_KEYS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/json_web_key.h"
#include "auth/token_issuer.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace countersign::auth {

// How one issuer is: for readiness, metrics and the log.
struct IssuerHealth {
  std::string name;
  bool ready = false;      // there are keys that count
  bool reachable = false;  // the last try to have them succeeded
  std::string message;     // why not
  absl::Time fetch_time;   // when the keys were last had
};

// A change of an issuer's keys, for the record.
struct KeyChange {
  std::string issuer_name;
  std::string issuer;
  std::string source;  // URL or file
  KeySet keys;         // all that count now
};

// Thread-safe.
class IssuerKeys {
 public:
  struct Options {
    // Between two fetches while all is well; a shorter Cache-Control max-age
    // counts down to min_refresh, a longer one up to max_refresh.
    absl::Duration refresh = absl::Hours(1);
    absl::Duration min_refresh = absl::Minutes(5);
    absl::Duration max_refresh = absl::Hours(24);
    // After a failure, doubled each time to refresh.
    absl::Duration retry = absl::Seconds(5);
    // Between two fetches for keys that somebody asked for: the bound on what
    // callers with made-up key ids can cause.
    absl::Duration unknown_key_pause = absl::Seconds(10);
    // How soon a changed file is noticed.
    absl::Duration file_poll = absl::Seconds(2);
  };
  // What was fetched: the key set's text and how long it is good.
  struct Fetched {
    std::string jwks;
    std::string url;
    absl::Duration max_age;  // zero: not said
  };
  // Port to the network and the disk. Blocks, seconds at most.
  using Fetch = std::function<absl::StatusOr<Fetched>(const TokenIssuer&)>;

  // `clock` outlives it.
  IssuerKeys(Options options, const base::Clock& clock, Fetch fetch);

  // The issuers of a new configuration; keys of those that stay are kept.
  void Replace(const std::vector<TokenIssuer>& issuers)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // verify_token.h, FindKeys. An id that was not there after a fetch is
  // remembered and does not cause another one. Does not block.
  absl::StatusOr<std::shared_ptr<const KeySet>> Find(
      const std::string& issuer_name, absl::string_view missing_key)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<IssuerHealth> Health() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Fetches what is due, one after another, and tells each change. The time
  // until something is due next; Wake may come earlier. Blocks on the network.
  absl::Duration Refresh(const std::function<void(const KeyChange&)>& changed)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Told when Find has asked for newer keys: the thread should call Refresh.
  void OnWanted(std::function<void()> wake) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    TokenIssuer issuer;
    std::shared_ptr<const KeySet> keys;  // nullptr: never had
    absl::Time fetch_time = absl::InfinitePast();
    absl::Time due = absl::InfinitePast();
    absl::Time last_try = absl::InfinitePast();
    absl::Duration pause;  // after the next failure
    absl::Status last = absl::OkStatus();
    bool wanted = false;
    // Ids that were not there when the keys were fetched.
    std::map<std::string, absl::Time> unknown;
  };

  const Options options_;
  const base::Clock& clock_;
  const Fetch fetch_;
  mutable base::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUER_KEYS_H_
