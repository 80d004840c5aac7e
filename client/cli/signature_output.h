// Handing out signatures: raw octets, base64 text or PEM, to a file or to
// standard output. Called by `sign digest`, `sign blob`, `request signature`.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGNATURE_OUTPUT_H_
#define COUNTERSIGN_CLIENT_CLI_SIGNATURE_OUTPUT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

enum class SignatureFormat { kRaw, kBase64, kPem };

// "raw", "base64", "pem"; nullopt for empty. INVALID_ARGUMENT (FORMAT_UNKNOWN).
absl::StatusOr<std::optional<SignatureFormat>> ReadSignatureFormat(
    absl::string_view text);

// True for a file name that ends in ".b64": whoever writes into it wants
// base64.
bool NamesBase64(absl::string_view path);

// `format`, or base64 where none was named and the file's name says so.
std::optional<SignatureFormat> FormatFor(std::optional<SignatureFormat> format,
                                         absl::string_view path);

// Signature `index` of a SIGNED request. Where nobody named a format: PEM for a
// request in PEM, else raw into a file and base64 to standard output. Base64 is
// one line; a newline ends it but where it goes into a file as the only one:
// `cosign attach signature` takes the octets of a file as they are. Raw and
// base64 of a PEM request are those of the SIGNATURE block's octets.
// INVALID_ARGUMENT (FORMAT_NOT_POSSIBLE): PEM of a raw signature.
absl::StatusOr<std::string> FormatSignature(
    const v1::SigningRequest& request, int index,
    std::optional<SignatureFormat> format, bool to_file);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGNATURE_OUTPUT_H_
