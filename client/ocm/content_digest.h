// The digest of a resource's content, computed from the content, and compared
// with the one that the component descriptor has: genericBlobDigest/v1 (octets
// as stored) and ociArtifactDigest/v1 (digest of the manifest), chosen as the
// OCM tools choose. Called by tree_digest.
#ifndef COUNTERSIGN_CLIENT_OCM_CONTENT_DIGEST_H_
#define COUNTERSIGN_CLIENT_OCM_CONTENT_DIGEST_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/artifact/descriptor_model.h"
#include "client/artifact/hash_algorithm.h"
#include "client/oci/registry.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

inline constexpr char kGenericBlobDigest[] = "genericBlobDigest/v1";
inline constexpr char kOciArtifactDigest[] = "ociArtifactDigest/v1";

enum class ContentState {
  kMatches,    // the descriptor's digest is that of the content
  kComputed,   // the descriptor has none
  kMismatch,   // it has another
  kUnchecked,  // it has one; the content cannot be had from here
  kNone,       // access "none": there is no content
  kExcluded,   // its digest says that it takes no part in signatures
};

struct ContentFinding {
  ContentState state = ContentState::kMatches;
  // The descriptor's, or kComputed: the first of `computed`.
  std::optional<DigestSpec> digest;
  // kComputed: by each hash that was asked for; of an image only one.
  std::vector<DigestSpec> computed;
  std::string note;  // for people; empty: nothing to say
};

// The digest that says NO-DIGEST, EXCLUDE-FROM-SIGNATURE.
bool IsExcluded(const DigestSpec& digest);
// "none" and "None"; "none/v1" too, whose digest stays when it is normalised.
bool IsNoneAccess(absl::string_view access_type);

// Thread-compatible.
class ContentDigester {
 public:
  // Told the octets of one resource's content that are done.
  using Progress =
      std::function<void(const std::string& resource, uint64_t done)>;

  // `hashes` (one or more) are for resources without digest: a version that
  // stores none has another digest for each hash that it is asked by. Images
  // keep SHA-256, the one that their manifests are named by. `registries` must
  // outlive this.
  ContentDigester(OciRegistries& registries, std::vector<HashAlgorithm> hashes,
                  Progress progress = {})
      : registries_(registries),
        hashes_(std::move(hashes)),
        progress_(std::move(progress)) {}

  // Blocks: reads the blob, or asks the registry for a tag. The error names the
  // resource; FAILED_PRECONDITION (CONTENT_UNREACHABLE) for an access that
  // cannot be followed from here and has no digest.
  absl::StatusOr<ContentFinding> Find(ComponentRepository& repository,
                                      const ComponentId& id,
                                      const Resource& resource);

 private:
  absl::StatusOr<ContentFinding> FindAny(ComponentRepository& repository,
                                         const ComponentId& id,
                                         const Resource& resource);
  absl::StatusOr<ContentFinding> FindLocal(ComponentRepository& repository,
                                           const ComponentId& id,
                                           const Resource& resource);
  absl::StatusOr<ContentFinding> FindImage(const Resource& resource);
  absl::StatusOr<std::string> ImageDigest(const std::string& reference);

  OciRegistries& registries_;
  const std::vector<HashAlgorithm> hashes_;
  const Progress progress_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_CONTENT_DIGEST_H_
