// countersign approve, countersign reject: one person's yes or no to exactly
// what was shown.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/signing_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_request.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

struct Options {
  std::string name;
  std::string etag;
  std::string reason;
  bool yes = false;
};

// The request as it is now, still open, and with the etag that was pinned.
absl::StatusOr<SigningRequest> Fetch(SigningClient& client,
                                     const std::string& name,
                                     const std::string& etag) {
  ASSIGN_OR_RETURN(SigningRequest request, client.Get(name));
  if (IsFinal(request.state())) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(name, " is decided already: ", RenderEnd(request)),
        Because("REQUEST_NOT_PENDING"));
  }
  if (!etag.empty() && etag != request.etag()) {
    return base::MakeError(
        absl::StatusCode::kAborted,
        absl::StrCat(name, " is not what was seen with --etag ", etag,
                     "; look at it again"),
        Because("STALE_ETAG"));
  }
  return request;
}

absl::Status Report(Session& session, const SigningRequest& request) {
  if (session.json()) {
    session.PrintJson(ProtoJson(request));
  } else if (IsFinal(request.state())) {
    session.Print(absl::StrCat(EscapeLines(RenderEnd(request)), "\n"));
  } else {
    session.Print(absl::StrCat(RenderProgress(request, session.now()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status Approve(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  SigningClient client(*connection);
  ASSIGN_OR_RETURN(const SigningRequest shown,
                   Fetch(client, name, options.etag));
  // With --yes it is shown as well: the log of a script tells what was agreed.
  if (!session.json()) session.Print(RenderRequest(shown, session.now()));
  if (!options.yes) {
    RETURN_IF_ERROR(session.Confirm("Approve exactly this?"));
  }
  ASSIGN_OR_RETURN(const SigningRequest request,
                   client.Approve(name, shown.etag(), options.reason));
  return Report(session, request);
}

absl::Status Reject(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  SigningClient client(*connection);
  ASSIGN_OR_RETURN(const SigningRequest shown,
                   Fetch(client, name, options.etag));
  ASSIGN_OR_RETURN(const SigningRequest request,
                   client.Reject(name, shown.etag(), options.reason));
  return Report(session, request);
}

void AddName(CLI::App& leaf, Options& options) {
  leaf.add_option("name", options.name,
                  "products/P/operations/O/signingRequests/R")
      ->required()
      ->type_name("REQUEST");
  leaf.add_option("--etag", options.etag,
                  "only if it is still as seen with this etag");
}

constexpr char kName[] =
    "products/router/operations/oci/signingRequests/"
    "019505a1-7c3e-7000-8000-5f2d8a6b9c01";

}  // namespace

void AddDecisionCommands(CLI::App& root, Session& session) {
  const auto approval = std::make_shared<Options>();
  CLI::App& approve = AddCommand(
      root, session, Needs::kServer, "approve",
      "Show what would be signed, ask, and agree to exactly that",
      absl::StrCat("countersign approve ", kName, "\n", "countersign approve ",
                   kName, " --yes --etag ETAG"));
  AddName(approve, *approval);
  approve.add_flag("--yes", approval->yes, "do not ask");
  approve.add_option("--reason", approval->reason, "for the record");
  SetAction(approve, session,
            [&session, approval] { return Approve(session, *approval); });

  const auto rejection = std::make_shared<Options>();
  CLI::App& reject = AddCommand(
      root, session, Needs::kServer, "reject",
      "Refuse a signing request, with a reason for the requester",
      absl::StrCat("countersign reject ", kName, " --reason \"wrong branch\""));
  AddName(reject, *rejection);
  reject.add_option("--reason", rejection->reason, "why, for the requester")
      ->required();
  SetAction(reject, session,
            [&session, rejection] { return Reject(session, *rejection); });
}

}  // namespace countersign::client
