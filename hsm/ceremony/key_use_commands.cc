// countersign-hsm key export|csr|test-sign
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/key_arguments.h"
#include "hsm/ceremony/message_signer.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/csr.h"

namespace countersign::hsm {
namespace {

constexpr int kMaxCount = 10000;
constexpr size_t kChallengeSize = 32;

struct UseOptions {
  std::string subject;
  int count = 10;
};

// PEM to the file or standard output; with -o json the PEM is a member of what
// goes to standard output.
absl::Status WritePem(Run& run, const KeyArguments& arguments,
                      const TokenKey& key, const char* member,
                      const std::string& pem) {
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(key.ref.label)},
        {"keyId", base::HexEncode(key.ref.key_id)},
        {"keyType", std::string(core::ToString(key.ref.type))},
        {member, pem}});
    if (arguments.output.empty()) return absl::OkStatus();
  }
  return run.WriteResult(arguments.output, pem);
}

absl::Status Export(Run& run, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  return WritePem(run, arguments, key, "publicKeyPem",
                  base::SpkiPem(key.ref.spki));
}

absl::Status Csr(Run& run, const KeyArguments& arguments,
                 const UseOptions& options) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  ASSIGN_OR_RETURN(const std::string to_be_signed,
                   CsrToBeSigned(key.ref.spki, options.subject));
  ASSIGN_OR_RETURN(MessageSigner signer, MessageSigner::Create(*token, key));
  ASSIGN_OR_RETURN(const std::string signature, signer.Sign(to_be_signed));
  ASSIGN_OR_RETURN(const std::string pem,
                   AssembleCsr(to_be_signed, CsrAlgorithm(key.ref.type),
                               signer.hash(), signature));
  return WritePem(run, arguments, key, "csrPem", pem);
}

struct Timing {
  absl::Duration total;
  absl::Duration longest;
};

// Each over a challenge of its own, each verified.
absl::StatusOr<Timing> SignChallenges(Run& run, const TokenKey& key,
                                      MessageSigner& signer, int count) {
  Timing timing;
  for (int i = 0; i < count; ++i) {
    const std::string challenge = run.console().random.Bytes(kChallengeSize);
    const absl::Duration begin = base::SteadyNow();
    ASSIGN_OR_RETURN(const std::string signature, signer.Sign(challenge));
    const absl::Duration took = base::SteadyNow() - begin;
    timing.total += took;
    timing.longest = std::max(timing.longest, took);
    RETURN_IF_ERROR(
        VerifyMessage(key.ref, signer.hash(), challenge, signature));
  }
  return timing;
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.2f ms", absl::ToDoubleMilliseconds(duration));
}

absl::Status TestSign(Run& run, const KeyArguments& arguments,
                      const UseOptions& options) {
  if (options.count < 1 || options.count > kMaxCount) {
    return error::Usage(absl::StrCat("--count is from 1 to ", kMaxCount));
  }
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  ASSIGN_OR_RETURN(MessageSigner signer, MessageSigner::Create(*token, key));
  ASSIGN_OR_RETURN(const Timing timing,
                   SignChallenges(run, key, signer, options.count));
  const absl::Duration mean = timing.total / options.count;
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(key.ref.label)},
        {"keyId", base::HexEncode(key.ref.key_id)},
        {"keyType", std::string(core::ToString(key.ref.type))},
        {"verified", true},
        {"signatures", options.count},
        {"meanMilliseconds", absl::ToDoubleMilliseconds(mean)},
        {"longestMilliseconds", absl::ToDoubleMilliseconds(timing.longest)}});
    return absl::OkStatus();
  }
  run.Print(FormatBlock(
      {{"Key", key.ref.label},
       {"Type", std::string(core::ToString(key.ref.type))},
       {"Signatures",
        absl::StrCat(options.count, ", each verified by OpenSSL")},
       {"Time for one", absl::StrCat(Milliseconds(mean), " (longest ",
                                     Milliseconds(timing.longest), ")")}}));
  return absl::OkStatus();
}

}  // namespace

void AddKeyUseCommands(CLI::App& group, Run& run) {
  CLI::App& exporting =
      AddCommand(group, run, Needs::kLogin, "export",
                 "The public key, PEM. Private keys cannot be exported",
                 "countersign-hsm key export firmware -O firmware.pub.pem");
  const auto exported = AddKeyArguments(exporting);
  AddOutput(exporting, exported->output);
  SetAction(exporting, run,
            [&run, exported] { return Export(run, *exported); });

  CLI::App& csr = AddCommand(
      group, run, Needs::kLogin, "csr",
      "A certificate request signed by the key, PKCS#10, PEM",
      "countersign-hsm key csr firmware --subject \"CN=Firmware,O=Example\" -O "
      "firmware.csr");
  const auto requested = AddKeyArguments(csr);
  const auto options = std::make_shared<UseOptions>();
  AddOutput(csr, requested->output);
  csr.add_option("--subject", options->subject,
                 "RFC 4514: \"CN=Firmware,O=Example\"")
      ->required()
      ->type_name("NAME");
  SetAction(csr, run, [&run, requested, options] {
    return Csr(run, *requested, *options);
  });

  CLI::App& test_sign = AddCommand(
      group, run, Needs::kLogin, "test-sign",
      "Sign random challenges, verify them with OpenSSL, tell the time",
      "countersign-hsm key test-sign firmware --count 100");
  const auto tested = AddKeyArguments(test_sign);
  test_sign.add_option("--count", options->count, "how many (default 10)")
      ->type_name("NUMBER");
  SetAction(test_sign, run, [&run, tested, options] {
    return TestSign(run, *tested, *options);
  });
}

}  // namespace countersign::hsm
