// CTFs for tests, made octet by octet without what is tried, so that they can
// also be wrong. Tests only.
#ifndef COUNTERSIGN_CLIENT_OCM_SAMPLE_CTF_H_
#define COUNTERSIGN_CLIENT_OCM_SAMPLE_CTF_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

struct SampleVersion {
  ComponentId id;
  std::string text;
  std::vector<std::string> blobs;  // octets; referred to by SHA-256
};

// A descriptor that says no more than who it is, as JSON.
std::string SampleText(const ComponentId& id, absl::string_view provider);
// Two versions of one component and one of another, two blobs.
std::vector<SampleVersion> SampleVersions();

inline constexpr char kYamlTarLayer[] =
    "application/vnd.ocm.software.component-descriptor.v2+yaml+tar";
inline constexpr char kJsonLayer[] =
    "application/vnd.ocm.software.component-descriptor.v2+json";
inline constexpr char kComponentConfig[] =
    "application/vnd.ocm.software.component.config.v1+json";

struct SampleForm {
  std::string layer_type = kYamlTarLayer;
  std::string config_type = kComponentConfig;
  bool wrapped = false;  // an index around the manifest, with another image
};

// "sha256:<hex>".
std::string Sha256Reference(absl::string_view octets);

// Name and octets, in order.
using CtfFiles = std::vector<std::pair<std::string, std::string>>;

struct SampleParts {
  std::vector<std::string> blobs;      // layers and config
  std::vector<std::string> manifests;  // but for the top one
  std::string top;                     // what the tag names
  std::string top_type;
};
SampleParts MakeSampleParts(const SampleVersion& version,
                            const SampleForm& form);

CtfFiles MakeSampleCtf(const std::vector<SampleVersion>& versions,
                       const SampleForm& form = {});

// The octets of that name; ends the test where there is none.
std::string& FileOf(CtfFiles& files, absl::string_view name);

// Writes them below `folder`.
void WriteFiles(const std::string& folder, const CtfFiles& files);

// A member of a tar, of any kind.
struct TarMember {
  std::string name;
  std::string octets;
  char type = '0';
  std::string link = "";
  uint64_t said_size = UINT64_MAX;  // in the header; the real one if not set
};
std::string MakeTar(const std::vector<TarMember>& members);
// With a directory entry "blobs/", as the OCM tools write it.
std::string MakeTar(const CtfFiles& files);
std::string MakeGzip(absl::string_view octets);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_SAMPLE_CTF_H_
