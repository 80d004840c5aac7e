#include "auth/issuer_keys.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

// Of ids that callers make up.
constexpr size_t kMaxIds = 256;
constexpr size_t kMaxIdOctets = 256;
// When to ask again while a fetch is under way, and at the latest.
constexpr absl::Duration kSoon = absl::Milliseconds(200);
constexpr absl::Duration kLate = absl::Seconds(30);

bool SameSource(const TokenIssuer& a, const TokenIssuer& b) {
  return a.issuer == b.issuer && a.spiffe == b.spiffe &&
         a.keys.discovery_url == b.keys.discovery_url &&
         a.keys.jwks_file == b.keys.jwks_file && a.keys.ca_pem == b.keys.ca_pem;
}

bool Has(const KeySet& keys, const IssuerKey& key) {
  return std::find(keys.keys().begin(), keys.keys().end(), key) !=
         keys.keys().end();
}

// The keys of `a` that are in `b`, too.
KeySet Both(const KeySet& a, const KeySet& b) {
  std::vector<IssuerKey> keys;
  std::copy_if(a.keys().begin(), a.keys().end(), std::back_inserter(keys),
               [&b](const IssuerKey& key) { return Has(b, key); });
  return KeySet(std::move(keys));
}

}  // namespace

IssuerKeys::IssuerKeys(Options options, const base::Clock& clock, Fetch fetch)
    : options_(options), clock_(clock), fetch_(std::move(fetch)) {}

void IssuerKeys::Replace(const std::vector<TokenIssuer>& issuers) {
  std::function<void()> wake;
  {
    base::MutexLock lock(mutex_);
    std::map<std::string, Entry> next;
    for (const TokenIssuer& issuer : issuers) {
      Entry& entry = next[issuer.name];
      const auto known = entries_.find(issuer.name);
      if (known != entries_.end() && SameSource(known->second.issuer, issuer)) {
        entry = std::move(known->second);
      } else {
        entry.generation = ++generations_;
        if (known != entries_.end() &&
            known->second.issuer.issuer == issuer.issuer) {
          entry.recorded = known->second.recorded;
        }
      }
      entry.issuer = issuer;
    }
    entries_ = std::move(next);
    wake = wake_;
  }
  if (wake) wake();
}

bool IssuerKeys::Counts(const Entry& entry, absl::Time now) const {
  return entry.keys != nullptr &&
         now <= entry.fetch_time + entry.issuer.keys.max_key_age;
}

absl::Time IssuerKeys::DueTime(const Entry& entry) const {
  // A failure's pause holds whoever waits.
  if (entry.wanted.empty() || !entry.last.ok()) return entry.due;
  return std::min(entry.due, entry.last_try + options_.unknown_key_pause);
}

absl::Status IssuerKeys::NotAtHand(const Entry& entry, absl::Time now,
                                   absl::string_view why) const {
  const absl::Duration until = DueTime(entry) - now;
  return core::error::IssuerKeysUnavailable(
      entry.issuer.name, why,
      entry.fetching ? kSoon : std::clamp(until + kSoon, kSoon, kLate));
}

bool IssuerKeys::WantLocked(Entry& entry, const std::string& id,
                            absl::Time now) {
  if (entry.wanted.size() >= kMaxIds) return false;
  const absl::Time before = DueTime(entry);
  if (!entry.wanted.insert(id).second) return false;
  return DueTime(entry) < before || DueTime(entry) <= now;
}

absl::StatusOr<std::shared_ptr<const KeySet>> IssuerKeys::Find(
    const std::string& issuer_name, absl::string_view missing_key) {
  const absl::Time now = clock_.Now();
  std::function<void()> wake;
  absl::Status status;
  {
    base::MutexLock lock(mutex_);
    const auto found = entries_.find(issuer_name);
    if (found == entries_.end()) {
      return core::error::IssuerKeysUnavailable(
          issuer_name, "the configuration has just changed", kSoon);
    }
    Entry& entry = found->second;
    if (!Counts(entry, now)) {
      return NotAtHand(entry, now,
                       entry.keys == nullptr
                           ? "they could not be fetched yet"
                           : "it has not been reached for too long");
    }
    if (missing_key.empty() || missing_key.size() > kMaxIdOctets ||
        entry.keys->Find(missing_key) != nullptr) {
      return entry.keys;
    }
    const std::string id(missing_key);
    const auto known = entry.unknown.find(id);
    if (known != entry.unknown.end() && now < known->second) return entry.keys;
    if (WantLocked(entry, id, now)) wake = wake_;
    status = NotAtHand(entry, now, "the token's key is not among them yet");
  }
  if (wake) wake();
  return status;
}

std::vector<IssuerHealth> IssuerKeys::Health() const {
  const absl::Time now = clock_.Now();
  std::vector<IssuerHealth> out;
  base::MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    IssuerHealth health;
    health.name = name;
    health.fetch_time = entry.fetch_time;
    health.reachable = entry.last.ok();
    health.message = std::string(entry.last.message());
    health.ready = Counts(entry, now) && !entry.keys->keys().empty();
    if (entry.last.ok() && !health.ready) {
      health.message = "its key set holds no key that may be used";
    }
    out.push_back(std::move(health));
  }
  return out;
}

