// Any text as a component descriptor: refused, or one whose signed bytes stay
// the same when a signature is added to it, in the place that it was found in.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_writer.h"
#include "client/artifact/normalisation.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

DescriptorSignature Entry() {
  DescriptorSignature entry;
  entry.name = "a name that no seed has";
  entry.digest = {"SHA-256", "jsonNormalisation/v3", std::string(64, 'a')};
  entry.algorithm = "RSASSA-PKCS1-V1_5";
  entry.value = std::string(512, 'b');
  entry.media_type = "application/vnd.ocm.signature.rsa";
  return entry;
}

void Try(absl::string_view text) {
  const auto descriptor = ComponentDescriptor::Parse(text);
  if (!descriptor.ok()) return;
  const auto with = AddSignature(text, Entry());
  if (!with.ok()) return;
  const auto again = ComponentDescriptor::Parse(*with);
  if (!again.ok() ||
      again->signatures().size() != descriptor->signatures().size() + 1 ||
      !again->FindSignature(Entry().name).ok()) {
    std::abort();
  }
  for (const NormalisationAlgorithm algorithm :
       {NormalisationAlgorithm::kJsonV1, NormalisationAlgorithm::kJsonV2,
        NormalisationAlgorithm::kJsonV3,
        NormalisationAlgorithm::kJsonV4Alpha1}) {
    const auto before = Normalise(*descriptor, algorithm);
    const auto after = Normalise(*again, algorithm);
    if (before.ok() != after.ok()) std::abort();
    if (before.ok() && *before != *after) std::abort();
  }
}

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  countersign::client::Try(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  const std::string yaml =
      "meta:\n  schemaVersion: v2\ncomponent:\n  name: acme.org/x/y\n"
      "  version: 1.0.0+b\n  provider: acme\n  repositoryContexts: []\n"
      "  sources: []\n  componentReferences:\n  - name: other\n"
      "    version: v1\n    componentName: acme.org/x/z\n  resources:\n"
      "  - name: data\n    version: 1.0.0\n    type: blob\n"
      "    relation: local\n    access: {type: localBlob}\n    labels:\n"
      "    - name: l\n      signing: true\n      value: {yes: [1, 0x1F, ~]}\n";
  const std::string signature =
      "signatures:\n- name: s\n  digest:\n    hashAlgorithm: SHA-256\n"
      "    normalisationAlgorithm: jsonNormalisation/v3\n    value: ab\n"
      "  signature:\n    algorithm: RSASSA-PSS\n    value: ab\n"
      "    mediaType: application/vnd.ocm.signature.rsa.pss\n";
  return {yaml, absl::StrCat(yaml, signature), absl::StrCat(signature, yaml),
          "{\"meta\":{\"schemaVersion\":\"v2\"},\"component\":{\"name\":"
          "\"acme.org/x/y\",\"version\":\"1\",\"provider\":\"p\","
          "\"repositoryContexts\":[],\"sources\":[],\"componentReferences\":"
          "[],\"resources\":[]},\"signatures\":[]}"};
}
