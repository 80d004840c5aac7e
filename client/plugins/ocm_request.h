// The bodies of the OCM CLI's calls to a signing handler: a digest or a
// signature of a component version, and the specification that the user wrote
// for this plugin. Reading only. Pure. Called by ocm_plugin.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_OCM_REQUEST_H_
#define COUNTERSIGN_CLIENT_PLUGINS_OCM_REQUEST_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "base/signature_verifier.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

inline constexpr char kOcmSpecType[] = "CountersignSigning/v1alpha1";

// As the user wrote it: `ocm sign cv --signer-spec FILE`, or "signer:" of a
// signing configuration. Names follow those of the CLI's own RSA handler.
struct OcmSpec {
  std::string operation;  // whole name or short; needed to sign
  base::SignatureScheme scheme = base::SignatureScheme::kRsaPkcs1;
  bool pem = true;
  std::string description;
  std::map<std::string, std::string> context;
  std::string client_context;  // of countersign's configuration file
  // What verification trusts: a key, or certificates. Text and file.
  std::string trust_pem;
  std::string trust_file;
};

// The body of /sign and /sign/identity.
struct OcmSignCall {
  std::string name;  // /sign/identity only
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string digest;  // octets
  std::string normalisation;
  OcmSpec spec;
  // The same for /sign/identity and the /sign that follows it.
  std::string key;
};

// The body of /verify and /verify/identity.
struct OcmVerifyCall {
  std::string name;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string digest;
  std::string algorithm;
  std::string media_type;
  std::string value;
  OcmSpec spec;
};

// Each INVALID_ARGUMENT (OCM_PROTOCOL, OCM_SPEC) names the member that is
// wrong.
absl::StatusOr<OcmSignCall> ParseOcmSignCall(absl::string_view body);
absl::StatusOr<OcmVerifyCall> ParseOcmVerifyCall(absl::string_view body);

// The trust that the credentials bring: the values of publicKeyPEM and
// rootCertificatesPEM, and of the same names with "File" or in snake case.
// Others are not looked at. `header` is JSON, or empty.
struct OcmTrust {
  std::string pem;
  std::string file;
};
absl::StatusOr<OcmTrust> ParseOcmCredentials(absl::string_view header);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_OCM_REQUEST_H_
