// Any octets as artifact-index.json: refused, or the same after a rewrite.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/ocm/artifact_index.h"
#include "client/ocm/sample_ctf.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT: one function
  auto index = ArtifactIndex::Parse(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!index.ok()) return 0;
  const std::string digest = absl::StrCat("sha256:", std::string(64, '7'));
  for (const ComponentId& id : index->Components()) {
    const auto found = index->Find(id);
    // Two manifests under one tag are refused; else what is listed is found.
    if (found.ok() && !found->has_value()) std::abort();
    if (found.ok()) index->SetDigest(**found, digest);
  }
  const auto again = ArtifactIndex::Parse(index->Format());
  if (!again.ok() || again->Components() != index->Components()) std::abort();
  for (size_t i = 0; i < again->artifacts().size(); ++i) {
    if (again->artifacts()[i].digest != index->artifacts()[i].digest) {
      std::abort();
    }
  }
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  using namespace countersign::client;  // NOLINT: one function
  return {MakeSampleCtf(SampleVersions())[0].second,
          "{\"schemaVersion\":1,\"artifacts\":null,\"more\":{\"a\":[1.5e3]}}"};
}
