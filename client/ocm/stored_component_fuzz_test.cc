// Any octets as the manifest or index of a component version: refused, or what
// is written back is read as what was written.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/sample_ctf.h"
#include "client/ocm/stored_component.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

const SampleVersion& Sample() {
  static const auto* version =
      new SampleVersion{{"acme.org/app", "1"}, "{\"a\":1}", {"hello"}};
  return *version;
}

using Store = std::map<std::string, std::string>;

ComponentParts From(const Store& store) {
  const auto get =
      [&store](const std::string& digest) -> absl::StatusOr<std::string> {
    const auto found = store.find(digest);
    if (found == store.end()) return absl::NotFoundError(digest);
    return found->second;
  };
  return {get,
          [get](const std::string& digest, size_t) { return get(digest); }};
}

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT: one function
  Store store;
  for (const bool wrapped : {false, true}) {
    const SampleParts parts =
        MakeSampleParts(Sample(), {kJsonLayer, kComponentConfig, wrapped});
    for (const auto* list : {&parts.blobs, &parts.manifests}) {
      for (const std::string& octets : *list) {
        store[OciDigestOf(octets)] = octets;
      }
    }
  }
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const auto stored = LoadStoredComponent(input, "", From(store));
  if (!stored.ok()) return 0;
  const std::string text = "{\"b\":[2]}";
  const auto rewritten = RewriteStoredComponent(*stored, text);
  if (!rewritten.ok()) return 0;
  for (const std::string* octets :
       {&rewritten->layer, &rewritten->config, &rewritten->manifest}) {
    store[OciDigestOf(*octets)] = *octets;
  }
  const std::string& top =
      rewritten->index.empty() ? rewritten->manifest : rewritten->index;
  const auto again = LoadStoredComponent(top, "", From(store));
  if (!again.ok() || again->text != text ||
      again->layers.size() != stored->layers.size()) {
    std::abort();
  }
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  using namespace countersign::client;  // NOLINT: one function
  return {MakeSampleParts(Sample(), {kJsonLayer}).top,
          MakeSampleParts(Sample(), {kJsonLayer, kComponentConfig, true}).top};
}
