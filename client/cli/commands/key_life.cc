// countersign key list|show|rotate|register|disable|enable|destroy|restore
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/api/key_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/key_id_text.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_key.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string start_time;
  std::string key_id;
  std::string label;
  std::vector<std::string> tokens;
  std::string reason;
  bool yes = false;
};

absl::Status Show(Session& session, const v1::KeyVersion& key) {
  if (session.json()) {
    session.PrintJson(ProtoJson(key));
  } else {
    session.Print(RenderKey(key, session.now()));
  }
  return absl::OkStatus();
}

absl::Status List(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, OperationNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::KeyVersion> keys,
                   KeyClient(*connection).List(name));
  if (session.json()) {
    session.PrintJson(ProtoJsonList("keyVersions", keys));
  } else {
    session.Print(RenderKeyList(keys, session.now()));
  }
  return absl::OkStatus();
}

absl::Status ShowOne(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key, KeyClient(*connection).Get(name));
  if (session.json()) return Show(session, key);
  session.Print(RenderKeyAndFindings(key, session.now()));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> ReadStart(const Session& session,
                                                    const Options& options) {
  if (options.start_time.empty()) return std::optional<absl::Time>();
  ASSIGN_OR_RETURN(
      const absl::Time start,
      ParseStartTime("--start-time", options.start_time, session.now()));
  return std::optional(start);
}

std::string From(std::optional<absl::Time> start) {
  return start.has_value() ? absl::StrCat("from ", TimeText(*start), " on?")
                           : "from now on?";
}

absl::Status Rotate(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, OperationNameFrom(options.name));
  ASSIGN_OR_RETURN(const auto start, ReadStart(session, options));
  if (!options.yes) {
    RETURN_IF_ERROR(session.Confirm(absl::StrCat(
        "Make a new key for ", name, " and sign with it ", From(start))));
  }
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   KeyClient(*connection).Rotate(name, start));
  return Show(session, key);
}

absl::Status Register(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, OperationNameFrom(options.name));
  ASSIGN_OR_RETURN(const auto start, ReadStart(session, options));
  v1::ExistingKey existing;
  ASSIGN_OR_RETURN(*existing.mutable_key_id(),
                   ReadKeyId("--id", options.key_id));
  existing.set_label(options.label);
  for (const std::string& token : options.tokens) existing.add_tokens(token);
  if (!options.yes) {
    RETURN_IF_ERROR(session.Confirm(EscapeLines(absl::StrCat(
        "Register the key \"", options.label, "\" (CKA_ID ", existing.key_id(),
        ") for ", name, " and sign with it ", From(start)))));
  }
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   KeyClient(*connection).Register(name, existing, start));
  if (session.json()) return Show(session, key);
  session.Print(RenderKeyAndFindings(key, session.now()));
  return absl::OkStatus();
}

using Switching = absl::StatusOr<v1::KeyVersion> (KeyClient::*)(
    const std::string&, const std::string&);

template <Switching method>
absl::Status Switch(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyVersionNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  KeyClient client(*connection);
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   (client.*method)(name, options.reason));
  return Show(session, key);
}

absl::Status Destroy(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyVersionNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  KeyClient client(*connection);
  if (!options.yes) {
    ASSIGN_OR_RETURN(const v1::KeyVersion shown, client.Get(name));
    if (!session.json()) session.Print(RenderKey(shown, session.now()));
    RETURN_IF_ERROR(session.ConfirmByTyping(
        "This key signs nothing any more, at once, and is destroyed after the "
        "server's waiting period.",
        ShortKeyName(name)));
  }
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   client.Destroy(name, options.reason));
  if (key.state() == v1::KeyVersion::DESTROY_SCHEDULED) {
    session.Note(
        absl::StrCat("Until ", TimeText(FromProto(key.destroy_time())),
                     " it can be had back:\n  countersign key restore ",
                     ShortKeyName(name)));
  }
  return Show(session, key);
}

using Run = absl::Status (*)(Session&, const Options&);

struct Added {
  CLI::App& leaf;
  std::shared_ptr<Options> options;
};

