#include "client/api/connection_failure.h"

#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

// `parts` in lower case.
bool ContainsAny(absl::string_view text,
                 std::initializer_list<absl::string_view> parts) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (const absl::string_view part : parts) {
    if (absl::StrContains(lower, part)) return true;
  }
  return false;
}

// What the server was shown, for the end of a sentence.
std::string Shown(const Endpoint& endpoint) {
  return endpoint.subject.empty()
             ? std::string("a call without a client certificate")
             : absl::StrCat("the client certificate ", endpoint.subject,
                            ", issued by ", endpoint.issuer);
}

}  // namespace

absl::Status ExplainConnectionFailure(const absl::Status& status,
                                      const Endpoint& endpoint) {
  if (status.code() != absl::StatusCode::kUnavailable ||
      !base::GetReason(status).empty()) {
    return status;
  }
  const absl::string_view cause = status.message();
  const auto error = [&](absl::StatusCode code, const char* reason,
                         const std::string& text) {
    return base::MakeError(code, absl::StrCat(text, " [", cause, "]"),
                           Because(reason, {{"server", endpoint.server}}));
  };
  // Alerts that a server sends about the client's certificate (RFC 8446 6.2).
  if (ContainsAny(cause,
                  {"alert unknown ca", "alert certificate", "alert bad cert",
                   "alert access denied", "alert unsupported cert"})) {
    return error(absl::StatusCode::kUnauthenticated, "CERTIFICATE_REFUSED",
                 absl::StrCat("the server ", endpoint.server, " refuses ",
                              Shown(endpoint)));
  }
  if (ContainsAny(cause, {"certificate verify failed", "not match target name",
                          "not in peer certificate", "ssl handshake",
                          "wrong version number", "no_application_protocol",
                          "handshaker"})) {
    return error(absl::StatusCode::kUnavailable, "SERVER_NOT_TRUSTED",
                 absl::StrCat("what answers at ", endpoint.server,
                              " is not the server that we trust: its "
                              "certificate is not from ",
                              endpoint.system_cas
                                  ? "one of the system's CAs (no CA file is "
                                    "set: --ca)"
                                  : "the CA file",
                              ", has another name or is expired"));
  }
  if (ContainsAny(cause, {"socket closed", "connection reset", "broken pipe",
                          "endpoint closed", "recvmsg", "eof"})) {
    return error(
        absl::StatusCode::kUnavailable, "CONNECTION_CLOSED",
        absl::StrCat("the server ", endpoint.server,
                     " closed the connection; where this repeats, it does not "
                     "accept ",
                     Shown(endpoint)));
  }
  return error(
      absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE",
      absl::StrCat("no countersign server answers at ", endpoint.server));
}

}  // namespace countersign::client
