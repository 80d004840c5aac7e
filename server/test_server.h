// A whole server in a test's process, on a free port, over real mutual TLS,
// with a fake signer (real keys in memory) and a fake store (real leaves): and
// the clients that talk to it, by name of the certificate that they hold.
#ifndef COUNTERSIGN_SERVER_TEST_SERVER_H_
#define COUNTERSIGN_SERVER_TEST_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/testing_ca.h"
#include "base/fake_clock.h"
#include "base/random.h"
#include "core/fake_signer.h"
#include "core/fake_store.h"
#include "countersign/v1/audit_service.grpc.pb.h"
#include "countersign/v1/identity_service.grpc.pb.h"
#include "countersign/v1/key_service.grpc.pb.h"
#include "countersign/v1/product_service.grpc.pb.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/app.h"
#include "server/config/server_config.h"
#include "server/config/testing_site.h"

namespace countersign::server {

// One caller's stubs over one connection.
struct Client {
  explicit Client(std::shared_ptr<grpc::Channel> channel);

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::SigningService::Stub> signing;
  std::unique_ptr<v1::ProductService::Stub> product;
  std::unique_ptr<v1::KeyService::Stub> key;
  std::unique_ptr<v1::AuditService::Stub> audit;
  std::unique_ptr<v1::IdentityService::Stub> identity;
};

// A call's context with a deadline that a broken server runs into.
std::unique_ptr<grpc::ClientContext> NewContext();

// Fakes, or SQLite and PKCS#11 as the configuration names them.
enum class Backend { kFake, kReal };

class TestServer {
 public:
  // `edit` may change the configuration file before it is loaded.
  explicit TestServer(
      const std::function<void(const TestingSite&)>& edit = nullptr,
      Backend backend = Backend::kFake);

  // Callers: "ci" (group ci), "release" (group release), "approver",
  // "approver2" (group approvers), "admin", "product-approver", "auditor",
  // "stranger" (in no group), each with a connection of its own.
  Client& As(const std::string& who);
  // With any certificate; an empty key gives a connection without one.
  Client With(const std::string& certificate_pem, const std::string& key_pem);
  static auth::CertificateSpec SpecOf(const std::string& who);

  // A product "tools", ACTIVE, created by admin and approved by
  // product-approver: "digest" (RSA-2048: ci asks, approvers agree, release
  // needs nobody), "blob" (P-256: ci needs nobody), "detached" (P-256 with a
  // certificate: ci needs nobody). Its keys are in `token`; empty: the default.
  void MakeProduct(const std::string& token = "");
  static v1::CreateProductRequest ToolsProduct();

  // A request of ci for operation "digest", which waits for people.
  v1::SigningRequest MakePending(const std::string& request_id = "");

  // Leaves of that type so far.
  int CountEvents(core::EventType type) const;

  // Ends the server, for good or until Restart.
  void Stop();
  // Ends the server and starts it again on the same real backend.
  void Restart();

  const ServerConfig& config() const { return config_; }
  App& app() { return *app_; }
  core::FakeSigner& signer() { return *signer_; }
  core::FakeStore& store() { return *store_; }
  base::FakeClock& clock() { return clock_; }
  const TestingSite& site() const { return site_; }
  std::string target() const;

 private:
  void StartReal();

  TestingSite site_;
  ServerConfig config_;
  base::FakeClock clock_;
  base::FakeRandom random_;
  core::FakeSigner* signer_ = nullptr;
  core::FakeStore* store_ = nullptr;
  std::unique_ptr<App> app_;
  std::map<std::string, std::unique_ptr<Client>> clients_;
};

// Operation's name in "tools".
std::string OperationName(const std::string& id);

// A good request of one SHA-256 digest of `text`.
v1::CreateSigningRequestRequest DigestRequest(const std::string& operation,
                                              const std::string& text);

// The reason of an error's ErrorInfo; "" where it has none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TEST_SERVER_H_
