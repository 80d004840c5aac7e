#include "client/plugins/ocm_request.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/signature_algorithm.h"
#include "client/plugins/json_members.h"

namespace countersign::client {
namespace {

constexpr base::JsonLimits kLimits = {1 << 20, 32};

absl::Status Wrong(const char* reason, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, what,
                         Because(reason));
}

absl::StatusOr<base::Json> Parse(absl::string_view text) {
  absl::StatusOr<base::Json> json = base::ParseJson(text, kLimits);
  if (!json.ok()) return Wrong("OCM_PROTOCOL", json.status().message());
  return json;
}

const std::vector<std::string>& SpecMembers() {
  static const auto* const kMembers =
      new std::vector<std::string>{"type",
                                   "operation",
                                   "signatureAlgorithm",
                                   "description",
                                   "context",
                                   "signatureEncodingPolicy",
                                   "clientContext",
                                   "publicKeyPEM",
                                   "publicKeyPEMFile",
                                   "rootCertificatesPEM",
                                   "rootCertificatesPEMFile"};
  return *kMembers;
}

// The user's own words: what is not known is a mistake.
void CheckKnown(const base::Json& value, JsonMembers& spec) {
  if (!value.is_object()) return;
  for (const auto& [member, unused] : value.object()) {
    if (std::find(SpecMembers().begin(), SpecMembers().end(), member) ==
        SpecMembers().end()) {
      spec.Wrong(base::EscapeForDisplay(member),
                 absl::StrCat("is not known; right are ",
                              absl::StrJoin(SpecMembers(), ", ")));
    }
  }
}

void ReadContext(const base::Json* value, JsonMembers& spec, OcmSpec& out) {
  if (value == nullptr) return;
  if (!value->is_object()) return spec.Wrong("context", "is no object");
  for (const auto& [key, text] : value->object()) {
    if (text.is_string()) {
      out.context[key] = text.string();
    } else {
      spec.Wrong(absl::StrCat("context.", base::EscapeForDisplay(key)),
                 "is no text");
    }
  }
}

std::string FirstText(JsonMembers& object,
                      std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const std::string text = object.Text(name);
    if (!text.empty()) return text;
  }
  return "";
}

absl::StatusOr<OcmSpec> ReadSpec(const base::Json* value) {
  if (value == nullptr) return Wrong("OCM_PROTOCOL", "config is missing");
  std::vector<std::string> mistakes;
  JsonMembers spec(*value, "", mistakes);
  OcmSpec out;
  if (const std::string type = spec.Text("type"); type != kOcmSpecType) {
    spec.Wrong("type", absl::StrCat("is not ", kOcmSpecType));
  }
  CheckKnown(*value, spec);
  out.operation = spec.Text("operation");
  out.description = spec.Text("description");
  out.client_context = spec.Text("clientContext");
  out.trust_pem = FirstText(spec, {"rootCertificatesPEM", "publicKeyPEM"});
  out.trust_file =
      FirstText(spec, {"rootCertificatesPEMFile", "publicKeyPEMFile"});
  ReadContext(spec.Find("context"), spec, out);
  const std::string policy = spec.Text("signatureEncodingPolicy");
  if (policy == "Plain") {
    out.pem = false;
  } else if (!policy.empty() && policy != "PEM") {
    spec.Wrong("signatureEncodingPolicy", "is neither PEM nor Plain");
  }
  const std::string algorithm = spec.Text("signatureAlgorithm");
  if (algorithm == "RSASSA-PSS") {
    out.scheme = base::SignatureScheme::kRsaPss;
  } else if (!algorithm.empty() && algorithm != "RSASSA-PKCS1-V1_5") {
    spec.Wrong("signatureAlgorithm",
               "is neither RSASSA-PKCS1-V1_5 nor RSASSA-PSS");
  }
  if (mistakes.empty()) return out;
  return Wrong("OCM_SPEC", absl::StrCat("the signer specification's ",
                                        absl::StrJoin(mistakes, "; ")));
}

