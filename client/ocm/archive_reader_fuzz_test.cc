// Any octets as a tar or tgz: an error or members whose names stay inside a
// folder, within the limits.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/ocm/archive_reader.h"
#include "client/ocm/descriptor_layer.h"
#include "client/ocm/sample_ctf.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

constexpr uint64_t kMaxTotal = 1 << 20;
constexpr size_t kBlock = 512;

void Check(bool holds) {
  if (!holds) std::abort();
}

// Nearly every change breaks the sum of a header, and no reader looks any
// further: so the sums are made right.
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

void ReadAll(absl::string_view octets) {
  ArchiveLimits limits;
  limits.max_total_bytes = kMaxTotal;
  limits.max_entries = 100;
  auto reader = ArchiveReader::OpenMemory(octets, limits);
  if (!reader.ok()) return;
  uint64_t total = 0;
  for (size_t members = 0;; ++members) {
    const auto member = (*reader)->Next();
    if (!member.ok() || !member->has_value()) return;
    Check(members < limits.max_entries);
    const std::string& name = (*member)->name;
    Check(!name.empty() && name[0] != '/' && name != ".." &&
          !absl::StartsWith(name, "../") && !absl::EndsWith(name, "/..") &&
          !absl::StrContains(name, "/../"));
    const absl::Status read = (*reader)->Read([&](absl::string_view piece) {
      total += piece.size();
      return absl::OkStatus();
    });
    Check(total <= kMaxTotal);
    if (!read.ok()) return;
  }
}

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT: one function
  const std::string octets(reinterpret_cast<const char*>(data), size);
  ReadAll(octets);
  const std::string tar = WithRightSums(octets);
  ReadAll(tar);
  const auto text = UnpackDescriptor(kYamlTarLayer, tar);
  if (text.ok() && text->size() > tar.size()) std::abort();
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  using namespace countersign::client;  // NOLINT: one function
  const ComponentId id{"acme.org/app", "1"};
  const std::string tar =
      MakeTar(MakeSampleCtf({{id, SampleText(id, "x"), {"hello"}}}));
  const std::string pax = "30 mtime=1350244992.023960108\n";
  return {
      tar,
      MakeGzip(tar),
      MakeTar(std::vector<TarMember>{{"component-descriptor.yaml", "a: b"}}),
      MakeTar(std::vector<TarMember>{{"x", pax, 'x'}, {"y", "data"}}),
      MakeTar(std::vector<TarMember>{{"x", "26 GNU.sparse.size=100000\n", 'x'},
                                     {"y", "data"}}),
      MakeTar(std::vector<TarMember>{
          {"././@LongLink", std::string(200, 'n'), 'L'}, {"y", "data"}}),
      MakeTar(std::vector<TarMember>{{"d/", "", '5'},
                                     {"l", "", '2', "/etc/passwd"}})};
}
