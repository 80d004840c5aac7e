// make_component_tree DIR VERSIONS RESOURCES: a CTF directory (OCM common
// transport format) whose versions form a binary tree below
// bench.example/tree/c0:1.0.0. Each version has RESOURCES resources, all of the
// one blob of the version, without digests, as a build leaves them.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/sha256.h"

namespace {

using countersign::base::Sha256Hex;

struct Blob {
  std::string digest;
  size_t size;
};

Blob WriteBlob(const std::string& dir, const std::string& octets) {
  const std::string hex = Sha256Hex(octets);
  std::ofstream(absl::StrCat(dir, "/blobs/sha256.", hex), std::ios::binary)
      << octets;
  return {absl::StrCat("sha256:", hex), octets.size()};
}

std::string NameOf(int version) {
  return absl::StrCat("bench.example/tree/c", version);
}

std::string Layer(const std::string& media_type, const Blob& blob) {
  return absl::StrCat(R"({"mediaType":")", media_type, R"(","digest":")",
                      blob.digest, R"(","size":)", blob.size, "}");
}

std::string Descriptor(int version, int versions, int resources,
                       const Blob& blob) {
  std::vector<std::string> references;
  for (int child = 2 * version + 1;
       child <= 2 * version + 2 && child < versions; ++child) {
    references.push_back(absl::StrCat(
        R"({"name":"c)", child, R"(-part","version":"1.0.0","componentName":")",
        NameOf(child), R"("})"));
  }
  std::vector<std::string> content;
  for (int i = 0; i < resources; ++i) {
    content.push_back(absl::StrCat(
        R"({"name":"part-)", i,
        R"(","version":"1.0.0","type":"blob","relation":"local",)",
        R"("access":{"type":"localBlob","localReference":")", blob.digest,
        R"(","mediaType":"application/octet-stream"}})"));
  }
  return absl::StrCat(
      R"({"meta":{"schemaVersion":"v2"},"component":{"name":")",
      NameOf(version),
      R"(","version":"1.0.0","provider":"bench","repositoryContexts":[],)",
      R"("sources":[],"componentReferences":[)", absl::StrJoin(references, ","),
      R"(],"resources":[)", absl::StrJoin(content, ","), "]}}");
}

// The entry of the index.
std::string WriteVersion(const std::string& dir, int version, int versions,
                         int resources) {
  const Blob blob =
      WriteBlob(dir, absl::StrCat("content of part ", version, "\n"));
  const char kDescriptor[] =
      "application/vnd.ocm.software.component-descriptor.v2+json";
  const std::string layer =
      Layer(kDescriptor,
            WriteBlob(dir, Descriptor(version, versions, resources, blob)));
  const Blob config = WriteBlob(
      dir, absl::StrCat(R"({"componentDescriptorLayer":)", layer, "}"));
  const Blob manifest = WriteBlob(
      dir, absl::StrCat(
               R"({"schemaVersion":2,)",
               R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)",
               R"("config":)",
               Layer("application/vnd.ocm.software.component.config.v1+json",
                     config),
               R"(,"layers":[)", layer, ",",
               Layer("application/octet-stream", blob), "]}"));
  return absl::StrCat(R"({"repository":"component-descriptors/)",
                      NameOf(version), R"(","tag":"1.0.0","digest":")",
                      manifest.digest, R"(","mediaType":)",
                      R"("application/vnd.oci.image.manifest.v1+json"})");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "make_component_tree DIR VERSIONS RESOURCES\n");
    return 2;
  }
  const std::string dir = argv[1];
  const int versions = std::atoi(argv[2]);
  std::filesystem::create_directories(dir + "/blobs");
  std::vector<std::string> entries;
  for (int version = 0; version < versions; ++version) {
    entries.push_back(WriteVersion(dir, version, versions, std::atoi(argv[3])));
  }
  std::ofstream index(dir + "/artifact-index.json");
  index << R"({"schemaVersion":1,"artifacts":[)" << absl::StrJoin(entries, ",")
        << "]}";
  return index.good() ? 0 : 1;
}
