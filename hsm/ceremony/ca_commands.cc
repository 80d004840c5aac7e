// countersign-hsm ca self-sign|csr
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/key_arguments.h"
#include "hsm/ceremony/message_signer.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/csr.h"
#include "hsm/self_signed_ca.h"

namespace countersign::hsm {
namespace {

constexpr size_t kSerialSize = 20;
constexpr int kMaxDays = 36525;  // a hundred years
// The clocks of others may be behind this machine's.
constexpr absl::Duration kBackdate = absl::Minutes(5);

struct CaOptions {
  std::string subject;
  int days = 3650;
  int path_length = -1;  // none said

  std::optional<int> PathLength() const {
    return path_length < 0 ? std::nullopt : std::optional<int>(path_length);
  }
};

std::string Date(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

std::string PathText(const CaOptions& options) {
  return options.path_length < 0
             ? "any"
             : absl::StrCat("at most ", options.path_length);
}

// What goes into the minutes, unless it would be mixed up with the PEM.
void Tell(Run& run, const KeyArguments& arguments, const CaOptions& options,
          const SelfSignedCa& ca, const std::string& der) {
  const std::string sha256 = base::HexEncode(base::Sha256(der));
  const std::string expires = Date(ca.not_after);
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(arguments.label)},
        {"subject", base::EscapeForDisplay(ca.subject)},
        {"expires", expires},
        {"certificateSha256", sha256},
        {"certificatePem", base::FormatPem({"CERTIFICATE", {}, der})}});
  } else if (!arguments.output.empty()) {
    run.Print(FormatBlock({{"Key", arguments.label},
                           {"Subject", ca.subject},
                           {"Signed by", "itself"},
                           {"CAs below it", PathText(options)},
                           {"Expires", expires},
                           {"SHA-256 of certificate", sha256}}));
  }
}

absl::Status SelfSign(Run& run, const KeyArguments& arguments,
                      const CaOptions& options) {
  if (options.days < 1 || options.days > kMaxDays) {
    return error::Usage(absl::StrCat("--days is from 1 to ", kMaxDays));
  }
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  const absl::Time now = run.console().clock.Now();
  const SelfSignedCa ca = {key.ref.spki,
                           options.subject,
                           run.console().random.Bytes(kSerialSize),
                           now - kBackdate,
                           now + options.days * absl::Hours(24),
                           options.PathLength()};
  ASSIGN_OR_RETURN(const std::string to_be_signed, SelfSignedToBeSigned(ca));
  ASSIGN_OR_RETURN(MessageSigner signer, MessageSigner::Create(*token, key));
  ASSIGN_OR_RETURN(const std::string signature, signer.Sign(to_be_signed));
  ASSIGN_OR_RETURN(const std::string der,
                   AssembleSelfSigned(ca, to_be_signed, signature));
  if (!run.json() || !arguments.output.empty()) {
    RETURN_IF_ERROR(run.WriteResult(arguments.output,
                                    base::FormatPem({"CERTIFICATE", {}, der})));
  }
  Tell(run, arguments, options, ca, der);
  return absl::OkStatus();
}

absl::Status Csr(Run& run, const KeyArguments& arguments,
                 const CaOptions& options) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  ASSIGN_OR_RETURN(
      const std::string to_be_signed,
      CaCsrToBeSigned(key.ref.spki, options.subject, options.PathLength()));
  ASSIGN_OR_RETURN(MessageSigner signer, MessageSigner::Create(*token, key));
  ASSIGN_OR_RETURN(const std::string signature, signer.Sign(to_be_signed));
  ASSIGN_OR_RETURN(const std::string pem,
                   AssembleCsr(to_be_signed, CsrAlgorithm(key.ref.type),
                               signer.hash(), signature));
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(key.ref.label)},
        {"keyId", base::HexEncode(key.ref.key_id)},
        {"keyType", std::string(core::ToString(key.ref.type))},
        {"csrPem", pem}});
    if (arguments.output.empty()) return absl::OkStatus();
  }
  return run.WriteResult(arguments.output, pem);
}

std::shared_ptr<CaOptions> AddOptions(CLI::App& leaf, const char* example) {
  const auto options = std::make_shared<CaOptions>();
  leaf.add_option("--subject", options->subject,
                  absl::StrCat("RFC 4514: \"", example, "\""))
      ->required()
      ->type_name("NAME");
  leaf.add_option("--path-length", options->path_length,
                  "how many CAs may stand below it; 0: it issues to code "
                  "signers only; otherwise any")
      ->check(CLI::Range(0, 16))
      ->type_name("NUMBER");
  return options;
}

}  // namespace

void AddCaCommands(CLI::App& root, Run& run) {
  CLI::App& group = AddGroup(
      root, "ca", "Certificates for keys that shall issue certificates");
  CLI::App& self_sign =
      AddCommand(group, run, Needs::kLogin, "self-sign",
                 "Make a CA's certificate, signed by its own key, PEM",
                 "countersign-hsm ca self-sign root --subject \"CN=Code root,"
                 "O=Example\" --path-length 0 -O root.pem");
  const auto signed_key = AddKeyArguments(self_sign);
  AddOutput(self_sign, signed_key->output);
  const auto options = AddOptions(self_sign, "CN=Code root,O=Example");
  self_sign
      .add_option("--days", options->days,
                  "how long it is valid (default 3650)")
      ->type_name("NUMBER");
  SetAction(self_sign, run, [&run, signed_key, options] {
    return SelfSign(run, *signed_key, *options);
  });

  CLI::App& csr = AddCommand(
      group, run, Needs::kLogin, "csr",
      "A request to a root outside for a CA's certificate, PKCS#10, PEM",
      "countersign-hsm ca csr issuing --subject \"CN=Code issuing,O=Example\" "
      "--path-length 0 -O issuing.csr");
  const auto requested = AddKeyArguments(csr);
  AddOutput(csr, requested->output);
  const auto asked = AddOptions(csr, "CN=Code issuing,O=Example");
  SetAction(csr, run,
            [&run, requested, asked] { return Csr(run, *requested, *asked); });
}

}  // namespace countersign::hsm