struct ReadDigest {
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string octets;
  std::string normalisation;
};

absl::StatusOr<ReadDigest> ReadDigestOf(JsonMembers digest) {
  ReadDigest out;
  ASSIGN_OR_RETURN(out.hash, ParseHashAlgorithm(digest.Text("hashAlgorithm")));
  out.normalisation = digest.Text("normalisationAlgorithm");
  const auto octets = base::HexDecode(digest.Text("value"));
  if (!octets.ok() || octets->size() != HashSize(out.hash)) {
    return Wrong("OCM_PROTOCOL",
                 absl::StrCat("digest.value is no ", HashName(out.hash),
                              " digest in hexadecimal"));
  }
  out.octets = *octets;
  return out;
}

absl::Status First(const std::vector<std::string>& mistakes) {
  return mistakes.empty() ? absl::OkStatus()
                          : Wrong("OCM_PROTOCOL", mistakes.front());
}

}  // namespace

absl::StatusOr<OcmSignCall> ParseOcmSignCall(absl::string_view body) {
  ASSIGN_OR_RETURN(const base::Json json, Parse(body));
  std::vector<std::string> mistakes;
  JsonMembers root(json, "", mistakes);
  OcmSignCall call;
  call.name = root.Text("name");
  JsonMembers digest = root.NeededMember("digest");
  RETURN_IF_ERROR(First(mistakes));
  ASSIGN_OR_RETURN(ReadDigest read, ReadDigestOf(digest));
  RETURN_IF_ERROR(First(mistakes));
  call.hash = read.hash;
  call.digest = std::move(read.octets);
  call.normalisation = std::move(read.normalisation);
  const base::Json* config = root.Find("config");
  ASSIGN_OR_RETURN(call.spec, ReadSpec(config));
  call.key = absl::StrCat(base::CompactJson(*json.Find("digest")),
                          base::CompactJson(*config));
  return call;
}

absl::StatusOr<OcmVerifyCall> ParseOcmVerifyCall(absl::string_view body) {
  ASSIGN_OR_RETURN(const base::Json json, Parse(body));
  std::vector<std::string> mistakes;
  JsonMembers root(json, "", mistakes);
  JsonMembers entry = root.NeededMember("signature");
  JsonMembers digest = entry.NeededMember("digest");
  JsonMembers signature = entry.NeededMember("signature");
  OcmVerifyCall call;
  call.name = entry.Text("name");
  call.algorithm = signature.Text("algorithm");
  call.media_type = signature.Text("mediaType");
  call.value = signature.Text("value");
  RETURN_IF_ERROR(First(mistakes));
  ASSIGN_OR_RETURN(ReadDigest read, ReadDigestOf(digest));
  RETURN_IF_ERROR(First(mistakes));
  call.hash = read.hash;
  call.digest = std::move(read.octets);
  ASSIGN_OR_RETURN(call.spec, ReadSpec(root.Find("config")));
  return call;
}

absl::StatusOr<OcmTrust> ParseOcmCredentials(absl::string_view header) {
  OcmTrust trust;
  if (header.empty()) return trust;
  ASSIGN_OR_RETURN(const base::Json json, Parse(header));
  std::vector<std::string> mistakes;
  JsonMembers properties = JsonMembers(json, "", mistakes).Member("properties");
  trust.pem =
      FirstText(properties, {"rootCertificatesPEM", "root_certificates_pem",
                             "publicKeyPEM", "public_key_pem"});
  trust.file = FirstText(
      properties, {"rootCertificatesPEMFile", "root_certificates_pem_file",
                   "publicKeyPEMFile", "public_key_pem_file"});
  if (!mistakes.empty()) {
    return Wrong("OCM_PROTOCOL",
                 absl::StrCat("the credentials' ", mistakes.front()));
  }
  return trust;
}

}  // namespace countersign::client
