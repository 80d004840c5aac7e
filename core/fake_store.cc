#include "core/fake_store.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

std::string SimpleLeaf(uint64_t number, const Event& event) {
  base::Json leaf = base::Json::Object();
  leaf.Set("number", number);
  leaf.Set("type", ToString(event.type));
  leaf.Set("time", absl::FormatTime(event.time, absl::UTCTimeZone()));
  leaf.Set("actor", event.actor.subject);
  leaf.Set("resource", event.resource);
  leaf.Set("details", event.details);
  return base::CanonicalJson(leaf).value_or(base::CompactJson(leaf));
}

// What a cursor is bound to: a page of one query is no page of another.
std::string Conditions(const RequestQuery& query) {
  return absl::StrCat(
      query.oldest_first, "/", query.product, "/", query.operation, "/",
      absl::StrJoin(query.states, ",",
                    [](std::string* out, RequestState state) {
                      absl::StrAppend(out, ToString(state));
                    }),
      "/", query.expire_before ? absl::FormatTime(*query.expire_before) : "",
      "/", query.requester_subject, "/", query.requester_issuer, "/",
      query.request_id, "#");
}

bool Matches(const SigningRequest& r, const RequestQuery& q) {
  const OperationName& operation = r.name.operation;
  return (q.product.empty() || operation.product.product == q.product) &&
         (q.operation.empty() || operation.operation == q.operation) &&
         (q.states.empty() || std::find(q.states.begin(), q.states.end(),
                                        r.state) != q.states.end()) &&
         (!q.expire_before || r.expire_time < *q.expire_before) &&
         (q.requester_subject.empty() ||
          r.requester.subject == q.requester_subject) &&
         (q.requester_issuer.empty() ||
          r.requester.issuer == q.requester_issuer) &&
         (q.request_id.empty() || r.request_id == q.request_id);
}

bool Matches(const Event& e, const LeafQuery& q) {
  return (q.subject.empty() || e.actor.subject == q.subject) &&
         absl::StartsWith(e.resource, q.resource_prefix) &&
         (q.operation.empty() || e.operation == q.operation) &&
         (q.key_version.empty() || e.key_version == q.key_version) &&
         (q.types.empty() ||
          std::find(q.types.begin(), q.types.end(), e.type) != q.types.end()) &&
         (!q.from || e.time >= *q.from) && (!q.until || e.time < *q.until);
}

}  // namespace

FakeStore::FakeStore() : FakeStore(SimpleLeaf) {}

absl::StatusOr<std::vector<CommitOutcome>> FakeStore::Commit(
    absl::Span<const ChangeSet> changes) {
  base::MutexLock lock(mutex_);
  ++commits_;
  RETURN_IF_ERROR(commit_fault_.Take());
  std::vector<CommitOutcome> outcomes;
  for (const ChangeSet& set : changes) {
    if (std::optional<LostRace> race = FindRaceLocked(set)) {
      outcomes.emplace_back(*std::move(race));
    } else {
      outcomes.emplace_back(ApplyLocked(set));
    }
  }
  RETURN_IF_ERROR(answer_fault_.Take());
  return outcomes;
}

absl::StatusOr<Product> FakeStore::GetProduct(const ProductName& name) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  const auto found = products_.find(name.Format());
  if (found == products_.end()) return error::NotFound(name.Format());
  return WithUsesLocked(found->second);
}

absl::StatusOr<Page<Product>> FakeStore::ListProducts(
    const ProductQuery& query) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  auto it = products_.begin();
  if (!query.cursor.empty()) {
    it = products_.find(query.cursor);
    if (it == products_.end()) return error::BadPageToken();
    ++it;
  }
  Page<Product> page;
  for (; it != products_.end(); ++it) {
    if (page.items.size() == static_cast<size_t>(query.limit)) {
      page.next_cursor = page.items.back().name.Format();
      break;
    }
    page.items.push_back(WithUsesLocked(it->second));
  }
  return page;
}

