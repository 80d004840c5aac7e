#include "client/oci/fake_registry.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/loopback.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

struct Content {
  std::map<std::string, std::string> tags;  // to digests
  std::map<std::string, std::pair<std::string, std::string>> manifests;
  std::map<std::string, std::string> blobs;
  std::map<std::string, std::vector<OciDescriptor>> referrers;
};

struct Failure {
  absl::Status error;
  int times = 0;
};

}  // namespace

struct FakeRegistries::State {
  mutable base::Mutex mutex;
  bool keep_referrers ABSL_GUARDED_BY(mutex) = false;
  std::map<std::string, Content> contents ABSL_GUARDED_BY(mutex);
  std::map<std::string, Failure> failures ABSL_GUARDED_BY(mutex);
  std::map<std::string, int> calls ABSL_GUARDED_BY(mutex);
  std::function<void(const std::string&)> after_put ABSL_GUARDED_BY(mutex);

  absl::Status Begin(const std::string& method) ABSL_LOCKS_EXCLUDED(mutex) {
    base::MutexLock lock(mutex);
    ++calls[method];
    ++calls[""];
    for (const std::string& name : {method, std::string()}) {
      const auto failure = failures.find(name);
      if (failure == failures.end() || failure->second.times == 0) continue;
      if (failure->second.times > 0) --failure->second.times;
      return failure->second.error;
    }
    return absl::OkStatus();
  }
};

namespace {

class FakeRepository final : public OciRepository {
 public:
  FakeRepository(std::shared_ptr<FakeRegistries::State> state, std::string name)
      : state_(std::move(state)), name_(std::move(name)) {}

  absl::StatusOr<OciManifest> GetManifest(
      const std::string& tag_or_digest) override;
  absl::StatusOr<PutResult> PutManifest(const std::string& tag_or_digest,
                                        const std::string& media_type,
                                        const std::string& bytes) override;
  absl::Status ReadBlob(const std::string& digest,
                        const BlobSink& sink) override;
  absl::StatusOr<std::string> GetBlob(const std::string& digest,
                                      size_t max_bytes) override;
  absl::StatusOr<bool> HasBlob(const std::string& digest) override;
  absl::Status PutBlob(const std::string& digest, uint64_t size,
                       const BlobSource& source) override;
  absl::StatusOr<std::vector<OciDescriptor>> ListReferrers(
      const std::string& digest) override;

 private:
  // The octets, or nothing where there is no such blob.
  std::optional<std::string> Find(const std::string& digest);
  absl::Status CheckParts(const Content& content, const base::Json& manifest);
  void KeepReferrerLocked(const base::Json& manifest,
                          const OciDescriptor& descriptor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex);

