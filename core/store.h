// Port: what is remembered. One way to write: change sets, each applied whole
// or not at all, many of them in one durable transaction. Reads give snapshots.
// Implemented by storage/ (SqliteStore) and by FakeStore.
#ifndef COUNTERSIGN_CORE_STORE_H_
#define COUNTERSIGN_CORE_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/event.h"
#include "core/names.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::core {

// One 256-hash tile of the Merkle tree (C2SP tlog-tiles): hash i of tile
// (level, index) is the root of the full subtree of 256^level leaves at
// index * 256 + i. 32 octets each, 1..256 of them.
struct TileId {
  int level = 0;
  uint64_t index = 0;
  bool operator==(const TileId& o) const {
    return level == o.level && index == o.index;
  }
};
struct Tile {
  TileId id;
  std::string hashes;
};

// A newer state of the integrated tree.
struct TreeUpdate {
  uint64_t size = 0;        // must be larger than what is stored
  std::vector<Tile> tiles;  // new or longer
  std::string checkpoint;   // signed note over that size
};

// Uses of a key version that has a limit, counted before they happen.
struct KeyUse {
  KeyVersionName key;
  int64_t count = 0;
  int64_t limit = 0;  // of this key version; 0: none, and nothing is counted

  bool operator==(const KeyUse& o) const {
    return key == o.key && count == o.count && limit == o.limit;
  }
};

// A value: what is expected, what is written, what is recorded.
struct ChangeSet {
  // revision 1 inserts, n > 1 replaces revision n - 1; otherwise it is a lost
  // race. Inserting a product whose name is taken is one too, and so is writing
  // a registered key version whose key another key version has, of any product
  // (FindSameKey; kKeyTaken): the store reads all products for it, which is
  // rare.
  std::vector<Product> products;
  // The same. An insert whose (requester, request_id) is taken is one too; an
  // empty request_id takes part in no such check.
  std::vector<SigningRequest> requests;
  // Products that must still have this revision, though they are not written.
  std::vector<std::pair<ProductName, int64_t>> expected;
  // Each is added to what was counted for its key version before, if the sum is
  // at most its limit; otherwise it is a lost race (kKeyLimit, looked at last).
  // Keys without a limit do not stand here. The count is exact or too high,
  // never too low: a store of several servers may lease blocks of uses from the
  // counter, each server counting in its block (one row written for each block
  // and not for each commit), and loses the rest of a block in a crash.
  std::vector<KeyUse> key_uses;
  // Appended in order; their numbers follow those of the change set before.
  std::vector<Event> events;
  std::optional<TreeUpdate> tree;
};

struct Committed {
  uint64_t first_leaf = 0;  // number of the first of its events
};

// What stood in the way; decide again from it.
struct LostRace {
  enum class What {
    kProduct,
    kRequest,
    kRequestId,
    kTree,
    kKeyLimit,
    kKeyTaken
  };
  What what = What::kRequest;
  std::optional<Product> product;         // as it is now
  std::optional<SigningRequest> request;  // as it is now
  // kKeyTaken: who has the key.
  std::optional<KeyVersionName> holder = std::nullopt;
};

using CommitOutcome = std::variant<Committed, LostRace>;

// Pages go by a cursor that the store makes; "" is the first page and, coming
// back, the last.
struct ProductQuery {
  int limit = 50;
  std::string cursor;
};
struct RequestQuery {
  int limit = 50;
  std::string cursor;
  // Newest first, unless oldest_first. Each condition narrows.
  bool oldest_first = false;
  std::string product;    // id
  std::string operation;  // id, with product
  std::vector<RequestState> states;
  std::optional<absl::Time> expire_before;
  // Both: exactly this requester's request of that idempotency key.
  std::string requester_subject;
  std::string requester_issuer;
  std::string request_id;
};
struct LeafQuery {
  int limit = 50;
  uint64_t first = 0;   // leaf number to start from, ascending
  std::string subject;  // actor
  std::string resource_prefix;
  std::string operation;
  std::string key_version;
  std::vector<EventType> types;
  std::optional<absl::Time> from;   // inclusive
  std::optional<absl::Time> until;  // exclusive
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;
};

struct Leaf {
  uint64_t number = 0;
  std::string bytes;  // canonical, as hashed; see docs/audit-format.md
};

struct TreeSnapshot {
  uint64_t leaves = 0;      // numbered so far
  uint64_t size = 0;        // integrated
  std::string checkpoint;   // of `size`; empty before the first
  std::vector<Tile> tiles;  // those asked for that are there, as they are now
};

// Thread-safe; Commit is called from one thread at a time. All block on the
// disk. INTERNAL where the database fails: then nothing may be signed.
class Store {
 public:
  virtual ~Store() = default;

  // Durable when it returns OK; one outcome for each change set, in order.
  // An error means that none of them was applied.
  virtual absl::StatusOr<std::vector<CommitOutcome>> Commit(
      absl::Span<const ChangeSet> changes) = 0;

  // NOT_FOUND where it is not there. Here and in lists, key versions with a
  // limit have signatures_used; in a LostRace they have not.
  virtual absl::StatusOr<Product> GetProduct(const ProductName& name) = 0;
  virtual absl::StatusOr<Page<Product>> ListProducts(
      const ProductQuery& query) = 0;
  virtual absl::StatusOr<SigningRequest> GetRequest(
      const RequestName& name) = 0;
  // INVALID_ARGUMENT for a cursor that is none of this query's.
  virtual absl::StatusOr<Page<SigningRequest>> ListRequests(
      const RequestQuery& query) = 0;
  virtual absl::StatusOr<std::vector<Leaf>> ReadLeaves(
      const LeafQuery& query) = 0;
  virtual absl::StatusOr<TreeSnapshot> ReadTree(
      absl::Span<const TileId> tiles) = 0;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_H_
