// Any octets as an artifact set: an error or a digest that is in it, the same
// whatever pieces they come in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/ocm/artifact_set.h"
#include "client/ocm/test_artifact_set.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

constexpr size_t kBlock = 512;

// Nearly every change breaks a header's sum: they are made right again.
std::string WithRightSums(std::string tar) {
  for (size_t at = 0; at + kBlock <= tar.size(); at += kBlock) {
    if (tar.compare(at + 257, 5, "ustar") != 0) continue;
    tar.replace(at + 148, 8, 8, ' ');
    unsigned sum = 0;
    for (size_t i = 0; i < kBlock; ++i) {
      sum += static_cast<unsigned char>(tar[at + i]);
    }
    tar.replace(at + 148, 7, absl::StrFormat("%06o", sum) + '\0');
  }
  return tar;
}

std::string Result(const std::string& octets, size_t piece) {
  ArtifactSet set;
  for (size_t i = 0; i < octets.size(); i += piece) {
    if (!set.Add(octets.substr(i, piece)).ok()) return "";
  }
  return set.Finish().value_or("");
}

void Check(const std::string& octets) {
  const std::string whole = Result(octets, std::max<size_t>(octets.size(), 1));
  if (whole != Result(octets, 7)) std::abort();
  if (!whole.empty() && whole.compare(0, 3, "sha") != 0) std::abort();
}

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT: one function
  const std::string octets(reinterpret_cast<const char*>(data), size);
  Check(octets);
  Check(WithRightSums(octets));
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  using namespace countersign::client;  // NOLINT: one function
  const TestImage image = MakeTestImage("layer");
  const TestImage tagged =
      MakeTestImage("layer", R"({"software.ocm/main":"1.0"})");
  return {image.set, tagged.set, Gzip(image.set),
          TarEntry("././@LongLink", std::string(200, 'n'), 'L') + image.set,
          TarEntry("x", "18 path=index.json\n", 'x') + Tar({{"y", "{}"}})};
}
