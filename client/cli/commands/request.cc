// countersign request list|show|wait|cancel|signature
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/signing_client.h"
#include "client/cli/await_signature.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_request.h"
#include "client/cli/resource_names.h"
#include "client/cli/signature_output.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

struct Options {
  std::string name;
  std::string parent = "products/-";
  std::vector<std::string> states;
  bool pending = false;
  std::string wait;
  std::string reason;
  std::string format;
  std::string output;
  int index = -1;
  std::string label;
};

absl::Status Show(Session& session, const SigningRequest& request) {
  if (session.json()) {
    session.PrintJson(ProtoJson(request));
  } else {
    session.Print(RenderRequest(request, session.now()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SigningRequest::State>> ReadStates(
    const Options& options) {
  std::vector<SigningRequest::State> states;
  if (options.pending) states.push_back(SigningRequest::PENDING_APPROVAL);
  for (const std::string& text : options.states) {
    SigningRequest::State state = SigningRequest::STATE_UNSPECIFIED;
    const std::string name = absl::AsciiStrToUpper(text);
    if (!SigningRequest::State_Parse(
            name == "PENDING" ? "PENDING_APPROVAL" : name, &state) ||
        state == SigningRequest::STATE_UNSPECIFIED) {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("unknown state \"", text,
                       "\"; right is PENDING_APPROVAL, APPROVED, SIGNED, "
                       "REJECTED, EXPIRED, CANCELLED or FAILED"),
          Because("STATE_UNKNOWN"));
    }
    states.push_back(state);
  }
  return states;
}

absl::Status List(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string parent, ParentNameFrom(options.parent));
  ASSIGN_OR_RETURN(const auto states, ReadStates(options));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(std::vector<SigningRequest> requests,
                   SigningClient(*connection).List(parent, states));
  // What waits for people comes first; the server's order stays otherwise.
  std::stable_partition(
      requests.begin(), requests.end(), [](const SigningRequest& request) {
        return request.state() == SigningRequest::PENDING_APPROVAL;
      });
  if (session.json()) {
    session.PrintJson(ProtoJsonList("signingRequests", requests));
  } else {
    session.Print(RenderRequestList(requests, session.now()));
  }
  return absl::OkStatus();
}

absl::Status ShowOne(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const SigningRequest request,
                   SigningClient(*connection).Get(name));
  return Show(session, request);
}

absl::Status Wait(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  absl::Duration wait = absl::InfiniteDuration();
  if (!options.wait.empty()) {
    ASSIGN_OR_RETURN(wait, ParseDuration("--wait", options.wait));
  }
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  SigningClient client(*connection);
  ASSIGN_OR_RETURN(const SigningRequest request, client.Get(name));
  ASSIGN_OR_RETURN(const SigningRequest ended,
                   AwaitSignature(session, client, request, wait));
  return Show(session, ended);
}

absl::Status Cancel(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const SigningRequest request,
                   SigningClient(*connection).Cancel(name, options.reason));
  return Show(session, request);
}

absl::Status Choice(const std::string& text) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                         Because("SIGNATURE_NOT_CHOSEN"));
}

// Which of the request's signatures is meant.
absl::StatusOr<int> ChooseIndex(const SigningRequest& request,
                                const Options& options) {
  const int size = request.signatures_size();
  if (options.index >= 0) {
    if (options.index < size) return options.index;
    return Choice(absl::StrCat("--index ", options.index, ": there are ", size,
                               " signatures, from 0"));
  }
  int found = -1;
  for (int i = 0; i < request.digests_size(); ++i) {
    if (options.label.empty() || request.digests(i).label() != options.label) {
      continue;
    }
    if (found >= 0) {
      return Choice(absl::StrCat("digests ", found, " and ", i,
                                 " both have that label; use --index"));
    }
    found = i;
  }
  if (found >= 0) return found;
  if (!options.label.empty()) {
    return Choice("no digest of the request has that label");
  }
  if (size == 1) return 0;
  return Choice(
      absl::StrCat("the request has ", size,
                   " signatures; choose one with --index or --label"));
}

