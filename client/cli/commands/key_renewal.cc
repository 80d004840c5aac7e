// countersign key request-renewal|approve-renewal|revoke: certificates of the
// site's own authority after the first one.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/key_id_text.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_authority.h"
#include "client/cli/render_key.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string reason;
  std::string serial;
  std::string comment;
  bool yes = false;
};

// As RFC 5280 5.3.1 calls them.
const std::map<std::string, v1::Revocation::Reason>& Reasons() {
  static const auto* const reasons =
      new std::map<std::string, v1::Revocation::Reason>{
          {"unspecified", v1::Revocation::REASON_UNSPECIFIED},
          {"key-compromise", v1::Revocation::KEY_COMPROMISE},
          {"affiliation-changed", v1::Revocation::AFFILIATION_CHANGED},
          {"superseded", v1::Revocation::SUPERSEDED},
          {"cessation-of-operation", v1::Revocation::CESSATION_OF_OPERATION}};
  return *reasons;
}

void Show(Session& session, const v1::KeyVersion& key) {
  if (session.json()) {
    session.PrintJson(ProtoJson(key));
  } else {
    session.Print(RenderKeyAndCertificates(key, session.now()));
  }
}

absl::Status Request(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   KeyClient(*connection).RequestRenewal(name));
  session.Note(EscapeLines(
      absl::StrCat("Another person, a product approver, agrees with:\n"
                   "  countersign key approve-renewal ",
                   ShortKeyName(key.name()))));
  Show(session, key);
  return absl::OkStatus();
}

// The newest one says by which authority and profile the next is issued.
std::string WhatIsIssued(const v1::KeyVersion& key) {
  const std::string what =
      absl::StrCat("a new certificate for ", ShortKeyName(key.name()));
  if (key.issued_certificates().empty()) return what;
  const v1::IssuedCertificate& last = *key.issued_certificates().rbegin();
  return absl::StrCat(what, ", as the last by the authority \"",
                      last.certificate_authority(), "\", profile \"",
                      last.profile(), "\"");
}

absl::Status Approve(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  KeyClient client(*connection);
  ASSIGN_OR_RETURN(const v1::KeyVersion shown, client.Get(name));
  // With --yes it is shown as well: the log of a script tells what was agreed.
  if (!session.json()) {
    session.Print(RenderKeyAndCertificates(shown, session.now()));
  }
  if (!options.yes) {
    RETURN_IF_ERROR(session.Confirm(
        EscapeLines(absl::StrCat("Issue ", WhatIsIssued(shown), "?"))));
  }
  // The very version that was shown, whatever signs by now.
  ASSIGN_OR_RETURN(const v1::KeyVersion key,
                   client.ApproveRenewal(shown.name(), options.reason));
  Show(session, key);
  return absl::OkStatus();
}

absl::Status CheckSerial(const v1::KeyVersion& key, const std::string& serial) {
  for (const v1::IssuedCertificate& one : key.issued_certificates()) {
    if (one.serial() == serial) return absl::OkStatus();
  }
  return base::MakeError(absl::StatusCode::kNotFound,
                         absl::StrCat("no certificate with serial number ",
                                      serial, " was issued for ", key.name()),
                         Because("CERTIFICATE_NOT_FOUND"));
}

absl::Status Revoke(Session& session, const Options& options) {
  v1::RevokeCertificateRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), KeyVersionNameFrom(options.name));
  ASSIGN_OR_RETURN(*request.mutable_serial(),
                   ReadKeyId("--serial", options.serial));
  request.set_reason(Reasons().at(options.reason));
  request.set_comment(options.comment);
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  KeyClient client(*connection);
  if (!options.yes) {
    ASSIGN_OR_RETURN(const v1::KeyVersion shown, client.Get(request.name()));
    RETURN_IF_ERROR(CheckSerial(shown, request.serial()));
    if (!session.json()) {
      session.Print(RenderKeyAndCertificates(shown, session.now()));
    }
    RETURN_IF_ERROR(session.ConfirmByTyping(
        absl::StrCat("The certificate ", request.serial(),
                     " is revoked for good and stands on the next CRL. Where "
                     "it is the one in use, no PEM signatures are made until "
                     "there is another."),
        ShortKeyName(request.name())));
  }
  ASSIGN_OR_RETURN(const v1::KeyVersion key, client.RevokeCertificate(request));
  Show(session, key);
  return absl::OkStatus();
}

using Run = absl::Status (*)(Session&, const Options&);

struct Added {
  CLI::App& leaf;
  std::shared_ptr<Options> options;
};

Added Add(CLI::App& group, Session& session, const char* name,
          bool version_only, const char* description, const char* examples,
          Run run) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf =
      AddCommand(group, session, Needs::kServer, name, description, examples);
  leaf.add_option(
          "name", options->name,
          version_only
              ? "key version (PRODUCT/OPERATION/VERSION or whole name)"
              : "operation (PRODUCT/OPERATION or whole name) or key version")
      ->required()
      ->type_name(version_only ? "KEYVERSION" : "OPERATION");
  SetAction(leaf, session,
            [&session, options, run] { return run(session, *options); });
  return {leaf, options};
}

void AddRevoke(CLI::App& keys, Session& session) {
  const Added revoke =
      Add(keys, session, "revoke", true,
          "Revoke a certificate of the site's own authority, for good",
          "countersign key revoke router/detached/1 --serial 5f0c...9a "
          "--reason key-compromise --comment \"laptop stolen, incident 42\"",
          Revoke);
  revoke.leaf
      .add_option("--serial", revoke.options->serial,
                  "its serial number, as `key show` tells it")
      ->required()
      ->type_name("HEX");
  revoke.options->reason = "unspecified";
  revoke.leaf
      .add_option("--reason", revoke.options->reason,
                  "for the CRL: key-compromise, affiliation-changed, "
                  "superseded, cessation-of-operation or unspecified (default)")
      ->check(
          CLI::IsMember({"unspecified", "key-compromise", "affiliation-changed",
                         "superseded", "cessation-of-operation"}))
      ->type_name("REASON");
  revoke.leaf
      .add_option("--comment", revoke.options->comment, "why, for the record")
      ->required()
      ->type_name("TEXT");
  revoke.leaf.add_flag("--yes", revoke.options->yes, "do not ask");
}

}  // namespace

void AddKeyRenewal(CLI::App& keys, Session& session) {
  Add(keys, session, "request-renewal", false,
      "Ask for a new certificate of the site's own authority",
      "countersign key request-renewal router/detached", Request);
  const Added approve =
      Add(keys, session, "approve-renewal", false,
          "Show what would be issued, ask, and agree to a renewal that another "
          "person asked for",
          "countersign key approve-renewal router/detached\n"
          "countersign key approve-renewal router/detached/1 --yes --reason "
          "\"due in May\"",
          Approve);
  approve.leaf
      .add_option("--reason", approve.options->reason, "why, for the record")
      ->type_name("TEXT");
  approve.leaf.add_flag("--yes", approve.options->yes, "do not ask");
  AddRevoke(keys, session);
}

}  // namespace countersign::client
