// countersign audit list|verify|checkpoint
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/api/audit_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/log_check.h"
#include "client/cli/proto_json.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

using Filter = v1::ListEventsRequest::Filter;

struct Options {
  std::vector<std::string> types;
  std::string subject;
  std::string resource;
  std::string operation;
  std::string key_version;
  std::string since;
  std::string until;
  std::string output;
  std::string key_output;
  std::string log_key;
  std::string previous;
};

absl::StatusOr<Filter> MakeFilter(Session& session, const Options& options) {
  Filter filter;
  for (const std::string& type : options.types) filter.add_types(type);
  filter.set_subject(options.subject);
  filter.set_resource_prefix(options.resource);
  if (!options.operation.empty()) {
    ASSIGN_OR_RETURN(const std::string name,
                     OperationNameFrom(options.operation));
    filter.set_operation(name);
  }
  if (!options.key_version.empty()) {
    ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.key_version));
    filter.set_key_version(name);
  }
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(const absl::Time since,
                     ParseTime("--since", options.since, session.now()));
    *filter.mutable_start_time() = ToProto(since);
  }
  if (!options.until.empty()) {
    ASSIGN_OR_RETURN(const absl::Time until,
                     ParseTime("--until", options.until, session.now()));
    *filter.mutable_end_time() = ToProto(until);
  }
  return filter;
}

// The leaf as the object that it is, where it is one, and its octets, base64,
// as "leafBytes": what is hashed.
base::Json EventJson(const v1::Event& event) {
  base::Json json = ProtoJson(event);
  const auto leaf = base::ParseJson(event.leaf());
  if (leaf.ok() && json.is_object()) {
    json.Set("leafBytes", base::Base64Encode(event.leaf()));
    json.Set("leaf", *leaf);
    json.Set("leafIndex", event.leaf_index());
  }
  return json;
}

absl::Status List(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const Filter filter, MakeFilter(session, options));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  TextTable table({"LEAF", "TIME", "TYPE", "SUBJECT", "KEY", "RESOURCE"});
  base::Json::Array events;
  RETURN_IF_ERROR(
      AuditClient(*connection).ListEvents(filter, [&](const v1::Event& event) {
        if (session.json()) {
          events.push_back(EventJson(event));
        } else {
          table.AddRow({absl::StrCat(event.leaf_index()),
                        TimeText(FromProto(event.event_time())), event.type(),
                        event.subject(), event.key_version(),
                        event.resource()});
        }
        return true;
      }));
  if (session.json()) {
    session.PrintJson(base::Json::Object{{"events", std::move(events)}});
  } else {
    session.Print(table.empty() ? "no events\n" : table.Format());
  }
  return absl::OkStatus();
}

absl::Status Checkpoint(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::Checkpoint checkpoint,
                   AuditClient(*connection).GetCheckpoint());
  if (!options.key_output.empty()) {
    RETURN_IF_ERROR(session.WriteResult(
        options.key_output,
        absl::StrCat(absl::StripAsciiWhitespace(checkpoint.verifier_key()),
                     "\n")));
  }
  if (session.json()) session.PrintJson(ProtoJson(checkpoint));
  if (session.json() && options.output.empty()) return absl::OkStatus();
  const bool to_file = !options.output.empty() && options.output != "-";
  // A note is text for programs; on a terminal it is made safe.
  return session.WriteResult(
      options.output,
      to_file ? checkpoint.note() : EscapeLines(checkpoint.note()));
}

absl::StatusOr<std::string> ReadOptional(Session& session,
                                         const std::string& path) {
  if (path.empty()) return std::string();
  return ReadInput(session, path, 1 << 20);
}

