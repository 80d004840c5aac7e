#include "client/ocm/content_digest.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/image_reference.h"
#include "client/ocm/artifact_set.h"

namespace countersign::client {
namespace {

// Written by older tools; read alike.
constexpr char kOlderOciDigest[] = "ociArtefactDigest/v1";

bool IsOciDigest(const DigestSpec& digest) {
  return digest.normalisation_algorithm == kOciArtifactDigest ||
         digest.normalisation_algorithm == kOlderOciDigest;
}

bool IsLocalBlob(absl::string_view type) {
  absl::ConsumeSuffix(&type, "/v1");
  return type == "localBlob" || type == "LocalBlob";
}

bool IsImage(absl::string_view type) {
  absl::ConsumeSuffix(&type, "/v1");
  return type == "ociArtifact" || type == "ociRegistry" || type == "OCIImage" ||
         type == "ociImage";
}

// Worth looking into for a manifest: the new OCM CLI has media types of its own
// for images.
bool MayHoldArtifact(absl::string_view media_type) {
  return absl::StrContains(media_type, "oci") ||
         absl::StrContains(media_type, "docker");
}

// "sha256:<hex>" as a digest entry.
absl::StatusOr<DigestSpec> OciDigest(absl::string_view digest) {
  const size_t colon = digest.find(':');
  ASSIGN_OR_RETURN(const HashAlgorithm hash,
                   ParseHashAlgorithm(digest.substr(0, colon)));
  return DigestSpec{HashName(hash), kOciArtifactDigest,
                    std::string(digest.substr(colon + 1))};
}

// The hash too: "sha256" and "SHA-256" are one.
bool SameValue(const DigestSpec& stored, const DigestSpec& found) {
  const auto a = ParseHashAlgorithm(stored.hash_algorithm);
  const auto b = ParseHashAlgorithm(found.hash_algorithm);
  return a.ok() && b.ok() && *a == *b && stored.value == found.value;
}

ContentFinding Computed(std::vector<DigestSpec> digests) {
  const DigestSpec first = digests[0];
  return {ContentState::kComputed, first, std::move(digests), ""};
}

ContentFinding Compared(const DigestSpec& stored, const DigestSpec& found) {
  if (SameValue(stored, found)) return {ContentState::kMatches, stored, {}, ""};
  return {ContentState::kMismatch,
          stored,
          {},
          absl::StrCat("the content is ", found.hash_algorithm, " ",
                       found.value, ", not what the descriptor says")};
}

// The new OCM CLI names the digest of a manifest genericBlobDigest/v1.
ContentFinding MisnamedMatch(const DigestSpec& stored) {
  return {ContentState::kMatches,
          stored,
          {},
          "its digest is called genericBlobDigest/v1 and is that of the "
          "manifest: the classic OCM CLI will not verify it"};
}

absl::Status UnknownDigest(const DigestSpec& stored) {
  return BadInput(
      "DIGEST_ALGORITHM_UNKNOWN",
      absl::StrCat("its digest is by ", Quoted(stored.normalisation_algorithm),
                   "; known are ", kGenericBlobDigest, " and ",
                   kOciArtifactDigest));
}

absl::Status Unreachable(const Resource& resource) {
  return ArtifactError(
      absl::StatusCode::kFailedPrecondition, "CONTENT_UNREACHABLE",
      absl::StrCat(
          "its content is of access type ", Quoted(resource.access_type),
          ", which cannot be read from here, and it has no digest. Store it by "
          "value (ocm transfer component-version --copy-resources), give it a "
          "digest, or exclude it (hashAlgorithm NO-DIGEST, "
          "normalisationAlgorithm EXCLUDE-FROM-SIGNATURE, value NO-DIGEST)"));
}

}  // namespace

bool IsExcluded(const DigestSpec& digest) {
  return digest.normalisation_algorithm == "EXCLUDE-FROM-SIGNATURE" &&
         digest.hash_algorithm == "NO-DIGEST" && digest.value == "NO-DIGEST";
}

bool IsNoneAccess(absl::string_view access_type) {
  return access_type == "none" || access_type == "None" ||
         access_type == "none/v1" || access_type == "None/v1";
}

absl::StatusOr<ContentFinding> ContentDigester::Find(
    ComponentRepository& repository, const ComponentId& id,
    const Resource& resource) {
  absl::StatusOr<ContentFinding> found = FindAny(repository, id, resource);
  if (found.ok()) return found;
  return base::Annotate(found.status(),
                        absl::StrCat("resource ", Quoted(resource.meta.name),
                                     " of ", id.Format()));
}

absl::StatusOr<ContentFinding> ContentDigester::FindAny(
    ComponentRepository& repository, const ComponentId& id,
    const Resource& resource) {
  if (IsNoneAccess(resource.access_type)) {
    return ContentFinding{ContentState::kNone, resource.digest, {}, ""};
  }
  if (resource.digest.has_value() && IsExcluded(*resource.digest)) {
    return ContentFinding{ContentState::kExcluded, resource.digest, {}, ""};
  }
  if (IsLocalBlob(resource.access_type)) {
    return FindLocal(repository, id, resource);
  }
  if (IsImage(resource.access_type)) return FindImage(resource);
  if (!resource.digest.has_value()) return Unreachable(resource);
  return ContentFinding{
      ContentState::kUnchecked,
      resource.digest,
      {},
      absl::StrCat("content not checked: access type ",
                   Quoted(resource.access_type), " cannot be read from here")};
}

absl::StatusOr<ContentFinding> ContentDigester::FindLocal(
    ComponentRepository& repository, const ComponentId& id,
    const Resource& resource) {
  const std::optional<DigestSpec>& stored = resource.digest;
  std::vector<HashAlgorithm> hashes = hashes_;
  const bool generic = stored.has_value() && !IsOciDigest(*stored);
  if (generic) {
    if (stored->normalisation_algorithm != kGenericBlobDigest) {
      return UnknownDigest(*stored);
    }
    ASSIGN_OR_RETURN(const HashAlgorithm hash,
                     ParseHashAlgorithm(stored->hash_algorithm));
    hashes = {hash};
  }
  std::vector<base::StreamingDigest> streams;
  for (const HashAlgorithm hash : hashes) {
    streams.emplace_back(OpensslHashName(hash));
  }
  ArtifactSet set;
  // A blob that is no artifact set is hashed all the same.
  absl::Status set_status = MayHoldArtifact(resource.media_type) ||
                                    (stored.has_value() && IsOciDigest(*stored))
                                ? absl::OkStatus()
                                : absl::CancelledError("not looked into");
  uint64_t done = 0;
  const absl::Status read = repository.ReadLocalBlob(
      id, resource.local_reference, [&](absl::string_view piece) {
        for (base::StreamingDigest& stream : streams) stream.Update(piece);
        if (set_status.ok()) set_status = set.Add(piece);
        done += piece.size();
        if (progress_) progress_(resource.meta.name, done);
        return absl::OkStatus();
      });
  if (base::GetReason(read) == "DIGEST_MISMATCH" && stored.has_value()) {
    return ContentFinding{
        ContentState::kMismatch, stored, {}, std::string(read.message())};
  }
  RETURN_IF_ERROR(read);
  std::vector<DigestSpec> blobs;
  for (size_t i = 0; i < hashes.size(); ++i) {
    blobs.push_back({HashName(hashes[i]), kGenericBlobDigest,
                     base::HexEncode(streams[i].Finish())});
  }
  const DigestSpec& blob = blobs[0];
  if (generic && SameValue(*stored, blob)) {
    return ContentFinding{ContentState::kMatches, stored, {}, ""};
  }
  if (!stored.has_value() && !IsArtifactMediaType(resource.media_type)) {
    return Computed(blobs);
  }
  const absl::StatusOr<std::string> manifest =
      set_status.ok() ? set.Finish() : set_status;
  if (!manifest.ok()) {
    if (generic) return Compared(*stored, blob);
    if (stored.has_value() &&
        base::GetReason(manifest.status()) == "DIGEST_MISMATCH") {
      return ContentFinding{ContentState::kMismatch,
                            stored,
                            {},
                            std::string(manifest.status().message())};
    }
    return manifest.status();
  }
  ASSIGN_OR_RETURN(const DigestSpec artifact, OciDigest(*manifest));
  if (!stored.has_value()) {
    return Computed({artifact});
  }
  if (!generic) return Compared(*stored, artifact);
  return SameValue(*stored, artifact) ? MisnamedMatch(*stored)
                                      : Compared(*stored, blob);
}

absl::StatusOr<std::string> ContentDigester::ImageDigest(
    const std::string& reference) {
  ASSIGN_OR_RETURN(const ImageReference image, ParseImageReference(reference));
  if (!image.digest.empty()) return image.digest;
  ASSIGN_OR_RETURN(const std::unique_ptr<OciRepository> repository,
                   registries_.Open(image));
  ASSIGN_OR_RETURN(
      const OciManifest manifest,
      repository->GetManifest(image.tag.empty() ? "latest" : image.tag));
  return manifest.digest;
}

absl::StatusOr<ContentFinding> ContentDigester::FindImage(
    const Resource& resource) {
  const std::optional<DigestSpec>& stored = resource.digest;
  if (stored.has_value() && !IsOciDigest(*stored) &&
      stored->normalisation_algorithm != kGenericBlobDigest) {
    return UnknownDigest(*stored);
  }
  ASSIGN_OR_RETURN(const std::string digest,
                   ImageDigest(resource.image_reference));
  ASSIGN_OR_RETURN(const DigestSpec artifact, OciDigest(digest));
  if (!stored.has_value()) {
    return Computed({artifact});
  }
  if (!IsOciDigest(*stored) && SameValue(*stored, artifact)) {
    return MisnamedMatch(*stored);
  }
  return Compared(*stored, artifact);
}

}  // namespace countersign::client
