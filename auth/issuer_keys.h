// The keys of all token issuers as they are known now, and when they must be
// had again: fetched by discovery document and JWKS, or read from files, never
// on a caller's thread. One thread of the server drives it
// (server/issuer_thread.h); VerifyToken asks it.
#ifndef COUNTERSIGN_AUTH_ISSUER_KEYS_H_
#define COUNTERSIGN_AUTH_ISSUER_KEYS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
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
  std::string message;     // why not; empty where all is well
  // When the keys were last had; the infinite past: never.
  absl::Time fetch_time = absl::InfinitePast();
};

// A change of an issuer's keys, for the record.
struct KeyChange {
  std::string issuer_name;
  std::string issuer;
  std::string source;  // URL or file
  KeySet keys;         // all that count from now on
  KeySet before;       // that were recorded last; none after a start
};

// Thread-safe.
class IssuerKeys {
 public:
  struct Options {
    // Between two fetches while all is well; a shorter Cache-Control max-age
    // counts down to min_refresh, a longer one up to max_refresh. Never more
    // than half of the issuer's max_key_age.
    absl::Duration refresh = absl::Hours(1);
    absl::Duration min_refresh = absl::Minutes(5);
    absl::Duration max_refresh = absl::Hours(24);
    // After a failure, doubled each time to max_retry.
    absl::Duration retry = absl::Seconds(2);
    absl::Duration max_retry = absl::Minutes(1);
    // Between two fetches for keys that somebody asked for: the bound on what
    // callers with made-up key ids can cause.
    absl::Duration unknown_key_pause = absl::Seconds(10);
    // How long an id that was not there causes no further fetch.
    absl::Duration unknown_key_memory = absl::Minutes(1);
    // How soon a changed file is noticed.
    absl::Duration file_poll = absl::Seconds(2);
  };
  // What was fetched: the key set's text and how long it is good.
  struct Fetched {
    std::string jwks;
    std::string url;         // where it came from; or the file
    absl::Duration max_age;  // zero: not said
  };
  // Port to the network and the disk: auth::FetchIssuerKeys. Blocks, seconds at
  // most, until `interrupted`.
  using Fetch = std::function<absl::StatusOr<Fetched>(
      const TokenIssuer&, const std::function<bool()>& interrupted)>;
  // Records a change. New keys count once it has succeeded; where it fails,
  // those that vanished stop counting all the same. May block.
  using Record = std::function<absl::Status(const KeyChange&)>;

  // `clock` outlives it.
  IssuerKeys(Options options, const base::Clock& clock, Fetch fetch);

  // The issuers of a new configuration; keys of those that stay are kept.
  void Replace(const std::vector<TokenIssuer>& issuers)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // verify_token.h, FindKeys. With a `missing_key` that is not there and was
  // not looked for lately: UNAVAILABLE, and newer keys are wanted. One that was
  // looked for in vain: the keys that there are. UNAVAILABLE also where the
  // keys are older than the issuer's max_key_age. Does not block.
  absl::StatusOr<std::shared_ptr<const KeySet>> Find(
      const std::string& issuer_name, absl::string_view missing_key)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<IssuerHealth> Health() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The names of issuers whose keys are to be fetched now; each is taken by one
  // caller, who calls FetchTaken for it, once.
  std::vector<std::string> TakeDue() ABSL_LOCKS_EXCLUDED(mutex_);
  // Several issuers may be fetched at a time, by a thread each. Blocks on the
  // network and in `record`.
  void FetchTaken(const std::string& issuer_name, const Record& record)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Until something is due that nobody has taken; OnWanted may come earlier.
  absl::Duration UntilDue() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Fetches that are under way end soon, in vain; for good.
  void Interrupt() { interrupted_ = true; }

  // Told, on a caller's thread, when something has become due early: an unknown
  // key, new issuers. Must not block.
  void OnWanted(std::function<void()> wake) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    TokenIssuer issuer;
    uint64_t generation = 0;  // tells it from a later one of the same name
    std::shared_ptr<const KeySet> keys;  // nullptr: never had
    KeySet recorded;
    std::string text;  // that `keys` were read from
    absl::Time fetch_time = absl::InfinitePast();
    absl::Time last_try = absl::InfinitePast();
    absl::Time due = absl::InfinitePast();
    absl::Duration pause;  // after the last failure
    absl::Status last = absl::UnavailableError("not fetched yet");
    bool fetching = false;
    // Ids that somebody waits for, and those that were not there, each with the
    // time at which that is forgotten.
    std::set<std::string> wanted;
    std::map<std::string, absl::Time> unknown;
  };

  // When to fetch next; early where somebody waits.
  absl::Time DueTime(const Entry& entry) const;
  bool Counts(const Entry& entry, absl::Time now) const;
  absl::Status NotAtHand(const Entry& entry, absl::Time now,
                         absl::string_view why) const;
  // True where that is news: the entry has become due earlier.
  bool WantLocked(Entry& entry, const std::string& id, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration RefreshOf(const Entry& entry, absl::Duration max_age) const;
  // What was fetched, read; what the entry had where the text is the same.
  static absl::StatusOr<KeySet> KeysOf(const Entry& entry,
                                       const absl::StatusOr<Fetched>& fetched);
  void Succeeded(Entry& entry, const std::set<std::string>& asked,
                 const Fetched& fetched, absl::Time now) const;
  void Failed(Entry& entry, absl::Status why, absl::Time now) const;

  const Options options_;
  const base::Clock& clock_;
  const Fetch fetch_;
  std::atomic<bool> interrupted_{false};
  mutable base::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  uint64_t generations_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUER_KEYS_H_
