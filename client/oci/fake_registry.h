// Registries in memory. Any host and repository is there, empty at first;
// http:// to another machine is refused as by the real ones. It can be told to
// fail, to keep referrers, and to damage what it holds. Blobs must be there
// before a manifest that names them, as Debian's docker-registry demands.
#ifndef COUNTERSIGN_CLIENT_OCI_FAKE_REGISTRY_H_
#define COUNTERSIGN_CLIENT_OCI_FAKE_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry.h"

namespace countersign::client {

// Thread-safe. Repositories that it opened may outlive it.
class FakeRegistries final : public OciRegistries {
 public:
  FakeRegistries();

  absl::StatusOr<std::unique_ptr<OciRepository>> Open(
      const ImageReference& reference) override;

  // Whether ListReferrers works and PutResult says so. False at first.
  void KeepReferrers(bool keep);

  // The next `times` calls of `method` ("GetManifest", ...; "" is every one)
  // give `error`; -1 is forever, and OK ends it.
  void Fail(absl::string_view method, absl::Status error, int times = -1);
  // Calls of `method` until now, "" for all; failed ones count.
  int Calls(absl::string_view method = "") const;

  // Called after each PutManifest, without a lock: somebody else's change.
  void AfterPutManifest(
      std::function<void(const std::string& tag_or_digest)> hook);

  // What is stored under `digest` in HOST/REPOSITORY, manifest or blob, becomes
  // `octets`.
  void Damage(const std::string& name, const std::string& digest,
              const std::string& octets);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_FAKE_REGISTRY_H_