std::vector<std::string> IssuerKeys::TakeDue() {
  const absl::Time now = clock_.Now();
  std::vector<std::string> out;
  base::MutexLock lock(mutex_);
  for (auto& [name, entry] : entries_) {
    if (entry.fetching) continue;
    // A clock that was set back must not keep us from fetching.
    if (DueTime(entry) > now && entry.last_try <= now) continue;
    entry.fetch_time = std::min(entry.fetch_time, now);
    entry.fetching = true;
    out.push_back(name);
  }
  return out;
}

absl::Duration IssuerKeys::UntilDue() const {
  const absl::Time now = clock_.Now();
  absl::Duration until = options_.max_refresh;
  base::MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    if (!entry.fetching) until = std::min(until, DueTime(entry) - now);
  }
  return std::max(until, absl::ZeroDuration());
}

absl::Duration IssuerKeys::RefreshOf(const Entry& entry,
                                     absl::Duration max_age) const {
  if (!entry.issuer.keys.jwks_file.empty()) return options_.file_poll;
  const absl::Duration said =
      max_age == absl::ZeroDuration() ? options_.refresh : max_age;
  return std::min(std::clamp(said, options_.min_refresh, options_.max_refresh),
                  entry.issuer.keys.max_key_age / 2);
}

absl::StatusOr<KeySet> IssuerKeys::KeysOf(
    const Entry& entry, const absl::StatusOr<Fetched>& fetched) {
  if (!fetched.ok()) return fetched.status();
  if (entry.keys != nullptr && fetched->jwks == entry.text) return *entry.keys;
  absl::StatusOr<KeySet> keys = ParseKeySet(fetched->jwks, entry.issuer.spiffe);
  if (!keys.ok()) return base::Annotate(keys.status(), fetched->url);
  return keys;
}

void IssuerKeys::Succeeded(Entry& entry, const std::set<std::string>& asked,
                           const Fetched& fetched, absl::Time now) const {
  entry.last = absl::OkStatus();
  entry.pause = absl::ZeroDuration();
  entry.fetch_time = now;
  entry.text = fetched.jwks;
  entry.due = now + RefreshOf(entry, fetched.max_age);
  for (auto id = entry.unknown.begin(); id != entry.unknown.end();) {
    id = id->second <= now ? entry.unknown.erase(id) : std::next(id);
  }
  // Who asked while the fetch was under way may be right still.
  for (const std::string& id : asked) {
    entry.wanted.erase(id);
    if (entry.keys->Find(id) == nullptr && entry.unknown.size() < kMaxIds) {
      entry.unknown[id] = now + options_.unknown_key_memory;
    }
  }
  for (auto id = entry.wanted.begin(); id != entry.wanted.end();) {
    id = entry.keys->Find(*id) != nullptr ? entry.wanted.erase(id)
                                          : std::next(id);
  }
}

void IssuerKeys::Failed(Entry& entry, absl::Status why, absl::Time now) const {
  entry.last = std::move(why);
  entry.pause = std::clamp(entry.pause * 2, options_.retry, options_.max_retry);
  entry.due = now + (entry.issuer.keys.jwks_file.empty() ? entry.pause
                                                         : options_.file_poll);
}

void IssuerKeys::FetchTaken(const std::string& issuer_name,
                            const Record& record) {
  Entry then;  // as it was when the fetch began
  {
    base::MutexLock lock(mutex_);
    const auto found = entries_.find(issuer_name);
    // Gone or another one meanwhile.
    if (found == entries_.end() || !found->second.fetching) return;
    then = found->second;
  }
  const absl::StatusOr<Fetched> fetched =
      fetch_(then.issuer, [this] { return interrupted_.load(); });
  const absl::StatusOr<KeySet> keys = KeysOf(then, fetched);
  absl::Status status = keys.status();
  if (keys.ok() && !(*keys == then.recorded)) {
    status = record({then.issuer.name, then.issuer.issuer, fetched->url, *keys,
                     then.recorded});
  }
  const absl::Time now = clock_.Now();
  base::MutexLock lock(mutex_);
  const auto found = entries_.find(issuer_name);
  if (found == entries_.end() || found->second.generation != then.generation) {
    return;  // another source since
  }
  Entry& entry = found->second;
  entry.fetching = false;
  entry.last_try = now;
  if (!status.ok()) {
    if (keys.ok() && entry.keys != nullptr) {
      entry.keys = std::make_shared<const KeySet>(Both(*entry.keys, *keys));
      entry.text.clear();
    }
    return Failed(entry, status, now);
  }
  entry.recorded = *keys;
  if (entry.keys == nullptr || !(*entry.keys == *keys)) {
    entry.keys = std::make_shared<const KeySet>(*keys);
  }
  Succeeded(entry, then.wanted, *fetched, now);
}

void IssuerKeys::OnWanted(std::function<void()> wake) {
  base::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace countersign::auth
