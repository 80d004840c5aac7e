// Component descriptors for tests, one line of JSON or YAML each. Tests only.
#ifndef COUNTERSIGN_CLIENT_OCM_TEST_COMPONENTS_H_
#define COUNTERSIGN_CLIENT_OCM_TEST_COMPONENTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace countersign::client {

// A resource entry. `digest` is "" or ", digest: {...}".
inline std::string TestResource(const std::string& name,
                                const std::string& access,
                                const std::string& digest = "") {
  return absl::StrCat("{name: ", name,
                      ", version: v1, type: blob, relation: local, access: ",
                      access, digest, "}");
}
inline std::string TestBlobAccess(const std::string& local_reference,
                                  const std::string& media_type = "a/b") {
  return absl::StrCat("{type: localBlob, localReference: \"", local_reference,
                      "\", mediaType: ", media_type, "}");
}
inline std::string TestDigest(const std::string& algorithm,
                              const std::string& value,
                              const std::string& hash = "SHA-256") {
  return absl::StrCat(", digest: {hashAlgorithm: ", hash,
                      ", normalisationAlgorithm: ", algorithm, ", value: \"",
                      value, "\"}");
}
// A reference entry to `component` (acme.org/<component>) in version 1.0.0.
inline std::string TestReference(const std::string& component,
                                 const std::string& digest = "") {
  return absl::StrCat("{name: ref-", component, ", componentName: acme.org/",
                      component, ", version: 1.0.0", digest, "}");
}

// acme.org/<name>:1.0.0.
inline std::string TestDescriptor(const std::string& name,
                                  const std::vector<std::string>& resources,
                                  const std::vector<std::string>& references) {
  return absl::StrCat(
      "meta: {schemaVersion: v2}\ncomponent:\n  name: acme.org/", name,
      "\n  version: 1.0.0\n  provider: acme\n  repositoryContexts: []\n"
      "  sources: []\n  resources: [",
      absl::StrJoin(resources, ", "), "]\n  componentReferences: [",
      absl::StrJoin(references, ", "), "]\n");
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_TEST_COMPONENTS_H_
