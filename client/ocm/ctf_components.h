// The component versions in a CTF. Called by open_components.
#ifndef COUNTERSIGN_CLIENT_OCM_CTF_COMPONENTS_H_
#define COUNTERSIGN_CLIENT_OCM_CTF_COMPONENTS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/ocm/artifact_index.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/ctf_storage.h"
#include "client/ocm/stored_component.h"

namespace countersign::client {

// What is written becomes visible at once, with the index. Blobs that nothing
// names any more stay, as with the OCM tools.
class CtfComponents final : public ComponentRepository {
 public:
  explicit CtfComponents(std::unique_ptr<CtfStorage> storage)
      : storage_(std::move(storage)) {}

  std::string Name() const override { return storage_->Name(); }
  absl::StatusOr<std::string> ReadDescriptor(const ComponentId& id) override;
  absl::StatusOr<std::vector<ComponentId>> List() override;
  absl::Status ReadLocalBlob(const ComponentId& id,
                             const std::string& local_reference,
                             const BlobSink& sink) override;
  absl::Status WriteDescriptors(
      const std::vector<DescriptorUpdate>& updates) override;

 private:
  absl::Status ReadIndex();
  absl::StatusOr<size_t> Find(const ComponentId& id) const;
  absl::StatusOr<StoredComponent> Load(size_t at) const;
  absl::Status TryWrite(const std::vector<DescriptorUpdate>& updates);

  const std::unique_ptr<CtfStorage> storage_;
  // As of the last ReadIndex.
  std::string index_text_;
  std::optional<ArtifactIndex> index_;
  // The last one that was asked for blobs, and its manifest: most have several.
  std::string cached_digest_;
  StoredComponent cached_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_CTF_COMPONENTS_H_