absl::Status Signature(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, RequestNameFrom(options.name));
  ASSIGN_OR_RETURN(const auto format, ReadSignatureFormat(options.format));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const SigningRequest request,
                   SigningClient(*connection).Get(name));
  if (!IsFinal(request.state())) {
    return base::MakeError(absl::StatusCode::kDeadlineExceeded,
                           absl::StrCat(name, " is not signed yet: ",
                                        RenderProgress(request, session.now())),
                           Because("WAIT_ENDED", {{"request", name}}));
  }
  RETURN_IF_ERROR(EndOf(request));
  ASSIGN_OR_RETURN(const int index, ChooseIndex(request, options));
  const bool to_file = !options.output.empty() && options.output != "-";
  ASSIGN_OR_RETURN(const std::string text,
                   FormatSignature(request, index,
                                   FormatFor(format, options.output), to_file));
  if (session.json()) session.PrintJson(ProtoJson(request.signatures(index)));
  if (session.json() && !to_file) return absl::OkStatus();
  return session.WriteResult(options.output, text);
}

using Run = absl::Status (*)(Session&, const Options&);

struct Added {
  CLI::App& leaf;
  std::shared_ptr<Options> options;
};

Added Add(CLI::App& group, Session& session, const char* name,
          const char* description, const char* examples, Run run,
          bool with_name = true) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf =
      AddCommand(group, session, Needs::kServer, name, description, examples);
  if (with_name) {
    leaf.add_option("name", options->name,
                    "products/P/operations/O/signingRequests/R")
        ->required()
        ->type_name("REQUEST");
  }
  SetAction(leaf, session,
            [&session, options, run] { return run(session, *options); });
  return {leaf, options};
}

constexpr char kName[] =
    "products/router/operations/oci/signingRequests/"
    "019505a1-7c3e-7000-8000-5f2d8a6b9c01";

void AddSignature(CLI::App& group, Session& session) {
  const auto [leaf, options] =
      Add(group, session, "signature", "Write a signature out",
          absl::StrCat("countersign request signature ", kName,
                       " --format raw -O blob.sig")
              .c_str(),
          Signature);
  leaf.add_option("--format", options->format,
                  "raw (default into a file), base64 (default to standard "
                  "output), pem (default where the request is in PEM)")
      ->type_name("FORMAT");
  leaf.add_option("--index", options->index, "which digest's, from 0")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  leaf.add_option("--label", options->label, "the digest with this label");
  leaf.add_option("-O,--output", options->output,
                  "file instead of standard output")
      ->type_name("FILE");
}

}  // namespace

void AddRequestCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(root, "request", "Signing requests");
  const Added list =
      Add(group, session, "list",
          "List signing requests: those that wait for people first",
          "countersign request list --pending\n"
          "countersign request list --parent router/oci --state signed -o json",
          List, false);
  list.leaf.add_flag("--pending", list.options->pending,
                     "only those that wait for people");
  list.leaf.add_option("--state", list.options->states, "only these states")
      ->allow_extra_args(false)
      ->type_name("STATE");
  list.leaf.add_option("--parent", list.options->parent,
                       "products/- (all), a product or an operation");
  Add(group, session, "show", "Show a signing request",
      absl::StrCat("countersign request show ", kName).c_str(), ShowOne);
  const Added wait = Add(
      group, session, "wait", "Wait until a signing request is decided",
      absl::StrCat("countersign request wait ", kName, " --wait 30m").c_str(),
      Wait);
  wait.leaf
      .add_option("--wait", wait.options->wait,
                  "how long; without it, until it ends")
      ->type_name("DURATION");
  const Added cancel =
      Add(group, session, "cancel", "Withdraw a signing request",
          absl::StrCat("countersign request cancel ", kName).c_str(), Cancel);
  cancel.leaf.add_option("--reason", cancel.options->reason, "for the record");
  AddSignature(group, session);
}

}  // namespace countersign::client