absl::Status Verify(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string key,
                   ReadOptional(session, options.log_key));
  ASSIGN_OR_RETURN(const std::string previous,
                   ReadOptional(session, options.previous));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  AuditClient client(*connection);
  ASSIGN_OR_RETURN(const LogCheck check, CheckLog(client, key, previous));
  if (session.json()) {
    session.PrintJson(
        base::Json::Object{{"verified", true},
                           {"origin", check.origin},
                           {"treeSize", check.size},
                           {"rootHash", base::Base64Encode(check.root)},
                           {"newerLeaves", check.newer},
                           {"verifierKey", check.verifier_key}});
    return absl::OkStatus();
  }
  TextBlock block;
  block.Add("Log", check.origin);
  block.Add("Leaves", absl::StrCat(check.size));
  block.Add("Root", base::Base64Encode(check.root));
  block.Add("Verifier key", check.verifier_key);
  if (check.previous_size.has_value()) {
    block.Add(
        "Previous checkpoint",
        absl::StrCat(*check.previous_size, " leaves; the log continues it"));
  }
  if (check.newer > 0) {
    block.Add("Newer leaves",
              absl::StrCat(check.newer, ", not under a checkpoint yet"));
  }
  if (options.log_key.empty()) {
    session.Note(
        "note: the log's key was taken from the server; keep it and give it "
        "with --log-key next time");
  }
  session.Print(
      absl::StrCat(block.Format(), "OK: every leaf is there and unchanged\n"));
  return absl::OkStatus();
}

void AddFilterOptions(CLI::App& leaf, Options& options) {
  leaf.add_option("--type", options.types, "kind of event")
      ->allow_extra_args(false)
      ->type_name("TYPE");
  leaf.add_option("--subject", options.subject, "who did it");
  leaf.add_option("--resource", options.resource,
                  "resource names that begin with this");
  leaf.add_option("-p,--operation", options.operation, "PRODUCT/OPERATION");
  leaf.add_option("--key-version", options.key_version,
                  "PRODUCT/OPERATION/VERSION: who used this key");
  leaf.add_option("--since", options.since,
                  "from then on: a time, a date, or a duration ago")
      ->type_name("TIME");
  leaf.add_option("--until", options.until, "before then")->type_name("TIME");
}

}  // namespace

void AddAuditCommands(CLI::App& root, Session& session) {
  CLI::App& group =
      AddGroup(root, "audit", "The record: who did what, and its proof");
  const auto list = std::make_shared<Options>();
  CLI::App& list_leaf = AddCommand(
      group, session, Needs::kServer, "list", "List recorded events",
      "countersign audit list --since 24h\n"
      "countersign audit list --key-version router/oci/1\n"
      "countersign audit list --subject email:ada@example.org -o json");
  AddFilterOptions(list_leaf, *list);
  SetAction(list_leaf, session,
            [&session, list] { return List(session, *list); });

  const auto checkpoint = std::make_shared<Options>();
  CLI::App& checkpoint_leaf = AddCommand(
      group, session, Needs::kServer, "checkpoint",
      "The signed statement of the log's size and root",
      "countersign audit checkpoint -O checkpoint --key-output log-key.pub");
  checkpoint_leaf
      .add_option("-O,--output", checkpoint->output,
                  "file instead of standard output")
      ->type_name("FILE");
  checkpoint_leaf
      .add_option("--key-output", checkpoint->key_output,
                  "file for the log's verifier line")
      ->type_name("FILE");
  SetAction(checkpoint_leaf, session, [&session, checkpoint] {
    return Checkpoint(session, *checkpoint);
  });

  const auto verify = std::make_shared<Options>();
  CLI::App& verify_leaf = AddCommand(
      group, session, Needs::kServer, "verify",
      "Fetch the whole log and check that nothing is missing or changed",
      "countersign audit verify --log-key log-key.pub --previous checkpoint");
  verify_leaf
      .add_option("--log-key", verify->log_key,
                  "the log's verifier line; otherwise the server's word")
      ->type_name("FILE");
  verify_leaf
      .add_option("--previous", verify->previous,
                  "a checkpoint kept from before: the log must continue it")
      ->type_name("FILE");
  SetAction(verify_leaf, session,
            [&session, verify] { return Verify(session, *verify); });
}

}  // namespace countersign::client
