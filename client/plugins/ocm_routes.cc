// OcmRoutes of ocm_plugin.h: five paths, and what is remembered between two.
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/plugins/error_message.h"
#include "client/plugins/ocm_plugin.h"
#include "client/plugins/ocm_request.h"
#include "client/plugins/ocm_signing.h"

namespace countersign::client {
namespace {

// A CLI signs one component version, or a handful.
constexpr size_t kMostNames = 64;

// Where the CLI looks for credentials.
std::string IdentityAnswer(const std::string& name) {
  return base::CompactJson(base::Json::Object{
      {"identity",
       base::Json::Object{{"type", kOcmSpecType}, {"signature", name}}}});
}

}  // namespace

HttpResponse OcmRoutes::Handle(const HttpRequest& request) {
  const absl::StatusOr<std::string> body = Dispatch(request);
  if (body.ok()) return {200, "application/json", *body};
  log_("ERROR", absl::StrCat(request.target, ": ", body.status().message()));
  return {HttpCodeOf(body.status()), "text/plain", ErrorMessage(body.status())};
}

absl::StatusOr<std::string> OcmRoutes::Dispatch(const HttpRequest& request) {
  if (request.target == "/healthz") return std::string("{}");
  if (request.method == "POST") {
    if (request.target == "/sign/identity") return SignIdentity(request);
    if (request.target == "/sign") return Sign(request);
    if (request.target == "/verify/identity") return VerifyIdentity(request);
    if (request.target == "/verify") return Verify(request);
  }
  return base::MakeError(absl::StatusCode::kNotFound,
                         "there is no such call; right are POST "
                         "/sign/identity, /sign, /verify/identity and /verify, "
                         "and GET /healthz",
                         Because("OCM_PROTOCOL"));
}

absl::StatusOr<std::string> OcmRoutes::SignIdentity(
    const HttpRequest& request) {
  ASSIGN_OR_RETURN(const OcmSignCall call, ParseOcmSignCall(request.body));
  base::MutexLock lock(mutex_);
  names_.emplace_back(call.key, call.name);
  if (names_.size() > kMostNames) names_.pop_front();
  return IdentityAnswer(call.name);
}

absl::StatusOr<std::string> OcmRoutes::Sign(const HttpRequest& request) {
  ASSIGN_OR_RETURN(OcmSignCall call, ParseOcmSignCall(request.body));
  {
    base::MutexLock lock(mutex_);
    for (const auto& [key, name] : names_) {
      if (key == call.key) call.name = name;
    }
  }
  ASSIGN_OR_RETURN(const OcmSignature signature, SignForOcm(world_, call));
  for (const std::string& warning : signature.warnings) log_("WARN", warning);
  return base::CompactJson(base::Json::Object{
      {"signature", base::Json::Object{{"algorithm", signature.algorithm},
                                       {"mediaType", signature.media_type},
                                       {"value", signature.value}}}});
}

absl::StatusOr<std::string> OcmRoutes::VerifyIdentity(
    const HttpRequest& request) {
  ASSIGN_OR_RETURN(const OcmVerifyCall call, ParseOcmVerifyCall(request.body));
  return IdentityAnswer(call.name);
}

absl::StatusOr<std::string> OcmRoutes::Verify(const HttpRequest& request) {
  ASSIGN_OR_RETURN(const OcmVerifyCall call, ParseOcmVerifyCall(request.body));
  ASSIGN_OR_RETURN(const OcmTrust trust,
                   ParseOcmCredentials(request.authorization));
  const absl::Status good = VerifyForOcm(world_, call, trust);
  if (!good.ok()) {
    return base::Annotate(good, absl::StrCat("signature \"", call.name, "\""));
  }
  return std::string("{}");
}

}  // namespace countersign::client
