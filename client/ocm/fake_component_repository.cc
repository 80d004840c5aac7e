#include "client/ocm/fake_component_repository.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/ocm/repository_error.h"

namespace countersign::client {

absl::Status FakeComponentRepository::Take(Fault& fault) {
  if (fault.count == 0) return absl::OkStatus();
  --fault.count;
  return fault.status;
}

absl::StatusOr<std::string> FakeComponentRepository::ReadDescriptor(
    const ComponentId& id) {
  ++state_->reads;
  RETURN_IF_ERROR(Take(state_->read_fault));
  const auto found = state_->versions.find(id);
  if (found != state_->versions.end()) return found->second;
  std::vector<ComponentId> there;
  for (const auto& [other, text] : state_->versions) there.push_back(other);
  return UnknownVersionAmong(Name(), id, there);
}

absl::StatusOr<std::vector<ComponentId>> FakeComponentRepository::List() {
  if (!state_->lists) {
    return ArtifactError(absl::StatusCode::kUnimplemented, "LIST_UNSUPPORTED",
                         absl::StrCat(Name(), " cannot list what it has"));
  }
  std::vector<ComponentId> ids;
  for (const auto& [id, text] : state_->versions) ids.push_back(id);
  return ids;
}

absl::Status FakeComponentRepository::ReadLocalBlob(
    const ComponentId& id, const std::string& local_reference,
    const BlobSink& sink) {
  ++state_->blob_reads;
  RETURN_IF_ERROR(Take(state_->blob_fault));
  for (const absl::string_view part : absl::StrSplit(local_reference, ',')) {
    const std::string digest(part);
    const auto found = state_->blobs.find({id, digest});
    if (found == state_->blobs.end()) return UnknownBlob(Name(), id, digest);
    RETURN_IF_ERROR(sink(found->second));
    if (state_->damaged.count(digest) > 0) {
      return ArtifactError(absl::StatusCode::kDataLoss, "DIGEST_MISMATCH",
                           absl::StrCat(Name(), ": blob ", Quoted(digest),
                                        " has another digest"));
    }
  }
  return absl::OkStatus();
}

absl::Status FakeComponentRepository::WriteDescriptors(
    const std::vector<DescriptorUpdate>& updates) {
  ++state_->writes;
  RETURN_IF_ERROR(Take(state_->write_fault));
  RETURN_IF_ERROR(CheckDistinct(updates));
  for (const DescriptorUpdate& update : updates) {
    const auto found = state_->versions.find(update.id);
    if (found == state_->versions.end()) {
      return UnknownVersion(Name(), update.id, {});
    }
    if (found->second != update.old_text) {
      return VersionChanged(Name(), update.id);
    }
  }
  for (const DescriptorUpdate& update : updates) {
    state_->versions[update.id] = update.new_text;
  }
  return absl::OkStatus();
}

void FakeComponentRepository::Add(const ComponentId& id, std::string text) {
  state_->versions[id] = std::move(text);
}

std::string FakeComponentRepository::AddBlob(const ComponentId& id,
                                             std::string octets) {
  const std::string digest = absl::StrCat("sha256:", base::Sha256Hex(octets));
  state_->blobs[{id, digest}] = std::move(octets);
  return digest;
}

void FakeComponentRepository::DamageBlob(const std::string& local_reference) {
  state_->damaged[local_reference] = true;
}

void FakeComponentRepository::FailNextRead(int count, absl::Status status) {
  state_->read_fault = {count, std::move(status)};
}

void FakeComponentRepository::FailNextBlob(int count, absl::Status status) {
  state_->blob_fault = {count, std::move(status)};
}

void FakeComponentRepository::FailNextWrite(int count, absl::Status status) {
  state_->write_fault = {count, std::move(status)};
}

}  // namespace countersign::client
