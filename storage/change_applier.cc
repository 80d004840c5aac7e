#include "storage/change_applier.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "audit/leaf.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "storage/product_codec.h"
#include "storage/request_codec.h"

namespace countersign::storage {
namespace {

using core::LostRace;

// Binds `name` to parameters 1 to 3.
absl::Status BindName(Statement& statement, const core::RequestName& name) {
  RETURN_IF_ERROR(statement.BindText(1, name.id));
  RETURN_IF_ERROR(statement.BindText(2, name.operation.product.product));
  return statement.BindText(3, name.operation.operation);
}

absl::StatusOr<LostRace> RequestRace(LostRace::What what,
                                     absl::string_view value) {
  ASSIGN_OR_RETURN(core::SigningRequest now, DecodeRequest(value));
  return LostRace{what, std::nullopt, std::move(now)};
}

bool IsSingle(const core::ChangeSet& change) {
  return change.requests.size() == 1;
}

// The database contradicts itself, or a change set names a request twice.
absl::Status NothingWritten(const core::SigningRequest& request) {
  return base::MakeError(
      absl::StatusCode::kInternal,
      absl::StrCat(request.name.Format(), ", revision ", request.revision,
                   ": nothing stood in the way, and nothing was written"),
      {"REQUEST_NOT_WRITTEN", {}, {}, {}, {}});
}

}  // namespace

absl::StatusOr<uint64_t> CountLeaves(Database& db) {
  ASSIGN_OR_RETURN(const int64_t count,
                   db.Int64("SELECT ifnull(max(number) + 1, 0) FROM leaves"));
  return static_cast<uint64_t>(count);
}

absl::StatusOr<core::CommitOutcome> ChangeApplier::Apply(
    const core::ChangeSet& change) {
  ASSIGN_OR_RETURN(std::optional<LostRace> race, FindRace(change));
  if (race.has_value()) return core::CommitOutcome(*std::move(race));
  // First of all: where a request stands alone, its row is the check.
  for (const core::SigningRequest& request : change.requests) {
    ASSIGN_OR_RETURN(const bool written, Write(request));
    if (written) continue;
    ASSIGN_OR_RETURN(race, CheckRequest(request));
    if (race.has_value() && IsSingle(change)) {
      return core::CommitOutcome(*std::move(race));
    }
    return NothingWritten(request);
  }
  usage_.Add(change.key_uses);
  for (const core::Product& product : change.products) {
    RETURN_IF_ERROR(Write(product));
  }
  const core::Committed committed{next_leaf_};
  for (const core::Event& event : change.events) {
    RETURN_IF_ERROR(Append(event));
  }
  if (change.tree.has_value()) RETURN_IF_ERROR(Write(*change.tree));
  return core::CommitOutcome(committed);
}

// What must be known before the first write.
ChangeApplier::Race ChangeApplier::FindRace(const core::ChangeSet& change) {
  for (const core::Product& product : change.products) {
    ASSIGN_OR_RETURN(auto race,
                     CheckProduct(product.name, product.revision - 1));
    if (race.has_value()) return race;
    ASSIGN_OR_RETURN(race, CheckKeys(product));
    if (race.has_value()) return race;
  }
  for (const auto& [name, revision] : change.expected) {
    ASSIGN_OR_RETURN(auto race, CheckProduct(name, revision));
    if (race.has_value()) return race;
  }
  if (!IsSingle(change)) {
    ASSIGN_OR_RETURN(auto race, CheckRequests(change));
    if (race.has_value()) return race;
  }
  ASSIGN_OR_RETURN(auto late, FindLateRace(change));
  if (!late.has_value() || !IsSingle(change)) return late;
  // A race for the request comes before those.
  ASSIGN_OR_RETURN(auto race, CheckRequests(change));
  return race.has_value() ? race : late;
}

// Those that are looked for after the requests'.
ChangeApplier::Race ChangeApplier::FindLateRace(const core::ChangeSet& change) {
  if (change.tree.has_value()) {
    ASSIGN_OR_RETURN(auto race, CheckTree(*change.tree));
    if (race.has_value()) return race;
  }
  ASSIGN_OR_RETURN(const bool fits, usage_.Fits(change.key_uses));
  if (fits) return std::nullopt;
  return LostRace{LostRace::What::kKeyLimit, std::nullopt, std::nullopt};
}

// Revision 0: it must not be there.
ChangeApplier::Race ChangeApplier::CheckProduct(const core::ProductName& name,
                                                int64_t revision) {
  ASSIGN_OR_RETURN(const int64_t now, RevisionOf(name));
  if (now == revision) return std::nullopt;
  LostRace race{LostRace::What::kProduct, std::nullopt, std::nullopt};
  if (now == 0) return race;
  ASSIGN_OR_RETURN(Statement select,
                   db_.Prepare("SELECT value FROM products WHERE id = ?"));
  RETURN_IF_ERROR(select.BindText(1, name.product));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if (row) {
    ASSIGN_OR_RETURN(race.product, DecodeProduct(select.Octets(0)));
  }
  return race;
}

absl::StatusOr<int64_t> ChangeApplier::RevisionOf(
    const core::ProductName& name) {
  const auto known = revisions_.find(name.product);
  if (known != revisions_.end()) return known->second;
  ASSIGN_OR_RETURN(Statement select,
                   db_.Prepare("SELECT revision FROM products WHERE id = ?"));
  RETURN_IF_ERROR(select.BindText(1, name.product));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  const int64_t revision = row ? select.Int64(0) : 0;
  revisions_[name.product] = revision;
  return revision;
}

// The revision fits: what is there is what comes before.
ChangeApplier::Race ChangeApplier::CheckKeys(const core::Product& product) {
  if (core::NewlyRegistered(product, nullptr).empty()) return std::nullopt;
  ASSIGN_OR_RETURN(Statement select, db_.Prepare("SELECT value FROM products"));
  std::optional<core::Product> before;
  std::vector<core::Product> others;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    ASSIGN_OR_RETURN(core::Product there, DecodeProduct(select.Octets(0)));
    if (there.name == product.name) {
      before = std::move(there);
    } else {
      others.push_back(std::move(there));
    }
  }
  others.push_back(product);
  for (const core::KeyVersion& key : core::NewlyRegistered(
           product, before.has_value() ? &*before : nullptr)) {
    for (const core::Product& other : others) {
      const core::KeyVersion* same = core::FindSameKey(other, key);
      if (same != nullptr) {
        return LostRace{LostRace::What::kKeyTaken, std::nullopt, std::nullopt,
                        same->name};
      }
    }
  }
  return std::nullopt;
}

