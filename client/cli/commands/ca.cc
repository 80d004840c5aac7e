// countersign ca list|show|chain|crl: the site's own certificate authorities.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/cli/certificate_format.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_authority.h"
#include "client/cli/resource_output.h"

namespace countersign::client {
namespace {

struct Options {
  std::string name;
  std::string output;
  std::string format;
  bool root = false;
};

absl::Status List(Session& session, const Options&) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::CertificateAuthority> all,
                   KeyClient(*connection).ListAuthorities());
  if (session.json()) {
    session.PrintJson(ProtoJsonList("certificateAuthorities", all));
  } else {
    session.Print(RenderAuthorities(all, session.now()));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::CertificateAuthority> Find(Session& session,
                                              const std::string& name) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::CertificateAuthority> all,
                   KeyClient(*connection).ListAuthorities());
  std::vector<std::string> names;
  for (const v1::CertificateAuthority& one : all) {
    if (one.name() == name) return one;
    names.push_back(one.name());
  }
  return base::MakeError(
      absl::StatusCode::kNotFound,
      absl::StrCat(
          "no certificate authority \"", name, "\"; there ",
          names.empty() ? "is none" : "are: ", absl::StrJoin(names, ", ")),
      Because("CERTIFICATE_AUTHORITY_NOT_FOUND"));
}

absl::Status ShowOne(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const v1::CertificateAuthority one,
                   Find(session, options.name));
  if (session.json()) {
    session.PrintJson(ProtoJson(one));
  } else {
    session.Print(RenderAuthority(one, session.now()));
  }
  return absl::OkStatus();
}

absl::Status Chain(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const v1::CertificateAuthority one,
                   Find(session, options.name));
  ASSIGN_OR_RETURN(std::vector<std::string> chain,
                   CertificatesOf(one.certificate_chain_pem()));
  if (options.root) {
    ASSIGN_OR_RETURN(const std::string root, RootOf(chain));
    chain = {root};
  }
  return WritePart(session, options.output, one,
                   FormatCertificates(chain, options.format));
}

absl::Status Crl(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const v1::CertificateAuthority one,
                   Find(session, options.name));
  if (one.crl().empty()) {
    return base::MakeError(absl::StatusCode::kNotFound,
                           absl::StrCat("the authority \"", one.name(),
                                        "\" has signed no CRL yet"),
                           Because("CRL_MISSING"));
  }
  return WritePart(session, options.output, one,
                   options.format == kFormatPem
                       ? base::FormatPem({"X509 CRL", {}, one.crl()})
                       : one.crl());
}

using Run = absl::Status (*)(Session&, const Options&);

struct Added {
  CLI::App& leaf;
  std::shared_ptr<Options> options;
};

Added Add(CLI::App& group, Session& session, const char* name,
          const char* description, const char* examples, Run run) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf =
      AddCommand(group, session, Needs::kServer, name, description, examples);
  SetAction(leaf, session,
            [&session, options, run] { return run(session, *options); });
  return {leaf, options};
}

Added AddOfOne(CLI::App& group, Session& session, const char* name,
               const char* description, const char* examples, Run run) {
  const Added added = Add(group, session, name, description, examples, run);
  added.leaf.add_option("name", added.options->name, "its name in `ca list`")
      ->required()
      ->type_name("NAME");
  return added;
}

void AddOutput(const Added& added, const char* format, const char* help,
               std::vector<std::string> formats) {
  added.leaf
      .add_option("-O,--output", added.options->output,
                  "file instead of standard output")
      ->type_name("FILE");
  added.options->format = format;
  added.leaf.add_option("--format", added.options->format, help)
      ->check(CLI::IsMember(std::move(formats)))
      ->type_name("FORMAT");
}

}  // namespace

void AddAuthorityCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(
      root, "ca", "The site's own certificate authorities and their CRLs");
  Add(group, session, "list", "All of them, one line each",
      "countersign ca list", List);
  AddOfOne(group, session, "show", "One of them",
           "countersign ca show issuing\n"
           "countersign ca show issuing -o json",
           ShowOne);
  const Added chain =
      AddOfOne(group, session, "chain",
               "Its certificate, then its issuers; with --root the root alone",
               "countersign ca chain issuing -O issuing.pem\n"
               "countersign ca chain issuing --root -O root.pem",
               Chain);
  AddOutput(chain, kFormatPem, "pem (default), p7b (PKCS#7), der (the first)",
            {kFormatPem, kFormatP7b, kFormatDer});
  chain.leaf.add_flag("--root", chain.options->root,
                      "the root alone: what verifiers trust");
  AddOutput(AddOfOne(group, session, "crl", "Its newest CRL",
                     "countersign ca crl issuing -O issuing.crl\n"
                     "countersign ca crl issuing --format pem",
                     Crl),
            kFormatDer, "der (default) or pem", {kFormatDer, kFormatPem});
}

}  // namespace countersign::client
