// Component versions put into a registry, for tests. Tests only.
#ifndef COUNTERSIGN_CLIENT_OCM_SAMPLE_REGISTRY_H_
#define COUNTERSIGN_CLIENT_OCM_SAMPLE_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {

// `where` is [SCHEME://]HOST/SUBPATH.
inline std::unique_ptr<OciRepository> OpenSample(OciRegistries& registries,
                                                 const std::string& where,
                                                 const std::string& component) {
  const auto image = ParseImageReference(
      absl::StrCat(where, "/component-descriptors/", component));
  EXPECT_OK(image);
  auto repository = registries.Open(*image);
  EXPECT_OK(repository);
  return *std::move(repository);
}

inline void FillRegistry(OciRegistries& registries, const std::string& where,
                         const std::vector<SampleVersion>& versions,
                         const SampleForm& form) {
  for (const SampleVersion& version : versions) {
    const auto repository = OpenSample(registries, where, version.id.name);
    const SampleParts parts = MakeSampleParts(version, form);
    for (const std::string& octets : parts.blobs) {
      EXPECT_OK(repository->PutBlob(Sha256Reference(octets), octets));
    }
    for (const std::string& octets : parts.manifests) {
      EXPECT_OK(repository->PutManifest(
          Sha256Reference(octets), "application/vnd.oci.image.manifest.v1+json",
          octets));
    }
    EXPECT_OK(repository->PutManifest(
        absl::StrReplaceAll(version.id.version, {{"+", ".build-"}}),
        parts.top_type, parts.top));
  }
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_SAMPLE_REGISTRY_H_
