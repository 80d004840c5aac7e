// Any text as a component reference: refused, or the same after formatting.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/ocm/component_reference.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT: one function
  const auto nothing = [](const std::string&) { return false; };
  const auto reference = ParseComponentReference(
      absl::string_view(reinterpret_cast<const char*>(data), size), nothing);
  if (!reference.ok()) return 0;
  const bool ctf = reference->kind == ComponentReference::Kind::kCtf;
  const auto again = ParseComponentReference(
      (ctf ? "ctf::" : "oci::") + reference->Format(), nothing);
  if (!again.ok() || again->Format() != reference->Format() ||
      again->name != reference->name || again->version != reference->version) {
    std::abort();
  }
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  return {"./x.tar//acme.org/app:1.0.0+b.1",
          "OCIRegistry::http://localhost:5000/a/b//acme.org/app:v1",
          "file:///srv/x//acme.org/app", "ctf/v1::x//acme.org/x:1"};
}
