#include "client/plugins/ocm_plugin.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/exit_code.h"
#include "client/cli/version.h"
#include "client/plugins/http_listener.h"
#include "client/plugins/json_members.h"
#include "client/plugins/ocm_request.h"

namespace countersign::client {
namespace {

constexpr char kHelp[] =
    R"(ocm-signing-countersign: signs component versions for the OCM CLI with
keys of countersign.

The CLI (the one with plugins) starts it by itself: put it, under a name
without an extension, into ~/.config/ocm/plugins or a folder that
--plugin-directory names, and give the CLI a signer specification:

  type: CountersignSigning/v1alpha1
  operation: PRODUCT/OPERATION
  signatureEncodingPolicy: PEM      # or Plain

  ocm sign cv --signature release --signer-spec FILE REFERENCE
  ocm verify cv --signature release --verifier-spec FILE REFERENCE

Server and identity come from the same places as those of the `countersign`
command.

Usage: ocm-signing-countersign capabilities
       ocm-signing-countersign --config JSON
       ocm-signing-countersign --version | --help
)";

// JSON Schema (2020-12) of the specification; ocm_request.cc is its reader.
constexpr char kSpecSchema[] = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["type"],
  "additionalProperties": false,
  "properties": {
    "type": {"type": "string"},
    "operation": {"type": "string"},
    "signatureAlgorithm": {
      "type": "string", "enum": ["RSASSA-PKCS1-V1_5", "RSASSA-PSS"]},
    "signatureEncodingPolicy": {"type": "string", "enum": ["PEM", "Plain"]},
    "description": {"type": "string"},
    "context": {"type": "object", "additionalProperties": {"type": "string"}},
    "clientContext": {"type": "string"},
    "publicKeyPEM": {"type": "string"},
    "publicKeyPEMFile": {"type": "string"},
    "rootCertificatesPEM": {"type": "string"},
    "rootCertificatesPEMFile": {"type": "string"}
  }
})";

absl::Status Wrong(absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("--config: ", what),
                         Because("OCM_PROTOCOL"));
}

// "--config X" or "--config=X".
absl::StatusOr<std::string> ConfigArgument(
    const std::vector<std::string>& arguments) {
  absl::string_view first = arguments.empty() ? "" : arguments[0];
  if (arguments.size() == 2 && first == "--config") return arguments[1];
  if (arguments.size() == 1 && absl::ConsumePrefix(&first, "--config=")) {
    return std::string(first);
  }
  return Wrong("see --help");
}

absl::StatusOr<std::unique_ptr<HttpListener>> Listen(const OcmConfig& config,
                                                     const PluginWorld& world,
                                                     const OcmLog& log) {
  if (config.tcp) {
    log("WARN",
        "serving on loopback: everybody on this machine can have signatures "
        "made until this command ends");
    return HttpListener::OnLoopback();
  }
  const std::string folder = world.environment("TMPDIR").value_or("");
  if (!folder.empty()) {
    auto listener = HttpListener::OnUnixSocket(folder);
    // Too long for a socket, or gone.
    if (listener.ok()) return listener;
  }
  return HttpListener::OnUnixSocket("/tmp");
}

absl::Status Serve(const OcmConfig& config, std::ostream& out,
                   const PluginWorld& world, const OcmLog& log) {
  ASSIGN_OR_RETURN(const auto listener, Listen(config, world, log));
  out << listener->address() << "\n" << std::flush;
  OcmRoutes routes(world, log);
  listener->Serve(
      [&routes](const HttpRequest& request) { return routes.Handle(request); },
      config.idle_timeout, world.interrupted);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OcmConfig> ParseOcmConfig(absl::string_view text) {
  const absl::StatusOr<base::Json> json = base::ParseJson(text, {1 << 20, 16});
  if (!json.ok()) return Wrong(json.status().message());
  std::vector<std::string> mistakes;
  JsonMembers root(*json, "", mistakes);
  OcmConfig config;
  config.id = root.Text("id");
  const std::string type = root.Text("type");
  config.tcp = type == "tcp";
  if (type != "unix" && type != "tcp") {
    root.Wrong("type", "is neither \"unix\" nor \"tcp\"");
  }
  const int64_t idle = root.Number("idleTimeout").value_or(0);
  if (idle > 0) config.idle_timeout = absl::Nanoseconds(idle);
  if (!mistakes.empty()) return Wrong(mistakes.front());
  return config;
}

std::string OcmCapabilities() {
  return base::CompactJson(base::Json::Object{
      {"capabilities",
       base::Json::Array{base::Json::Object{
           {"type", "signingHandler"},
           {"supportedSigningSpecTypes",
            base::Json::Array{base::Json::Object{
                {"type", kOcmSpecType},
                {"aliases", nullptr},
                {"jsonSchema", base::Base64Encode(kSpecSchema)}}}}}}}});
}

int RunOcmPlugin(const std::vector<std::string>& arguments, std::ostream& out,
                 const PluginWorld& world, const OcmLog& log) {
  const std::string first = arguments.size() == 1 ? arguments[0] : "";
  if (first == "capabilities") {
    out << OcmCapabilities() << "\n";
    return 0;
  }
  if (first == "--version") {
    out << "ocm-signing-countersign " << kVersion << "\n";
    return 0;
  }
  if (first == "--help") {
    out << kHelp;
    return 0;
  }
  const absl::StatusOr<std::string> text = ConfigArgument(arguments);
  const absl::StatusOr<OcmConfig> config =
      text.ok() ? ParseOcmConfig(*text) : text.status();
  const absl::Status done =
      config.ok() ? Serve(*config, out, world, log) : config.status();
  if (done.ok()) return 0;
  log("ERROR", done.message());
  return static_cast<int>(ExitCodeFor(done));
}

}  // namespace countersign::client
