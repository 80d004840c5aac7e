#include "client/ocm/registry_components.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/image_reference.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/local_blob.h"
#include "client/ocm/repository_error.h"
#include "client/ocm/version_tag.h"

namespace countersign::client {
namespace {

// Somebody else's tag; ours are what we have just written.
absl::Status CheckTag(OciRepository& repository, const std::string& tag,
                      const std::string& digest, const std::string& where,
                      const ComponentId& id) {
  ASSIGN_OR_RETURN(const OciManifest now, repository.GetManifest(tag));
  return now.digest == digest ? absl::OkStatus() : VersionChanged(where, id);
}

absl::Status PutBlob(OciRepository& repository, const std::string& octets) {
  return repository.PutBlob(OciDigestOf(octets), octets);
}

}  // namespace

absl::StatusOr<OciRepository*> RegistryComponents::Open(
    const std::string& name) {
  std::unique_ptr<OciRepository>& repository = repositories_[name];
  if (repository != nullptr) return repository.get();
  ASSIGN_OR_RETURN(const ImageReference image,
                   ParseImageReference(
                       absl::StrCat(Name(), "/component-descriptors/", name)));
  ASSIGN_OR_RETURN(repository, registries_.Open(image));
  return repository.get();
}

absl::StatusOr<RegistryComponents::Tagged> RegistryComponents::Load(
    const ComponentId& id) {
  Tagged tagged;
  ASSIGN_OR_RETURN(tagged.tag, TagOf(id.version));
  ASSIGN_OR_RETURN(tagged.repository, Open(id.name));
  OciRepository* const repository = tagged.repository;
  const auto top = repository->GetManifest(tagged.tag);
  // Which of the two a registry says depends on what else it has.
  if (absl::IsNotFound(top.status())) return UnknownVersion(Name(), id, {});
  RETURN_IF_ERROR(top.status());
  tagged.digest = top->digest;
  ComponentParts parts;
  parts.get_blob = [repository](const std::string& digest, size_t max_bytes) {
    return repository->GetBlob(digest, max_bytes);
  };
  parts.get_manifest =
      [repository](const std::string& digest) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(OciManifest manifest, repository->GetManifest(digest));
    return std::move(manifest.bytes);
  };
  auto stored = LoadStoredComponent(top->bytes, top->media_type, parts);
  if (!stored.ok()) {
    return base::Annotate(stored.status(),
                          absl::StrCat(Name(), ": ", id.Format()));
  }
  tagged.stored = *std::move(stored);
  return tagged;
}

absl::StatusOr<std::string> RegistryComponents::ReadDescriptor(
    const ComponentId& id) {
  ASSIGN_OR_RETURN(cached_, Load(id));
  cached_id_ = id;
  return cached_.stored.text;
}

absl::StatusOr<std::vector<ComponentId>> RegistryComponents::List() {
  return ArtifactError(
      absl::StatusCode::kUnimplemented, "LIST_UNSUPPORTED",
      absl::StrCat(Name(),
                   ": a registry cannot list its components; name one as ",
                   Name(), "//NAME:VERSION"));
}

absl::Status RegistryComponents::ReadLocalBlob(
    const ComponentId& id, const std::string& local_reference,
    const BlobSink& sink) {
  if (!(id == cached_id_)) {
    ASSIGN_OR_RETURN(cached_, Load(id));
    cached_id_ = id;
  }
  OciRepository& repository = *cached_.repository;
  return ReadLocalBlobParts(
      Name(), id, local_reference, cached_.stored, sink,
      [&repository](const LocalBlobPart& part, const BlobSink& checked) {
        if (!part.is_manifest) return repository.ReadBlob(part.digest, checked);
        const auto manifest = repository.GetManifest(part.digest);
        RETURN_IF_ERROR(manifest.status());
        return checked(manifest->bytes);
      });
}

absl::Status RegistryComponents::Write(const DescriptorUpdate& update,
                                       const Tagged& old) {
  ASSIGN_OR_RETURN(const RewrittenComponent rewritten,
                   RewriteStoredComponent(old.stored, update.new_text));
  OciRepository& repository = *old.repository;
  RETURN_IF_ERROR(PutBlob(repository, rewritten.layer));
  RETURN_IF_ERROR(PutBlob(repository, rewritten.config));
  const bool wrapped = !rewritten.index.empty();
  if (wrapped) {
    RETURN_IF_ERROR(repository
                        .PutManifest(OciDigestOf(rewritten.manifest),
                                     rewritten.manifest_type,
                                     rewritten.manifest)
                        .status());
  }
  RETURN_IF_ERROR(CheckTag(repository, old.tag, old.digest, Name(), update.id));
  const std::string& top = wrapped ? rewritten.index : rewritten.manifest;
  RETURN_IF_ERROR(
      repository
          .PutManifest(old.tag,
                       wrapped ? rewritten.index_type : rewritten.manifest_type,
                       top)
          .status());
  return CheckTag(repository, old.tag, OciDigestOf(top), Name(), update.id);
}

absl::Status RegistryComponents::WriteDescriptors(
    const std::vector<DescriptorUpdate>& updates) {
  RETURN_IF_ERROR(CheckDistinct(updates));
  cached_id_ = ComponentId();
  std::vector<Tagged> old;
  for (const DescriptorUpdate& update : updates) {
    ASSIGN_OR_RETURN(Tagged tagged, Load(update.id));
    if (tagged.stored.text != update.old_text) {
      return VersionChanged(Name(), update.id);
    }
    old.push_back(std::move(tagged));
  }
  std::string written;
  for (size_t i = 0; i < updates.size(); ++i) {
    const absl::Status status = Write(updates[i], old[i]);
    if (!status.ok()) {
      return base::Annotate(
          status, absl::StrCat("writing ", updates[i].id.Format(), " (",
                               written.empty() ? "nothing was written before"
                                               : "written before: " + written,
                               ")"));
    }
    absl::StrAppend(&written, written.empty() ? "" : ", ",
                    updates[i].id.Format());
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