  std::shared_ptr<FakeRegistries::State> state_;
  std::string name_;
};

absl::Status CheckDigest(const std::string& digest) {
  if (IsOciDigest(digest)) return absl::OkStatus();
  return ReferenceInvalid(digest, "a digest was needed");
}

absl::StatusOr<OciManifest> FakeRepository::GetManifest(
    const std::string& tag_or_digest) {
  RETURN_IF_ERROR(state_->Begin("GetManifest"));
  const bool by_digest = IsOciDigest(tag_or_digest);
  if (!by_digest && !IsOciTag(tag_or_digest)) {
    return ReferenceInvalid(tag_or_digest, "it is neither tag nor digest");
  }
  base::MutexLock lock(state_->mutex);
  Content& content = state_->contents[name_];
  std::string digest = tag_or_digest;
  if (!by_digest) {
    const auto tag = content.tags.find(tag_or_digest);
    if (tag == content.tags.end()) return ManifestUnknown(name_, tag_or_digest);
    digest = tag->second;
  }
  const auto found = content.manifests.find(digest);
  if (found == content.manifests.end()) {
    return ManifestUnknown(name_, tag_or_digest);
  }
  OciManifest manifest;
  manifest.media_type = found->second.first;
  manifest.bytes = found->second.second;
  manifest.digest = OciDigestOf(manifest.bytes);
  if (by_digest && !HasOciDigest(manifest.bytes, digest)) {
    return DigestMismatch(name_, digest, manifest.digest);
  }
  return manifest;
}

absl::Status FakeRepository::CheckParts(const Content& content,
                                        const base::Json& manifest) {
  std::vector<const base::Json*> blobs;
  if (const base::Json* config = manifest.Find("config")) {
    blobs.push_back(config);
  }
  if (const base::Json* layers = manifest.Find("layers");
      layers != nullptr && layers->is_array()) {
    for (const base::Json& layer : layers->array()) blobs.push_back(&layer);
  }
  for (const base::Json* blob : blobs) {
    ASSIGN_OR_RETURN(const OciDescriptor part, ParseOciDescriptor(*blob));
    if (content.blobs.count(part.digest) == 0) {
      return RegistryRefused(
          name_, absl::StrCat("MANIFEST_BLOB_UNKNOWN ", part.digest));
    }
  }
  return absl::OkStatus();
}

void FakeRepository::KeepReferrerLocked(const base::Json& manifest,
                                        const OciDescriptor& descriptor) {
  const base::Json* subject = manifest.Find("subject");
  if (subject == nullptr || !state_->keep_referrers) return;
  const auto parsed = ParseOciDescriptor(*subject);
  if (!parsed.ok()) return;
  auto& list = state_->contents[name_].referrers[parsed->digest];
  for (const OciDescriptor& known : list) {
    if (known.digest == descriptor.digest) return;
  }
  list.push_back(descriptor);
}

absl::StatusOr<OciRepository::PutResult> FakeRepository::PutManifest(
    const std::string& tag_or_digest, const std::string& media_type,
    const std::string& bytes) {
  RETURN_IF_ERROR(state_->Begin("PutManifest"));
  const bool by_digest = IsOciDigest(tag_or_digest);
  if (!by_digest && !IsOciTag(tag_or_digest)) {
    return ReferenceInvalid(tag_or_digest, "it is neither tag nor digest");
  }
  PutResult result;
  result.digest = by_digest ? tag_or_digest : OciDigestOf(bytes);
  if (!HasOciDigest(bytes, result.digest)) {
    return DigestMismatch(name_, tag_or_digest, OciDigestOf(bytes));
  }
  const auto manifest = ParseManifestJson(bytes);
  if (!manifest.ok()) return RegistryRefused(name_, "MANIFEST_INVALID");
  std::function<void(const std::string&)> hook;
  {
    base::MutexLock lock(state_->mutex);
    Content& content = state_->contents[name_];
    RETURN_IF_ERROR(CheckParts(content, *manifest));
    content.manifests[result.digest] = {media_type, bytes};
    if (!by_digest) content.tags[tag_or_digest] = result.digest;
    OciDescriptor descriptor;
    descriptor.media_type = media_type;
    descriptor.digest = result.digest;
    descriptor.size = bytes.size();
    if (const base::Json* type = manifest->Find("artifactType");
        type != nullptr && type->is_string()) {
      descriptor.artifact_type = type->string();
    }
    KeepReferrerLocked(*manifest, descriptor);
    result.keeps_referrers =
        state_->keep_referrers && manifest->Find("subject") != nullptr;
    hook = state_->after_put;
  }
  if (hook) hook(tag_or_digest);
  return result;
}

std::optional<std::string> FakeRepository::Find(const std::string& digest) {
  base::MutexLock lock(state_->mutex);
  const Content& content = state_->contents[name_];
  const auto found = content.blobs.find(digest);
  if (found == content.blobs.end()) return std::nullopt;
  return found->second;
}

absl::Status FakeRepository::ReadBlob(const std::string& digest,
                                      const BlobSink& sink) {
  RETURN_IF_ERROR(state_->Begin("ReadBlob"));
  RETURN_IF_ERROR(CheckDigest(digest));
  const std::optional<std::string> octets = Find(digest);
  if (!octets.has_value()) return BlobUnknown(name_, digest);
  constexpr size_t kPiece = 4096;
  for (size_t at = 0; at < octets->size(); at += kPiece) {
    RETURN_IF_ERROR(sink(absl::string_view(*octets).substr(at, kPiece)));
  }
  if (!HasOciDigest(*octets, digest)) {
    return DigestMismatch(name_, digest, OciDigestOf(*octets));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FakeRepository::GetBlob(const std::string& digest,
                                                    size_t max_bytes) {
  RETURN_IF_ERROR(state_->Begin("GetBlob"));
  RETURN_IF_ERROR(CheckDigest(digest));
  const std::optional<std::string> octets = Find(digest);
  if (!octets.has_value()) return BlobUnknown(name_, digest);
  if (octets->size() > max_bytes) return BlobTooLarge(name_, digest, max_bytes);
  if (!HasOciDigest(*octets, digest)) {
    return DigestMismatch(name_, digest, OciDigestOf(*octets));
  }
  return *octets;
}

absl::StatusOr<bool> FakeRepository::HasBlob(const std::string& digest) {
  RETURN_IF_ERROR(state_->Begin("HasBlob"));
  RETURN_IF_ERROR(CheckDigest(digest));
  return Find(digest).has_value();
}

absl::Status FakeRepository::PutBlob(const std::string& digest, uint64_t size,
                                     const BlobSource& source) {
  RETURN_IF_ERROR(state_->Begin("PutBlob"));
  RETURN_IF_ERROR(CheckDigest(digest));
  if (Find(digest).has_value()) return absl::OkStatus();
  std::string octets;
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, source(4096));
    if (piece.empty()) break;
    octets += piece;
  }
  if (octets.size() != size) {
    return BlobSizeWrong(name_, digest, "has not the size that was said");
  }
  if (!HasOciDigest(octets, digest)) {
    return DigestMismatch(name_, digest, OciDigestOf(octets));
  }
  base::MutexLock lock(state_->mutex);
  state_->contents[name_].blobs[digest] = std::move(octets);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OciDescriptor>> FakeRepository::ListReferrers(
    const std::string& digest) {
  RETURN_IF_ERROR(state_->Begin("ListReferrers"));
  RETURN_IF_ERROR(CheckDigest(digest));
  base::MutexLock lock(state_->mutex);
  if (!state_->keep_referrers) return ReferrersUnsupported(name_);
  return state_->contents[name_].referrers[digest];
}

}  // namespace

FakeRegistries::FakeRegistries() : state_(std::make_shared<State>()) {}

absl::StatusOr<std::unique_ptr<OciRepository>> FakeRegistries::Open(
    const ImageReference& reference) {
  RETURN_IF_ERROR(state_->Begin("Open"));
  if (reference.scheme == "http" && !IsLoopbackHost(reference.host)) {
    return PlainHttpRefused(reference.host);
  }
  return std::make_unique<FakeRepository>(state_, reference.Name());
}

void FakeRegistries::KeepReferrers(bool keep) {
  base::MutexLock lock(state_->mutex);
  state_->keep_referrers = keep;
}

void FakeRegistries::Fail(absl::string_view method, absl::Status error,
                          int times) {
  base::MutexLock lock(state_->mutex);
  Failure& failure = state_->failures[std::string(method)];
  failure.times = error.ok() ? 0 : times;
  failure.error = std::move(error);
}

int FakeRegistries::Calls(absl::string_view method) const {
  base::MutexLock lock(state_->mutex);
  const auto found = state_->calls.find(std::string(method));
  return found == state_->calls.end() ? 0 : found->second;
}

void FakeRegistries::AfterPutManifest(
    std::function<void(const std::string& tag_or_digest)> hook) {
  base::MutexLock lock(state_->mutex);
  state_->after_put = std::move(hook);
}

void FakeRegistries::Damage(const std::string& name, const std::string& digest,
                            const std::string& octets) {
  base::MutexLock lock(state_->mutex);
  Content& content = state_->contents[name];
  const auto manifest = content.manifests.find(digest);
  if (manifest != content.manifests.end()) manifest->second.second = octets;
  const auto blob = content.blobs.find(digest);
  if (blob != content.blobs.end()) blob->second = octets;
}

}  // namespace countersign::client
