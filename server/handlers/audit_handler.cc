#include "server/handlers/audit_handler.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/proof_service.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "server/convert/event.h"
#include "server/convert/page.h"
#include "server/handlers/fill_page.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

constexpr char kLog[] = "log";

absl::Status CheckNotNegative(const char* field, int64_t value) {
  if (value >= 0) return absl::OkStatus();
  return core::error::BadRequest({{field, "must not be negative"}});
}

// Leaves from the cursor on: its text is the number of the first.
absl::StatusOr<core::Page<core::Leaf>> ReadPage(core::Store& store,
                                                core::LeafQuery query,
                                                int limit,
                                                const std::string& cursor) {
  query.limit = limit;
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &query.first)) {
    return core::error::BadPageToken();
  }
  core::Page<core::Leaf> page;
  ASSIGN_OR_RETURN(page.items, store.ReadLeaves(query));
  if (page.items.size() == static_cast<size_t>(limit)) {
    page.next_cursor = absl::StrCat(page.items.back().number + 1);
  }
  return page;
}

// The tree when it holds what was recorded before this call. Integration runs a
// few times a second, so this blocks shortly; where it lags by more than the
// bound, the tree is given as it is: its checkpoint says how far it goes.
absl::StatusOr<core::TreeSnapshot> ReadIntegratedTree(core::Store& store) {
  constexpr absl::Duration kBound = absl::Seconds(2);
  constexpr absl::Duration kPause = absl::Milliseconds(20);
  ASSIGN_OR_RETURN(core::TreeSnapshot tree, store.ReadTree({}));
  const uint64_t wanted = tree.leaves;
  const absl::Duration until = base::SteadyNow() + kBound;
  while (tree.size < wanted && base::SteadyNow() < until) {
    base::SleepFor(kPause);
    ASSIGN_OR_RETURN(tree, store.ReadTree({}));
  }
  return tree;
}

}  // namespace

grpc::Status AuditHandler::ListEvents(grpc::ServerContext* context,
                                      const v1::ListEventsRequest* request,
                                      v1::ListEventsResponse* response) {
  return parts_.desk.Serve(context, "ListEvents", kLog, [&](const Call& call) {
    return List(call, *request, response);
  });
}

absl::Status AuditHandler::List(const Call& call,
                                const v1::ListEventsRequest& request,
                                v1::ListEventsResponse* response) {
  RETURN_IF_ERROR(
      Refuse(parts_, call,
             core::CheckAuditor(call.caller, *call.policy, "read the record")));
  ASSIGN_OR_RETURN(const core::LeafQuery query, FromWire(request.filter()));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  const std::string arguments =
      absl::StrCat(call.method, "\n", request.filter().SerializeAsString());
  ASSIGN_OR_RETURN(std::string cursor,
                   CursorOf(request.page_token(), arguments));
  absl::Status broken;
  ASSIGN_OR_RETURN(cursor, FillPage<core::Leaf>(
                               page_size, std::move(cursor),
                               [&](int limit, const std::string& from) {
                                 return ReadPage(parts_.store, query, limit,
                                                 from);
                               },
                               [&](const core::Leaf& leaf) -> size_t {
                                 auto event = ToWire(leaf);
                                 if (!event.ok()) {
                                   broken.Update(event.status());
                                   return 0;
                                 }
                                 *response->add_events() = *std::move(event);
                                 return leaf.bytes.size() * 2;
                               }));
  RETURN_IF_ERROR(broken);
  response->set_next_page_token(PageToken(cursor, arguments));
  return absl::OkStatus();
}

grpc::Status AuditHandler::GetCheckpoint(grpc::ServerContext* context,
                                         const v1::GetCheckpointRequest*,
                                         v1::Checkpoint* response) {
  return parts_.desk.Serve(
      context, "GetCheckpoint", kLog, [&](const Call&) -> absl::Status {
        ASSIGN_OR_RETURN(const core::TreeSnapshot tree,
                         ReadIntegratedTree(parts_.store));
        response->set_verifier_key(verifier_.Format());
        if (tree.checkpoint.empty()) return absl::OkStatus();
        absl::StatusOr<audit::Checkpoint> checkpoint =
            audit::OpenCheckpoint(tree.checkpoint, verifier_);
        if (!checkpoint.ok()) {
          return absl::InternalError(absl::StrCat(
              "stored checkpoint: ", checkpoint.status().ToString()));
        }
        response->set_note(tree.checkpoint);
        response->set_tree_size(static_cast<int64_t>(checkpoint->size));
        response->set_root_hash(checkpoint->root);
        return absl::OkStatus();
      });
}

absl::StatusOr<uint64_t> AuditHandler::TreeSize(int64_t asked) {
  if (asked > 0) return static_cast<uint64_t>(asked);
  ASSIGN_OR_RETURN(const core::TreeSnapshot tree, parts_.store.ReadTree({}));
  return tree.size;
}

grpc::Status AuditHandler::GetInclusionProof(
    grpc::ServerContext* context, const v1::GetInclusionProofRequest* request,
    v1::InclusionProof* response) {
  return parts_.desk.Serve(
      context, "GetInclusionProof", kLog, [&](const Call&) -> absl::Status {
        RETURN_IF_ERROR(CheckNotNegative("leaf_index", request->leaf_index()));
        RETURN_IF_ERROR(CheckNotNegative("tree_size", request->tree_size()));
        ASSIGN_OR_RETURN(const uint64_t size, TreeSize(request->tree_size()));
        const auto leaf = static_cast<uint64_t>(request->leaf_index());
        ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                         audit::InclusionProof(parts_.store, leaf, size));
        response->set_leaf_index(request->leaf_index());
        response->set_tree_size(static_cast<int64_t>(size));
        for (const std::string& hash : hashes) response->add_hashes(hash);
        return absl::OkStatus();
      });
}

grpc::Status AuditHandler::GetConsistencyProof(
    grpc::ServerContext* context, const v1::GetConsistencyProofRequest* request,
    v1::ConsistencyProof* response) {
  return parts_.desk.Serve(
      context, "GetConsistencyProof", kLog, [&](const Call&) -> absl::Status {
        RETURN_IF_ERROR(
            CheckNotNegative("first_tree_size", request->first_tree_size()));
        RETURN_IF_ERROR(
            CheckNotNegative("second_tree_size", request->second_tree_size()));
        ASSIGN_OR_RETURN(const uint64_t second,
                         TreeSize(request->second_tree_size()));
        const auto first = static_cast<uint64_t>(request->first_tree_size());
        ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                         audit::ConsistencyProof(parts_.store, first, second));
        response->set_first_tree_size(request->first_tree_size());
        response->set_second_tree_size(static_cast<int64_t>(second));
        for (const std::string& hash : hashes) response->add_hashes(hash);
        return absl::OkStatus();
      });
}

}  // namespace countersign::server