ChangeApplier::Race ChangeApplier::CheckRequests(
    const core::ChangeSet& change) {
  for (const core::SigningRequest& request : change.requests) {
    ASSIGN_OR_RETURN(auto race, CheckRequest(request));
    if (race.has_value()) return race;
  }
  return std::nullopt;
}

ChangeApplier::Race ChangeApplier::CheckRequest(
    const core::SigningRequest& request) {
  ASSIGN_OR_RETURN(Statement select,
                   db_.Prepare("SELECT revision, value FROM signing_requests"
                               " WHERE id = ? AND product = ?"
                               " AND operation = ?"));
  RETURN_IF_ERROR(BindName(select, request.name));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if ((row ? select.Int64(0) : 0) != request.revision - 1) {
    if (!row) return LostRace{LostRace::What::kRequest, {}, {}};
    return RequestRace(LostRace::What::kRequest, select.Octets(1));
  }
  if (row || request.request_id.empty()) return std::nullopt;
  return CheckRequestId(request);
}

ChangeApplier::Race ChangeApplier::CheckRequestId(
    const core::SigningRequest& request) {
  ASSIGN_OR_RETURN(Statement select,
                   db_.Prepare("SELECT value FROM signing_requests"
                               " WHERE requester_subject = ?"
                               " AND requester_issuer = ?"
                               " AND request_id = ? AND request_id <> ''"));
  RETURN_IF_ERROR(select.BindText(1, request.requester.subject));
  RETURN_IF_ERROR(select.BindText(2, request.requester.issuer));
  RETURN_IF_ERROR(select.BindText(3, request.request_id));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return RequestRace(LostRace::What::kRequestId, select.Octets(0));
}

ChangeApplier::Race ChangeApplier::CheckTree(const core::TreeUpdate& update) {
  ASSIGN_OR_RETURN(const int64_t size, db_.Int64("SELECT size FROM tree"));
  if (update.size > static_cast<uint64_t>(size)) return std::nullopt;
  return LostRace{LostRace::What::kTree, std::nullopt, std::nullopt};
}

absl::Status ChangeApplier::Write(const core::Product& product) {
  ASSIGN_OR_RETURN(Statement write,
                   db_.Prepare("INSERT INTO products (id, revision, value)"
                               " VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
                               " SET revision = excluded.revision,"
                               " value = excluded.value"));
  const std::string value = EncodeProduct(product);
  RETURN_IF_ERROR(write.BindText(1, product.name.product));
  RETURN_IF_ERROR(write.Bind(2, product.revision));
  RETURN_IF_ERROR(write.BindBlob(3, value));
  RETURN_IF_ERROR(write.Run());
  revisions_[product.name.product] = product.revision;
  return absl::OkStatus();
}