absl::StatusOr<SigningRequest> FakeStore::GetRequest(const RequestName& name) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  const auto found = by_name_.find(name.Format());
  if (found == by_name_.end()) return error::NotFound(name.Format());
  return requests_[found->second];
}

absl::StatusOr<Page<SigningRequest>> FakeStore::ListRequests(
    const RequestQuery& query) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  const size_t end = requests_.size();
  const std::string conditions = Conditions(query);
  size_t next = query.oldest_first ? 0 : end - 1;  // wraps where it is empty
  if (!query.cursor.empty()) {
    absl::string_view last = query.cursor;
    if (!absl::ConsumePrefix(&last, conditions) ||
        !absl::SimpleAtoi(last, &next) || next >= end) {
      return error::BadPageToken();
    }
    next = query.oldest_first ? next + 1 : next - 1;
  }
  Page<SigningRequest> page;
  size_t last_taken = 0;
  for (; next < end; next = query.oldest_first ? next + 1 : next - 1) {
    if (!Matches(requests_[next], query)) continue;
    if (page.items.size() == static_cast<size_t>(query.limit)) {
      page.next_cursor = absl::StrCat(conditions, last_taken);
      break;
    }
    page.items.push_back(requests_[next]);
    last_taken = next;
  }
  return page;
}

absl::StatusOr<std::vector<Leaf>> FakeStore::ReadLeaves(
    const LeafQuery& query) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  std::vector<Leaf> leaves;
  for (uint64_t i = query.first; i < events_.size(); ++i) {
    if (leaves.size() == static_cast<size_t>(query.limit)) break;
    if (Matches(events_[i], query)) leaves.push_back({i, leaves_[i]});
  }
  return leaves;
}

absl::StatusOr<TreeSnapshot> FakeStore::ReadTree(
    absl::Span<const TileId> tiles) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(read_fault_.Take());
  TreeSnapshot tree;
  tree.leaves = leaves_.size();
  tree.size = tree_size_;
  tree.checkpoint = checkpoint_;
  for (const TileId& id : tiles) {
    const auto found = tiles_.find({id.level, id.index});
    if (found != tiles_.end()) tree.tiles.push_back({id, found->second});
  }
  return tree;
}

void FakeStore::FailNextCommits(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  commit_fault_ = {count, std::move(status)};
}

void FakeStore::LoseNextAnswers(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  answer_fault_ = {count, std::move(status)};
}

void FakeStore::FailNextReads(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  read_fault_ = {count, std::move(status)};
}

int64_t FakeStore::commits() const {
  base::MutexLock lock(mutex_);
  return commits_;
}

std::vector<Event> FakeStore::events() const {
  base::MutexLock lock(mutex_);
  return events_;
}

std::optional<LostRace> FakeStore::FindRaceLocked(const ChangeSet& set) const {
  if (std::optional<LostRace> race = FindProductRaceLocked(set)) return race;
  for (const SigningRequest& request : set.requests) {
    if (std::optional<LostRace> race = FindRequestRaceLocked(request)) {
      return race;
    }
  }
  if (set.tree && set.tree->size <= tree_size_) {
    return LostRace{LostRace::What::kTree, std::nullopt, std::nullopt};
  }
  return FindLimitRaceLocked(set);
}

std::optional<LostRace> FakeStore::FindLimitRaceLocked(
    const ChangeSet& set) const {
  std::map<std::string, int64_t> used;
  for (const KeyUse& use : set.key_uses) {
    if (use.limit <= 0) continue;
    const std::string name = use.key.Format();
    const auto found = key_uses_.find(name);
    const auto [it, first] =
        used.emplace(name, found == key_uses_.end() ? 0 : found->second);
    if (use.count > use.limit - it->second) {
      return LostRace{LostRace::What::kKeyLimit, std::nullopt, std::nullopt};
    }
    it->second += use.count;
  }
  return std::nullopt;
}

