#include "client/plugins/kms_plugin.h"

#include "base/json.h"
#include "base/status_macros.h"
#include "client/cli/exit_code.h"
#include "client/cli/version.h"
#include "client/plugins/error_message.h"
#include "client/plugins/kms_methods.h"
#include "client/plugins/kms_request.h"

namespace countersign::client {
namespace {

constexpr char kHelp[] =
    R"(sigstore-kms-countersign: signs for cosign with keys of countersign.

cosign (2.4.3 and later) starts this program itself, found on PATH, for key
references like these:

  countersign://products/PRODUCT/operations/OPERATION
  countersign://PRODUCT/OPERATION             the same
  countersign://PRODUCT/OPERATION/VERSION     one key version, to verify with

Server and identity come from the same places as those of the `countersign`
command: a context of $XDG_CONFIG_HOME/countersign/config.yaml or
~/.config/countersign/config.yaml, chosen by COUNTERSIGN_CONTEXT, and
COUNTERSIGN_* variables, which are stronger. Approvers read the text of
COUNTERSIGN_DESCRIPTION, and what cosign lets sign.

Examples:
  cosign public-key --key countersign://PRODUCT/OPERATION
  cosign sign --key countersign://PRODUCT/OPERATION --timeout 2h IMAGE@DIGEST

Where people must agree, it waits until cosign's --timeout (3 minutes unless
given), and no longer than COUNTERSIGN_WAIT says ("30m"); after that the same
command again finds the same request.

Usage: sigstore-kms-countersign v1 JSON    (as cosign does)
       sigstore-kms-countersign --version | --help
)";

absl::StatusOr<base::Json> Answer(const std::vector<std::string>& arguments,
                                  std::istream& in, const PluginWorld& world) {
  ASSIGN_OR_RETURN(const KmsRequest request,
                   ParseKmsRequest(arguments[0], arguments[1]));
  return AnswerKms(world, request, in);
}

}  // namespace

int RunKmsPlugin(const std::vector<std::string>& arguments, std::istream& in,
                 std::ostream& out, const PluginWorld& world) {
  if (arguments.size() == 1 && arguments[0] == "--version") {
    out << "sigstore-kms-countersign " << kVersion << "\n";
    return 0;
  }
  if (arguments.size() != 2) {
    out << kHelp;
    const bool asked = arguments.size() == 1 && arguments[0] == "--help";
    return asked ? 0 : static_cast<int>(ExitCode::kBadInput);
  }
  const absl::StatusOr<base::Json> answer = Answer(arguments, in, world);
  if (answer.ok()) {
    out << base::CompactJson(*answer) << "\n";
    return 0;
  }
  out << base::CompactJson(base::Json::Object{
             {"errorMessage", ErrorMessage(answer.status())}})
      << "\n";
  return static_cast<int>(ExitCodeFor(answer.status()));
}

}  // namespace countersign::client
