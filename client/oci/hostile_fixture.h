// What the tests of a client against a hostile registry share: one repository
// of it, no real pauses, and short patience.
#ifndef COUNTERSIGN_CLIENT_OCI_HOSTILE_FIXTURE_H_
#define COUNTERSIGN_CLIENT_OCI_HOSTILE_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "client/oci/credential.h"
#include "client/oci/hostile_server.h"
#include "client/oci/http_registry.h"
#include "client/oci/image_reference.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {

class HostileFixture : public testing::Test {
 protected:
  HostileFixture() {
    options_.session.connection.answer_timeout = absl::Seconds(20);
    options_.session.credentials = [this](const std::string& host,
                                          const std::string&)
        -> absl::StatusOr<std::optional<RegistryCredential>> {
      ++lookups_;
      EXPECT_EQ(host, server_->host());
      if (password_.empty() && identity_token_.empty()) return std::nullopt;
      RegistryCredential credential;
      credential.username = "tester";
      credential.password = base::SecretBytes(password_);
      credential.identity_token = base::SecretBytes(identity_token_);
      credential.source = "the test's file";
      return credential;
    };
  }

  // The registry, and its repository team/app.
  void Serve(HostileServer::Handler handler) {
    server_ = std::make_unique<HostileServer>(std::move(handler));
    registries_ = std::make_unique<HttpRegistries>(
        options_, RetryPause{random_, [this](absl::Duration pause) {
                               pauses_.push_back(pause);
                             }});
    auto repository = registries_->Open(*ParseImageReference(
        absl::StrCat("http://", server_->host(), "/team/app")));
    ASSERT_OK(repository);
    repository_ = *std::move(repository);
  }
  absl::StatusOr<OciManifest> Get(const std::string& name = "1.0") {
    return repository_->GetManifest(name);
  }
  absl::StatusOr<std::string> GetBlob(const std::string& octets) {
    return repository_->GetBlob(OciDigestOf(octets), 1 << 20);
  }

  static HostileReply Manifest(const std::string& bytes = "{}") {
    return Reply(200, {absl::StrCat("Content-Type: ", kOciManifestType)},
                 bytes);
  }
  static std::string HeaderOf(const HostileRequest& request,
                              const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? "" : found->second;
  }
  static std::string Authorization(const HostileRequest& request) {
    return HeaderOf(request, "authorization");
  }

  std::string password_;
  std::string identity_token_;
  int lookups_ = 0;
  HttpRegistryOptions options_;
  base::FakeRandom random_;
  std::vector<absl::Duration> pauses_;
  std::unique_ptr<HostileServer> server_;
  std::unique_ptr<HttpRegistries> registries_;
  std::unique_ptr<OciRepository> repository_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_HOSTILE_FIXTURE_H_