Product FakeStore::WithUsesLocked(Product product) const {
  for (Operation& operation : product.operations) {
    for (KeyVersion& key : operation.key_versions) {
      if (key.max_signatures <= 0) continue;
      const auto found = key_uses_.find(key.name.Format());
      key.signatures_used = found == key_uses_.end() ? 0 : found->second;
    }
  }
  return product;
}

std::optional<LostRace> FakeStore::FindProductRaceLocked(
    const ChangeSet& set) const {
  std::vector<std::pair<std::string, int64_t>> wanted;
  for (const Product& product : set.products) {
    wanted.emplace_back(product.name.Format(), product.revision - 1);
  }
  for (const auto& [name, revision] : set.expected) {
    wanted.emplace_back(name.Format(), revision);
  }
  for (const auto& [name, revision] : wanted) {
    const auto found = products_.find(name);
    const bool there = found != products_.end();
    // Revision 0 is that of what is not there.
    if ((there ? found->second.revision : 0) == revision) continue;
    LostRace race{LostRace::What::kProduct, std::nullopt, std::nullopt};
    if (there) race.product = found->second;
    return race;
  }
  for (const Product& product : set.products) {
    if (std::optional<LostRace> race = FindKeyRaceLocked(product)) return race;
  }
  return std::nullopt;
}

std::optional<LostRace> FakeStore::FindKeyRaceLocked(
    const Product& product) const {
  const auto before = products_.find(product.name.Format());
  for (const KeyVersion& key : NewlyRegistered(
           product, before == products_.end() ? nullptr : &before->second)) {
    const KeyVersion* same = FindSameKey(product, key);
    for (const auto& [name, other] : products_) {
      if (same == nullptr && !(other.name == product.name)) {
        same = FindSameKey(other, key);
      }
    }
    if (same != nullptr) {
      return LostRace{LostRace::What::kKeyTaken, std::nullopt, std::nullopt,
                      same->name};
    }
  }
  return std::nullopt;
}

std::optional<LostRace> FakeStore::FindRequestRaceLocked(
    const SigningRequest& r) const {
  const auto found = by_name_.find(r.name.Format());
  const bool there = found != by_name_.end();
  if ((there ? requests_[found->second].revision : 0) != r.revision - 1) {
    LostRace race{LostRace::What::kRequest, std::nullopt, std::nullopt};
    if (there) race.request = requests_[found->second];
    return race;
  }
  if (there || r.request_id.empty()) return std::nullopt;
  const auto taken = by_request_id_.find(
      {r.requester.subject, r.requester.issuer, r.request_id});
  if (taken == by_request_id_.end()) return std::nullopt;
  return LostRace{LostRace::What::kRequestId, std::nullopt,
                  requests_[taken->second]};
}

Committed FakeStore::ApplyLocked(const ChangeSet& set) {
  for (const Product& product : set.products) {
    products_[product.name.Format()] = product;
  }
  for (const SigningRequest& r : set.requests) {
    const auto [it, inserted] =
        by_name_.emplace(r.name.Format(), requests_.size());
    if (inserted) {
      requests_.push_back(r);
      if (!r.request_id.empty()) {
        by_request_id_[{r.requester.subject, r.requester.issuer,
                        r.request_id}] = it->second;
      }
    } else {
      requests_[it->second] = r;
    }
  }
  for (const KeyUse& use : set.key_uses) {
    if (use.limit > 0) key_uses_[use.key.Format()] += use.count;
  }
  const Committed committed{leaves_.size()};
  for (const Event& event : set.events) {
    leaves_.push_back(leaf_bytes_(leaves_.size(), event));
    events_.push_back(event);
  }
  if (set.tree) {
    tree_size_ = set.tree->size;
    checkpoint_ = set.tree->checkpoint;
    for (const Tile& tile : set.tree->tiles) {
      tiles_[{tile.id.level, tile.id.index}] = tile.hashes;
    }
  }
  return committed;
}

}  // namespace countersign::core
