// Tar archives, gzip and artifact sets made in memory. Tests only.
#ifndef COUNTERSIGN_CLIENT_OCM_TEST_ARTIFACT_SET_H_
#define COUNTERSIGN_CLIENT_OCM_TEST_ARTIFACT_SET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::client {

// One entry: header, content, padding.
std::string TarEntry(const std::string& name, const std::string& content,
                     char type = '0');
// Entries and the two blocks at the end.
std::string Tar(
    const std::vector<std::pair<std::string, std::string>>& entries);
std::string Gzip(const std::string& octets);

// "sha256:<hex>".
std::string Sha256Digest(absl::string_view octets);

struct TestImage {
  std::string manifest_digest;
  std::string set;  // tar with oci-layout and index.json
};
// An image of one layer. `index_annotations` is JSON, e.g.
// {"software.ocm/main":"1.0"}; the manifest has the tags "1.0,latest".
TestImage MakeTestImage(const std::string& layer,
                        const std::string& index_annotations = "{}");

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_TEST_ARTIFACT_SET_H_
