// The readers of both plugins' JSON, and of the payloads that cosign lets sign,
// with any octets.
#include <cstdlib>

#include "base/encoding.h"
#include "client/plugins/kms_request.h"
#include "client/plugins/ocm_plugin.h"
#include "client/plugins/ocm_request.h"
#include "client/plugins/payload_description.h"
#include "tests/fuzz/fuzz_target.h"

namespace client = countersign::client;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto kms = client::ParseKmsRequest("v1", text);
  if (kms.ok()) {
    const auto hash = client::HashOf(*kms);
    if (hash.ok() && kms->digest.has_value() &&
        kms->digest->size() != client::HashSize(*hash)) {
      std::abort();
    }
  }
  const auto sign = client::ParseOcmSignCall(text);
  if (sign.ok() && sign->digest.size() != client::HashSize(sign->hash)) {
    std::abort();
  }
  client::ParseOcmVerifyCall(text).IgnoreError();
  client::ParseOcmCredentials(text).IgnoreError();
  client::ParseOcmConfig(text).IgnoreError();
  const client::PayloadDescription about = client::DescribePayload(text, size);
  // What the server would refuse must not come out.
  if (about.label.size() > 256 || about.description.size() > 3000 ||
      about.context.size() > 30 ||
      !countersign::base::IsValidUtf8(about.label) ||
      !countersign::base::IsValidUtf8(about.description)) {
    std::abort();
  }
  for (const auto& [key, value] : about.context) {
    if (key.size() > 64 || value.size() > 1024 ||
        !countersign::base::IsValidUtf8(key) ||
        !countersign::base::IsValidUtf8(value)) {
      std::abort();
    }
  }
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  return {
      R"({"initOptions":{"ctxDeadline":"2026-11-21T00:10:13.9Z",)"
      R"("protocolVersion":"v1","keyResourceID":"p/o","hashFunc":5,)"
      R"("rpcOptions":{"keyVersion":""}},"methodName":"signMessage",)"
      R"("signMessage":{"signOptions":{"rpcOptions":{},"messageOptions":)"
      R"({"digest":"V0s50eC1xC+kYRe6ZCcvqIBkEGyezX5kmFGIz0obGbc="}}}})",
      R"({"initOptions":{"protocolVersion":"v1"},"methodName":)"
      R"("verifySignature","verifySignature":{"signature":"YQ==",)"
      R"("verifyOptions":{"messageOptions":{"digest":null,"hashFunc":7}}}})",
      R"({"digest":{"hashAlgorithm":"SHA-256","normalisationAlgorithm":)"
      R"("jsonNormalisation/v4alpha1","value":"0000000000000000000000000000)"
      R"(000000000000000000000000000000000000"},"config":{"type":)"
      R"("CountersignSigning/v1alpha1","operation":"p/o"},"name":"release"})",
      R"({"signature":{"name":"release","digest":{"hashAlgorithm":"SHA-256",)"
      R"("value":"00"},"signature":{"algorithm":"RSASSA-PSS","value":"v",)"
      R"("mediaType":"application/x-pem-file"}},"config":{}})",
      R"({"type":"Credentials/v1","properties":{"publicKeyPEM":"x"}})",
      R"({"id":"x","type":"unix","pluginType":"","idleTimeout":3600000000000})",
      R"({"critical":{"identity":{"docker-reference":"r/a"},"image":)"
      R"({"docker-manifest-digest":"sha256:1"},"type":"t"},"optional":)"
      R"({"a":"b"}})",
      R"(DSSEv1 1 t 74 {"predicateType":"p","subject":[{"name":"n","digest":)"
      R"({"sha256":"d"}}],"x":1})",
  };
}

}  // namespace countersign::fuzz
