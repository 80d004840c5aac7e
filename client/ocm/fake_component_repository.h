// A ComponentRepository in memory, for tests. Copies share what they hold, as
// two openings of one archive do. Faults are scripted.
#ifndef COUNTERSIGN_CLIENT_OCM_FAKE_COMPONENT_REPOSITORY_H_
#define COUNTERSIGN_CLIENT_OCM_FAKE_COMPONENT_REPOSITORY_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

// Thread-compatible.
class FakeComponentRepository final : public ComponentRepository {
 public:
  explicit FakeComponentRepository(std::string name = "fake")
      : state_(std::make_shared<State>()) {
    state_->name = std::move(name);
  }

  std::string Name() const override { return state_->name; }
  absl::StatusOr<std::string> ReadDescriptor(const ComponentId& id) override;
  absl::StatusOr<std::vector<ComponentId>> List() override;
  absl::Status ReadLocalBlob(const ComponentId& id,
                             const std::string& local_reference,
                             const BlobSink& sink) override;
  absl::Status WriteDescriptors(
      const std::vector<DescriptorUpdate>& updates) override;

  // Puts a version there, or another text for it.
  void Add(const ComponentId& id, std::string text);
  // Answers the local reference, "sha256:<64 hex>". The version need not be
  // there yet.
  std::string AddBlob(const ComponentId& id, std::string octets);
  // That blob is answered with DATA_LOSS (DIGEST_MISMATCH) from now on.
  void DamageBlob(const std::string& local_reference);

  // The next `count` calls fail so and do nothing.
  void FailNextRead(int count, absl::Status status);  // of a descriptor
  void FailNextBlob(int count, absl::Status status);
  void FailNextWrite(int count, absl::Status status);
  // As a registry: List is UNIMPLEMENTED.
  void RefuseList() { state_->lists = false; }

  // Calls of ReadDescriptor, of ReadLocalBlob, and of WriteDescriptors.
  int reads() const { return state_->reads; }
  int blob_reads() const { return state_->blob_reads; }
  int writes() const { return state_->writes; }

 private:
  struct Fault {
    int count = 0;
    absl::Status status;
  };
  struct State {
    std::string name;
    bool lists = true;
    std::map<ComponentId, std::string> versions;
    std::map<std::pair<ComponentId, std::string>, std::string> blobs;
    std::map<std::string, bool> damaged;
    Fault read_fault, blob_fault, write_fault;
    int reads = 0, blob_reads = 0, writes = 0;
  };
  static absl::Status Take(Fault& fault);

  std::shared_ptr<State> state_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_FAKE_COMPONENT_REPOSITORY_H_