// What the name is of.
constexpr char kOperation[] = "operation (PRODUCT/OPERATION or whole name)";
constexpr char kEither[] =
    "operation (PRODUCT/OPERATION or whole name) or key version";
constexpr char kVersion[] =
    "key version (PRODUCT/OPERATION/VERSION or whole name)";

Added Add(CLI::App& group, Session& session, const char* name, const char* of,
          const char* description, const char* examples, Run run) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf =
      AddCommand(group, session, Needs::kServer, name, description, examples);
  leaf.add_option("name", options->name, of)
      ->required()
      ->type_name(of == kVersion ? "KEYVERSION" : "OPERATION");
  SetAction(leaf, session,
            [&session, options, run] { return run(session, *options); });
  return {leaf, options};
}

void AddStart(const Added& added) {
  added.leaf
      .add_option("--start-time", added.options->start_time,
                  "it signs from then on: 2026-07-01T12:00:00Z or +24h; "
                  "otherwise from now on")
      ->type_name("TIME");
  added.leaf.add_flag("--yes", added.options->yes, "do not ask");
}

void AddNewVersions(CLI::App& group, Session& session) {
  AddStart(Add(group, session, "rotate", kOperation,
               "Make a new key version; old ones stay for verification",
               "countersign key rotate router/oci --yes\n"
               "countersign key rotate router/oci --start-time +24h",
               Rotate));
  const Added added = Add(
      group, session, "register", kOperation,
      "Sign with a key that is in the HSM already, as the next key version",
      "countersign key register router/oci --id 0a1b2c --label \"OCI key\"\n"
      "countersign key register router/oci --id 0a1b2c --label \"OCI key\" "
      "--token east --token west --start-time 2026-07-01T12:00:00Z",
      Register);
  added.leaf.add_option("--id", added.options->key_id, "its CKA_ID")
      ->required()
      ->type_name("HEX");
  added.leaf.add_option("--label", added.options->label, "its CKA_LABEL")
      ->required()
      ->type_name("TEXT");
  added.leaf
      .add_option("--token", added.options->tokens,
                  "configured name of a token that holds it; several may sign. "
                  "Otherwise the product's")
      ->allow_extra_args(false)
      ->type_name("NAME");
  AddStart(added);
}

void AddSwitches(CLI::App& group, Session& session) {
  const auto reason = [](const Added& added, bool required) {
    added.leaf
        .add_option("--reason", added.options->reason, "why, for the record")
        ->required(required)
        ->type_name("TEXT");
    return added;
  };
  reason(Add(group, session, "disable", kVersion,
             "It signs nothing any more, at once, until it is enabled",
             "countersign key disable router/oci/1 --reason \"incident 42\"",
             Switch<&KeyClient::Disable>),
         false);
  reason(Add(group, session, "enable", kVersion,
             "Let a disabled key version sign again",
             "countersign key enable router/oci/1 --reason \"false alarm\"",
             Switch<&KeyClient::Enable>),
         false);
  const Added destroy = reason(
      Add(group, session, "destroy", kVersion,
          "It signs nothing any more; after a waiting period it is destroyed",
          "countersign key destroy router/oci/1 --reason \"rotated in May\"",
          Destroy),
      true);
  destroy.leaf.add_flag("--yes", destroy.options->yes, "do not ask");
  reason(Add(group, session, "restore", kVersion,
             "Take a scheduled destruction back; it is disabled then",
             "countersign key restore router/oci/1 --reason \"still used\"",
             Switch<&KeyClient::Restore>),
         false);
}

}  // namespace

void AddKeyLife(CLI::App& keys, Session& session) {
  Add(keys, session, "list", kOperation,
      "List the key versions of an operation",
      "countersign key list router/oci", List);
  Add(keys, session, "show", kEither,
      "Show a key version with what its tokens say of it, and a verdict",
      "countersign key show router/oci\n"
      "countersign key show router/oci/1 -o json",
      ShowOne);
  AddNewVersions(keys, session);
  AddSwitches(keys, session);
}

}  // namespace countersign::client
