// countersign-hsm key list|inspect, and the group of all key commands
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "hsm/ceremony/attribute_report.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/key_arguments.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/ceremony/token_key.h"
#include "hsm/ceremony/user_login.h"
#include "hsm/key_findings.h"

namespace countersign::hsm {
namespace {

// "yes", "no" or, where it is an error, how many.
std::string Count(size_t objects) {
  return objects == 0 ? "no" : objects == 1 ? "yes" : absl::StrCat(objects);
}

absl::Status List(Run& run) {
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const std::vector<KeySummary> keys,
                   ListKeys(token->session()));
  base::Json::Array list;
  std::vector<std::vector<std::string>> rows = {
      {"LABEL", "ID", "TYPE", "PRIVATE", "PUBLIC", "CERTIFICATE"}};
  for (const KeySummary& key : keys) {
    const std::string id = base::HexEncode(key.id);
    rows.push_back({key.label, id, key.type, Count(key.private_keys.size()),
                    Count(key.public_keys.size()),
                    Count(key.certificates.size())});
    list.push_back(base::Json::Object{
        {"label", base::EscapeForDisplay(key.label)},
        {"keyId", id},
        {"keyType", key.type},
        {"privateKeys", static_cast<uint64_t>(key.private_keys.size())},
        {"publicKeys", static_cast<uint64_t>(key.public_keys.size())},
        {"certificates", static_cast<uint64_t>(key.certificates.size())},
    });
  }
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"token", base::EscapeForDisplay(token->info().label)},
        {"keys", std::move(list)}});
  } else {
    run.Print(FormatTable(rows));
  }
  return absl::OkStatus();
}

base::Json InspectionJson(const TokenKey& key,
                          const std::vector<AttributeLine>& lines,
                          bool usable) {
  base::Json::Array attributes;
  for (const AttributeLine& line : lines) {
    attributes.push_back(base::Json::Object{{"name", line.name},
                                            {"value", line.value},
                                            {"verdict", line.verdict},
                                            {"wanted", line.wanted}});
  }
  return base::Json::Object{
      {"label", base::EscapeForDisplay(key.ref.label)},
      {"keyId", base::HexEncode(key.ref.key_id)},
      {"keyType", std::string(core::ToString(key.ref.type))},
      {"spkiSha256", base::HexEncode(base::Sha256(key.ref.spki))},
      {"usable", usable},
      {"attributes", std::move(attributes)},
  };
}

std::string InspectionText(const TokenKey& key,
                           const std::vector<AttributeLine>& lines,
                           bool usable) {
  std::vector<std::vector<std::string>> rows = {
      {"ATTRIBUTE", "VALUE", "VERDICT"}};
  for (const AttributeLine& line : lines) {
    rows.push_back(
        {line.name, line.value,
         line.wanted.empty()
             ? line.verdict
             : absl::StrCat(line.verdict, ": must be ", line.wanted,
                            line.why.empty() ? "" : "; ", line.why)});
  }
  return absl::StrCat(
      FormatBlock(
          {{"Key", key.ref.label},
           {"Id", base::HexEncode(key.ref.key_id)},
           {"Type", std::string(core::ToString(key.ref.type))},
           {"SHA-256 of SPKI", base::HexEncode(base::Sha256(key.ref.spki))},
           {"Verdict", usable ? "good: the server takes it"
                              : "BAD: the server refuses it"}}),
      "\n", FormatTable(rows));
}

absl::Status Inspect(Run& run, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  ASSIGN_OR_RETURN(const KeyFindings findings,
                   ReadKeyFindings(token->session(), key.handles.private_key));
  const absl::Status verdict = CheckKeyFindings(key.ref.label, findings);
  const std::vector<AttributeLine> lines =
      ReportAttributes(token->session(), key.handles, findings);
  if (run.json()) {
    run.PrintJson(InspectionJson(key, lines, verdict.ok()));
  } else {
    run.Print(InspectionText(key, lines, verdict.ok()));
  }
  return verdict;
}

}  // namespace

void AddKeyCommands(CLI::App& root, Run& run) {
  CLI::App& group =
      AddGroup(root, "key",
               "Key pairs of a token. Private keys are made in it and stay "
               "there: none is imported or exported");
  CLI::App& list = AddCommand(group, run, Needs::kLogin, "list",
                              "Keys, and whether they are whole",
                              "countersign-hsm key list --token release\n"
                              "countersign-hsm key list -o json");
  SetAction(list, run, [&run] { return List(run); });
  AddKeyChangeCommands(group, run);
  CLI::App& inspect = AddCommand(
      group, run, Needs::kLogin, "inspect",
      "Every attribute of a key, and whether the server would take it: exit "
      "code 9 where not",
      "countersign-hsm key inspect firmware --token release");
  inspect.alias("show");
  const auto arguments = AddKeyArguments(inspect);
  SetAction(inspect, run,
            [&run, arguments] { return Inspect(run, *arguments); });
  AddKeyUseCommands(group, run);
}

}  // namespace countersign::hsm
