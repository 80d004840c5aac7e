#include "client/plugins/kms_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/plugins/json_members.h"

namespace countersign::client {
namespace {

// Arguments of a program are shorter than 128 KiB on Linux.
constexpr base::JsonLimits kLimits = {1 << 20, 16};

struct MethodRow {
  const char* name;
  KmsMethod method;
};
constexpr MethodRow kMethods[] = {
    {"createKey", KmsMethod::kCreateKey},
    {"defaultAlgorithm", KmsMethod::kDefaultAlgorithm},
    {"publicKey", KmsMethod::kPublicKey},
    {"signMessage", KmsMethod::kSignMessage},
    {"supportedAlgorithms", KmsMethod::kSupportedAlgorithms},
    {"verifySignature", KmsMethod::kVerifySignature},
};

absl::Status Wrong(absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("sigstore KMS plugin protocol: ", what),
                         Because("KMS_PROTOCOL"));
}

absl::StatusOr<KmsMethod> ReadMethod(const std::string& name) {
  for (const MethodRow& row : kMethods) {
    if (name == row.name) return row.method;
  }
  return Wrong(absl::StrCat("methodName \"", base::EscapeForDisplay(name),
                            "\" is not known here"));
}

// ctxDeadline of `options`, where it is earlier than what is known.
void ReadDeadline(JsonMembers options, KmsRequest& request) {
  const std::string text = options.Text("ctxDeadline");
  if (text.empty()) return;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    options.Wrong("ctxDeadline", "is no RFC 3339 time");
    return;
  }
  request.deadline = std::min(request.deadline, time);
}

void ReadRpcOptions(JsonMembers options, KmsRequest& request) {
  ReadDeadline(options, request);
  if (!options.Text("keyVersion").empty()) {
    options.Wrong("keyVersion",
                  "is not taken here; name the version in the key reference: "
                  "countersign://PRODUCT/OPERATION/VERSION");
  }
}

void ReadInitOptions(JsonMembers init, KmsRequest& request) {
  const std::string version = init.Text("protocolVersion");
  if (version != "v1") init.Wrong("protocolVersion", "is not \"v1\"");
  request.key_reference = init.Text("keyResourceID");
  request.init_hash = init.Number("hashFunc").value_or(5);
  ReadDeadline(init, request);
  ReadRpcOptions(init.Member("rpcOptions"), request);
}

void ReadOptions(JsonMembers options, KmsRequest& request) {
  ReadRpcOptions(options.Member("rpcOptions"), request);
  JsonMembers message = options.Member("messageOptions");
  request.digest = message.OptionalOctets("digest");
  if (request.digest.has_value() && request.digest->empty()) {
    request.digest.reset();
  }
  request.message_hash = message.Number("hashFunc");
}

void ReadArguments(JsonMembers root, KmsRequest& request) {
  if (request.method == KmsMethod::kSignMessage) {
    JsonMembers arguments = root.NeededMember("signMessage");
    ReadOptions(arguments.Member("signOptions"), request);
  }
  if (request.method == KmsMethod::kVerifySignature) {
    JsonMembers arguments = root.NeededMember("verifySignature");
    ReadOptions(arguments.Member("verifyOptions"), request);
    request.signature = arguments.OptionalOctets("signature").value_or("");
    if (request.signature.empty()) {
      arguments.Wrong("signature", "is missing");
    }
  }
  if (request.method == KmsMethod::kPublicKey) {
    ReadRpcOptions(root.Member("publicKey")
                       .Member("publicKeyOptions")
                       .Member("rpcOptions"),
                   request);
  }
}

absl::StatusOr<HashAlgorithm> HashFromGo(int64_t number) {
  switch (number) {
    case 5:
      return HashAlgorithm::kSha256;
    case 6:
      return HashAlgorithm::kSha384;
    case 7:
      return HashAlgorithm::kSha512;
    default:
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("hashFunc ", number,
                       " is not possible; right is 5 (SHA-256), 6 (SHA-384) "
                       "or 7 (SHA-512)"),
          Because("HASH_UNKNOWN"));
  }
}

absl::StatusOr<HashAlgorithm> HashFromLength(size_t octets) {
  for (const HashAlgorithm hash :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512}) {
    if (HashSize(hash) == octets) return hash;
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("a digest of ", octets,
                                      " octets is not possible; right is 32, "
                                      "48 or 64"),
                         Because("HASH_UNKNOWN"));
}

absl::Status NotVerifiable(absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, what,
                         Because("SIGNATURE_NOT_VERIFIABLE"));
}

}  // namespace

absl::StatusOr<KmsRequest> ParseKmsRequest(absl::string_view version,
                                           absl::string_view text) {
  if (version != "v1") {
    return Wrong(absl::StrCat("version \"", base::EscapeForDisplay(version),
                              "\" is not spoken here; right is v1"));
  }
  const absl::StatusOr<base::Json> json = base::ParseJson(text, kLimits);
  if (!json.ok()) return Wrong(json.status().message());
  KmsRequest request;
  std::vector<std::string> mistakes;
  JsonMembers root(*json, "", mistakes);
  ASSIGN_OR_RETURN(request.method, ReadMethod(root.Text("methodName")));
  ReadInitOptions(root.NeededMember("initOptions"), request);
  ReadArguments(root, request);
  if (!mistakes.empty()) return Wrong(mistakes.front());
  return request;
}

absl::StatusOr<HashAlgorithm> HashOf(const KmsRequest& request) {
  if (!request.digest.has_value()) {
    return HashFromGo(request.message_hash.value_or(request.init_hash));
  }
  ASSIGN_OR_RETURN(const HashAlgorithm hash,
                   HashFromLength(request.digest->size()));
  if (!request.message_hash.has_value()) return hash;
  ASSIGN_OR_RETURN(const HashAlgorithm named,
                   HashFromGo(*request.message_hash));
  if (named == hash) return hash;
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the digest has the length of ", HashName(hash),
                   ", but hashFunc says ", HashName(named)),
      Because("HASH_CONFLICT"));
}

absl::Status CheckVerifiable(v1::KeyType key, HashAlgorithm hash) {
  if (key == v1::EC_EDWARDS25519) {
    return NotVerifiable(
        "an Ed25519 key signs messages, and cosign asks for digests: take an "
        "operation with an ECDSA P-256 or RSA key");
  }
  if (hash == HashAlgorithm::kSha256) return absl::OkStatus();
  if (key == v1::EC_P384 || key == v1::EC_P521) {
    return NotVerifiable(absl::StrCat(
        "cosign 3 signs with ", HashName(hash),
        " for a key of this curve, and `cosign verify` then fails, because it "
        "checks with SHA-256: take an operation with a P-256 or RSA key, or "
        "sign with `countersign sign image` or cosign 2"));
  }
  return NotVerifiable(absl::StrCat(
      HashName(hash),
      " with this key is verified by no cosign without further options: ask "
      "for SHA-256"));
}

}  // namespace countersign::client
