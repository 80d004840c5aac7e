// Registries over HTTPS (OCI Distribution Specification 1.1): the real
// OciRegistries. Reaches a host when one of its repositories is first used.
// Made by client/cli.
#ifndef COUNTERSIGN_CLIENT_OCI_HTTP_REGISTRY_H_
#define COUNTERSIGN_CLIENT_OCI_HTTP_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry.h"
#include "client/oci/registry_session.h"
#include "client/oci/retry_pause.h"

namespace countersign::client {

// Told after each piece of a blob.
struct BlobTransfer {
  bool upload = false;
  std::string digest;
  uint64_t done = 0;              // octets
  std::optional<uint64_t> total;  // where it is known
};

struct HttpRegistryOptions {
  RegistrySessionOptions session;
  std::function<void(const BlobTransfer&)> progress;  // may be empty
};

// Thread-safe as far as options' functions are; what Open gives is for one
// thread at a time.
class HttpRegistries final : public OciRegistries {
 public:
  HttpRegistries(HttpRegistryOptions options, RetryPause pause);

  absl::StatusOr<std::unique_ptr<OciRepository>> Open(
      const ImageReference& reference) override;

 private:
  const HttpRegistryOptions options_;
  const RetryPause pause_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_HTTP_REGISTRY_H_
