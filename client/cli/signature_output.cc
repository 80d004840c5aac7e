#include "client/cli/signature_output.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/detached_signature.h"

namespace countersign::client {

absl::StatusOr<std::optional<SignatureFormat>> ReadSignatureFormat(
    absl::string_view text) {
  if (text.empty()) return std::optional<SignatureFormat>();
  if (text == "raw") return std::optional(SignatureFormat::kRaw);
  if (text == "base64") return std::optional(SignatureFormat::kBase64);
  if (text == "pem") return std::optional(SignatureFormat::kPem);
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("unknown format \"", base::EscapeForDisplay(text),
                   "\"; right is raw, base64 or pem"),
      Because("FORMAT_UNKNOWN"));
}

bool NamesBase64(absl::string_view path) {
  return absl::EndsWith(path, ".b64");
}

std::optional<SignatureFormat> FormatFor(std::optional<SignatureFormat> format,
                                         absl::string_view path) {
  if (format.has_value() || !NamesBase64(path)) return format;
  return SignatureFormat::kBase64;
}

absl::StatusOr<std::string> FormatSignature(
    const v1::SigningRequest& request, int index,
    std::optional<SignatureFormat> format, bool to_file) {
  const std::string& value = request.signatures(index).value();
  const bool pem = request.encoding() == v1::PEM;
  if (!format.has_value()) {
    format = pem       ? SignatureFormat::kPem
             : to_file ? SignatureFormat::kRaw
                       : SignatureFormat::kBase64;
  }
  if (*format == SignatureFormat::kPem) {
    if (pem) return value;
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "the signature was asked for without certificates; PEM needs a request "
        "of a DETACHED_SIGNATURE operation made with --format pem",
        Because("FORMAT_NOT_POSSIBLE"));
  }
  std::string octets = value;
  if (pem) {
    ASSIGN_OR_RETURN(const DetachedSignature parsed,
                     ParseDetachedSignature(value));
    octets = parsed.signature;
  }
  if (*format == SignatureFormat::kRaw) return octets;
  return absl::StrCat(base::Base64Encode(octets), to_file ? "" : "\n");
}

}  // namespace countersign::client
