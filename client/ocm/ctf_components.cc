#include "client/ocm/ctf_components.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/local_blob.h"
#include "client/ocm/repository_error.h"

namespace countersign::client {
namespace {

// Others may write other versions of the same CTF meanwhile.
constexpr int kTries = 20;

}  // namespace

absl::Status CtfComponents::ReadIndex() {
  ASSIGN_OR_RETURN(std::string text, storage_->ReadIndex());
  if (index_.has_value() && text == index_text_) return absl::OkStatus();
  auto index = ArtifactIndex::Parse(text);
  if (!index.ok()) return base::Annotate(index.status(), Name());
  index_ = *std::move(index);
  index_text_ = std::move(text);
  return absl::OkStatus();
}

absl::StatusOr<size_t> CtfComponents::Find(const ComponentId& id) const {
  const auto found = index_->Find(id);
  if (!found.ok()) return base::Annotate(found.status(), Name());
  if (found->has_value()) return **found;
  return UnknownVersionAmong(Name(), id, index_->Components());
}

absl::StatusOr<StoredComponent> CtfComponents::Load(size_t at) const {
  const IndexedArtifact& artifact = index_->artifacts()[at];
  ComponentParts parts;
  parts.get_blob = [this](const std::string& digest, size_t max_bytes) {
    return storage_->GetBlob(digest, max_bytes);
  };
  parts.get_manifest = [this](const std::string& digest) {
    return storage_->GetBlob(digest, kMaxManifestBytes);
  };
  ASSIGN_OR_RETURN(const std::string top, parts.get_manifest(artifact.digest));
  auto stored = LoadStoredComponent(top, artifact.media_type, parts);
  if (stored.ok()) return stored;
  return base::Annotate(
      stored.status(),
      absl::StrCat(Name(), ": ", artifact.repository, ":", artifact.tag));
}

absl::StatusOr<std::string> CtfComponents::ReadDescriptor(
    const ComponentId& id) {
  RETURN_IF_ERROR(ReadIndex());
  ASSIGN_OR_RETURN(const size_t at, Find(id));
  ASSIGN_OR_RETURN(StoredComponent stored, Load(at));
  return std::move(stored.text);
}

absl::StatusOr<std::vector<ComponentId>> CtfComponents::List() {
  RETURN_IF_ERROR(ReadIndex());
  return index_->Components();
}

absl::Status CtfComponents::ReadLocalBlob(const ComponentId& id,
                                          const std::string& local_reference,
                                          const BlobSink& sink) {
  RETURN_IF_ERROR(ReadIndex());
  ASSIGN_OR_RETURN(const size_t at, Find(id));
  const std::string& digest = index_->artifacts()[at].digest;
  if (digest != cached_digest_) {
    ASSIGN_OR_RETURN(cached_, Load(at));
    cached_digest_ = digest;
  }
  return ReadLocalBlobParts(
      Name(), id, local_reference, cached_, sink,
      [this](const LocalBlobPart& part, const BlobSink& checked) {
        return storage_->ReadBlob(part.digest, checked);
      });
}

absl::Status CtfComponents::TryWrite(
    const std::vector<DescriptorUpdate>& updates) {
  RETURN_IF_ERROR(ReadIndex());
  ArtifactIndex index = *index_;
  std::vector<std::string> blobs;
  for (const DescriptorUpdate& update : updates) {
    ASSIGN_OR_RETURN(const size_t at, Find(update.id));
    ASSIGN_OR_RETURN(const StoredComponent stored, Load(at));
    if (stored.text != update.old_text) {
      return VersionChanged(Name(), update.id);
    }
    auto rewritten = RewriteStoredComponent(stored, update.new_text);
    if (!rewritten.ok()) {
      return base::Annotate(rewritten.status(), update.id.Format());
    }
    const std::string& top =
        rewritten->index.empty() ? rewritten->manifest : rewritten->index;
    index.SetDigest(at, OciDigestOf(top));
    for (std::string* bytes : {&rewritten->layer, &rewritten->config,
                               &rewritten->manifest, &rewritten->index}) {
      if (!bytes->empty()) blobs.push_back(std::move(*bytes));
    }
  }
  return storage_->Replace(index_text_, index.Format(), blobs);
}

absl::Status CtfComponents::WriteDescriptors(
    const std::vector<DescriptorUpdate>& updates) {
  RETURN_IF_ERROR(CheckDistinct(updates));
  if (updates.empty()) return absl::OkStatus();
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    status = TryWrite(updates);
    if (base::GetReason(status) != "CTF_CHANGED") return status;
    RETURN_IF_ERROR(storage_->Refresh());
  }
  return status;
}

}  // namespace countersign::client