absl::StatusOr<bool> ChangeApplier::Write(const core::SigningRequest& request) {
  RETURN_IF_ERROR(request.revision == 1 ? Insert(request) : Update(request));
  return db_.Changes() == 1;
}

absl::Status ChangeApplier::Insert(const core::SigningRequest& request) {
  ASSIGN_OR_RETURN(
      Statement insert,
      db_.Prepare("INSERT INTO signing_requests (id, product, operation,"
                  " revision, state, expire_time, requester_subject,"
                  " requester_issuer, request_id, value)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT DO NOTHING"));
  const std::string value = EncodeRequest(request);
  RETURN_IF_ERROR(BindName(insert, request.name));
  RETURN_IF_ERROR(insert.Bind(4, request.revision));
  RETURN_IF_ERROR(insert.Bind(5, static_cast<int64_t>(request.state)));
  RETURN_IF_ERROR(insert.Bind(6, absl::ToUnixNanos(request.expire_time)));
  RETURN_IF_ERROR(insert.BindText(7, request.requester.subject));
  RETURN_IF_ERROR(insert.BindText(8, request.requester.issuer));
  RETURN_IF_ERROR(insert.BindText(9, request.request_id));
  RETURN_IF_ERROR(insert.BindBlob(10, value));
  return insert.Run();
}

// Who asked, and with which request_id, never changes.
absl::Status ChangeApplier::Update(const core::SigningRequest& request) {
  ASSIGN_OR_RETURN(Statement update,
                   db_.Prepare("UPDATE signing_requests SET revision = ?4,"
                               " state = ?5, expire_time = ?6, value = ?7"
                               " WHERE id = ?1 AND product = ?2"
                               " AND operation = ?3"
                               " AND revision = ?4 - 1"));
  const std::string value = EncodeRequest(request);
  RETURN_IF_ERROR(BindName(update, request.name));
  RETURN_IF_ERROR(update.Bind(4, request.revision));
  RETURN_IF_ERROR(update.Bind(5, static_cast<int64_t>(request.state)));
  RETURN_IF_ERROR(update.Bind(6, absl::ToUnixNanos(request.expire_time)));
  RETURN_IF_ERROR(update.BindBlob(7, value));
  return update.Run();
}

absl::Status ChangeApplier::Append(const core::Event& event) {
  ASSIGN_OR_RETURN(
      Statement insert,
      db_.Prepare("INSERT INTO leaves (number, type, time, subject, resource,"
                  " operation, key_version, bytes)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  const std::string bytes = audit::LeafBytes(event);
  RETURN_IF_ERROR(insert.Bind(1, static_cast<int64_t>(next_leaf_)));
  RETURN_IF_ERROR(insert.BindText(2, core::ToString(event.type)));
  RETURN_IF_ERROR(insert.Bind(3, absl::ToUnixNanos(event.time)));
  RETURN_IF_ERROR(insert.BindText(4, event.actor.subject));
  RETURN_IF_ERROR(insert.BindText(5, event.resource));
  RETURN_IF_ERROR(insert.BindText(6, event.operation));
  RETURN_IF_ERROR(insert.BindText(7, event.key_version));
  RETURN_IF_ERROR(insert.BindBlob(8, bytes));
  RETURN_IF_ERROR(insert.Run());
  ++next_leaf_;
  return absl::OkStatus();
}

absl::Status ChangeApplier::Write(const core::TreeUpdate& update) {
  if (update.size > next_leaf_) {
    return base::MakeError(
        absl::StatusCode::kInternal,
        absl::StrCat("a tree of ", update.size, " leaves, where the log has ",
                     next_leaf_),
        {"TREE_DAMAGED", {}, {}, {}, {}});
  }
  for (const core::Tile& tile : update.tiles) {
    ASSIGN_OR_RETURN(Statement write,
                     db_.Prepare("INSERT OR REPLACE INTO tiles"
                                 " (level, tile, hashes) VALUES (?, ?, ?)"));
    RETURN_IF_ERROR(write.Bind(1, tile.id.level));
    RETURN_IF_ERROR(write.Bind(2, static_cast<int64_t>(tile.id.index)));
    RETURN_IF_ERROR(write.BindBlob(3, tile.hashes));
    RETURN_IF_ERROR(write.Run());
  }
  ASSIGN_OR_RETURN(Statement write,
                   db_.Prepare("UPDATE tree SET size = ?, checkpoint = ?"));
  RETURN_IF_ERROR(write.Bind(1, static_cast<int64_t>(update.size)));
  RETURN_IF_ERROR(write.BindBlob(2, update.checkpoint));
  return write.Run();
}

}  // namespace countersign::storage
