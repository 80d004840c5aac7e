#include "tests/crash/invariants.h"

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "audit/leaf.h"
#include "audit/verify_log.h"
#include "base/status_macros.h"
#include "core/event.h"

namespace countersign::crash {
namespace {

using core::EventType;
using core::RequestState;

// How many leaves of a type tell of a resource.
using Counts = std::map<std::pair<EventType, std::string>, int>;

absl::StatusOr<std::vector<std::string>> ReadAllLeaves(core::Store& store) {
  std::vector<std::string> leaves;
  for (;;) {
    core::LeafQuery query;
    query.first = leaves.size();
    query.limit = 1000;
    ASSIGN_OR_RETURN(const auto page, store.ReadLeaves(query));
    if (page.empty()) return leaves;
    for (const core::Leaf& leaf : page) {
      if (leaf.number != leaves.size()) {
        return absl::DataLossError(
            absl::StrCat("leaf ", leaves.size(), " is missing"));
      }
      leaves.push_back(leaf.bytes);
    }
  }
}

absl::StatusOr<Counts> CountLeaves(const std::vector<std::string>& leaves) {
  Counts counts;
  for (const std::string& leaf : leaves) {
    ASSIGN_OR_RETURN(const core::Event event, audit::ParseLeaf(leaf));
    ++counts[{event.type, event.resource}];
  }
  return counts;
}

void CheckRequest(const core::SigningRequest& request, Counts& counts,
                  std::vector<std::string>& broken) {
  const std::string name = request.name.Format();
  if (counts[{EventType::kRequestCreated, name}] != 1) {
    broken.push_back(absl::StrCat(name, " has no leaf of its creation"));
  }
  const int signed_leaves = counts[{EventType::kRequestSigned, name}];
  const bool is_signed = request.state == RequestState::kSigned;
  if (signed_leaves != (is_signed ? 1 : 0)) {
    broken.push_back(absl::StrCat(name, " is ", core::ToString(request.state),
                                  " and has ", signed_leaves,
                                  " leaves that it was signed"));
  }
  if (is_signed &&
      request.signatures.size() != request.content.digests.size()) {
    broken.push_back(absl::StrCat(name, " is signed in part"));
  }
  if (!is_signed && !request.signatures.empty()) {
    broken.push_back(absl::StrCat(name, " has signatures and is not SIGNED"));
  }
  const bool may_sign = is_signed || request.state == RequestState::kApproved;
  if (may_sign && !core::RuleIsMet(request)) {
    broken.push_back(absl::StrCat(name, " went on without its rule met"));
  }
}

// Everything that was answered is there; signatures are those that were seen.
void CheckAnswers(const Findings& findings, const Seen& seen,
                  std::vector<std::string>& broken) {
  std::map<std::string, const core::SigningRequest*> by_name;
  for (const auto& request : findings.requests) {
    by_name[request.name.Format()] = &request;
  }
  for (const SeenRequest& answer : seen.requests) {
    const auto found = by_name.find(answer.name);
    if (found == by_name.end()) {
      broken.push_back(absl::StrCat(answer.name, " was answered and is lost"));
      continue;
    }
    const core::SigningRequest& request = *found->second;
    if (request.revision < answer.revision) {
      broken.push_back(absl::StrCat(answer.name, " went back from revision ",
                                    answer.revision, " to ", request.revision));
    }
    for (size_t i = 0; i < answer.signatures.size(); ++i) {
      if (i >= request.signatures.size() ||
          absl::BytesToHexString(request.signatures[i].value) !=
              answer.signatures[i]) {
        broken.push_back(
            absl::StrCat(answer.name, ": a signature left that is not kept"));
      }
    }
  }
}

// A key was used only for what was recorded as APPROVED before.
void CheckKeyUses(const Findings& findings, const Seen& seen,
                  std::vector<std::string>& broken) {
  for (const std::string& use : seen.key_uses) {
    bool recorded = false;
    for (const auto& request : findings.requests) {
      recorded |=
          absl::BytesToHexString(request.content.digests[0].value) == use &&
          (request.state == RequestState::kApproved ||
           request.state == RequestState::kSigned);
    }
    if (!recorded) {
      broken.push_back(
          absl::StrCat("a key was used for ", use, ", which is not recorded"));
    }
  }
}

absl::Status CheckTree(core::Store& store, const Findings& findings,
                       const audit::NoteVerifier& verifier,
                       std::vector<std::string>& broken) {
  ASSIGN_OR_RETURN(const core::TreeSnapshot tree, store.ReadTree({}));
  if (tree.leaves != findings.leaves.size()) {
    broken.push_back(absl::StrCat(tree.leaves, " leaves are numbered, ",
                                  findings.leaves.size(), " can be read"));
  }
  if (tree.checkpoint.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto log,
                   audit::LogVerifier::Create(tree.checkpoint, verifier));
  for (size_t i = 0; i < findings.leaves.size(); ++i) {
    log.Add(i, findings.leaves[i]);
  }
  const audit::LogReport report = std::move(log).Finish();
  broken.insert(broken.end(), report.findings.begin(), report.findings.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Findings> Examine(core::Store& store, const Seen& seen,
                                 const audit::NoteVerifier& verifier) {
  Findings findings;
  ASSIGN_OR_RETURN(findings.leaves, ReadAllLeaves(store));
  core::RequestQuery query;
  query.limit = 1000;
  ASSIGN_OR_RETURN(auto page, store.ListRequests(query));
  findings.requests = std::move(page.items);

  ASSIGN_OR_RETURN(Counts counts, CountLeaves(findings.leaves));
  for (const auto& request : findings.requests) {
    CheckRequest(request, counts, findings.broken);
  }
  CheckAnswers(findings, seen, findings.broken);
  CheckKeyUses(findings, seen, findings.broken);
  for (const SeenProduct& answer : seen.products) {
    ASSIGN_OR_RETURN(const auto name, core::ProductName::Parse(answer.name));
    const auto product = store.GetProduct(name);
    if (!product.ok() || product->revision < answer.revision) {
      findings.broken.push_back(absl::StrCat(answer.name, " was lost"));
    }
  }
  RETURN_IF_ERROR(CheckTree(store, findings, verifier, findings.broken));
  return findings;
}

}  // namespace countersign::crash
