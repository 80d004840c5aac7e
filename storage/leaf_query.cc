#include "storage/leaf_query.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace countersign::storage {
namespace {

// An empty or extreme parameter stands for "any", so there are two texts only.
constexpr absl::string_view kSelectAll =
    "SELECT number, bytes FROM leaves WHERE number >= ?1 ORDER BY number"
    " LIMIT ?2";
constexpr absl::string_view kSelectSome =
    "SELECT number, bytes FROM leaves WHERE number >= ?1"
    " AND time >= ?3 AND time < ?4"
    " AND (?5 = '' OR subject = ?5)"
    " AND (?6 = '' OR substr(resource, 1, length(?6)) = ?6)"
    " AND (?7 = '' OR operation = ?7)"
    " AND (?8 = '' OR key_version = ?8)"
    " AND (?9 = '' OR instr(?9, ',' || type || ',') > 0)"
    " ORDER BY number LIMIT ?2";

bool HasConditions(const core::LeafQuery& query) {
  return !query.subject.empty() || !query.resource_prefix.empty() ||
         !query.operation.empty() || !query.key_version.empty() ||
         !query.types.empty() || query.from.has_value() ||
         query.until.has_value();
}

// ",REQUEST_CREATED,REQUEST_SIGNED,"
std::string TypeList(const core::LeafQuery& query) {
  std::string list;
  for (const core::EventType type : query.types) {
    absl::StrAppend(&list, list.empty() ? "," : "", core::ToString(type), ",");
  }
  return list;
}

absl::Status BindConditions(const core::LeafQuery& query,
                            const std::string& types, Statement& select) {
  RETURN_IF_ERROR(select.Bind(3, query.from.has_value()
                                     ? absl::ToUnixNanos(*query.from)
                                     : std::numeric_limits<int64_t>::min()));
  RETURN_IF_ERROR(select.Bind(4, query.until.has_value()
                                     ? absl::ToUnixNanos(*query.until)
                                     : std::numeric_limits<int64_t>::max()));
  RETURN_IF_ERROR(select.BindText(5, query.subject));
  RETURN_IF_ERROR(select.BindText(6, query.resource_prefix));
  RETURN_IF_ERROR(select.BindText(7, query.operation));
  RETURN_IF_ERROR(select.BindText(8, query.key_version));
  return select.BindText(9, types);
}

}  // namespace

absl::StatusOr<std::vector<core::Leaf>> SelectLeaves(
    Database& db, const core::LeafQuery& query) {
  std::vector<core::Leaf> leaves;
  // SQLite's numbers have a sign.
  if (query.first > std::numeric_limits<int64_t>::max()) return leaves;
  const bool some = HasConditions(query);
  const std::string types = TypeList(query);
  ASSIGN_OR_RETURN(Statement select,
                   db.Prepare(some ? kSelectSome : kSelectAll));
  RETURN_IF_ERROR(select.Bind(1, static_cast<int64_t>(query.first)));
  RETURN_IF_ERROR(select.Bind(2, query.limit));
  if (some) RETURN_IF_ERROR(BindConditions(query, types, select));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return leaves;
    leaves.push_back({static_cast<uint64_t>(select.Int64(0)),
                      std::string(select.Octets(1))});
  }
}

absl::StatusOr<core::TreeSnapshot> SelectTree(
    Database& db, absl::Span<const core::TileId> tiles) {
  core::TreeSnapshot tree;
  ASSIGN_OR_RETURN(const int64_t leaves,
                   db.Int64("SELECT ifnull(max(number) + 1, 0) FROM leaves"));
  tree.leaves = static_cast<uint64_t>(leaves);
  ASSIGN_OR_RETURN(const int64_t size, db.Int64("SELECT size FROM tree"));
  tree.size = static_cast<uint64_t>(size);
  ASSIGN_OR_RETURN(tree.checkpoint, db.Text("SELECT checkpoint FROM tree"));
  for (const core::TileId& id : tiles) {
    ASSIGN_OR_RETURN(Statement select,
                     db.Prepare("SELECT hashes FROM tiles"
                                " WHERE level = ? AND tile = ?"));
    RETURN_IF_ERROR(select.Bind(1, id.level));
    RETURN_IF_ERROR(select.Bind(2, static_cast<int64_t>(id.index)));
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (row) tree.tiles.push_back({id, std::string(select.Octets(0))});
  }
  return tree;
}

}  // namespace countersign::storage
