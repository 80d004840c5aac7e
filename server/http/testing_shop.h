// A whole server with an HTTPS door, and a product whose operations stand for
// the cases of the door's tests: "release" (RSA, certificate: ci asks,
// approvers agree, group release needs nobody), "fast" (RSA, no certificate: ci
// needs nobody), "curve" (P-256: ci needs nobody).
#ifndef COUNTERSIGN_SERVER_HTTP_TESTING_SHOP_H_
#define COUNTERSIGN_SERVER_HTTP_TESTING_SHOP_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/testing_http_client.h"
#include "server/test_server.h"

namespace countersign::server {

inline constexpr char kRelease[] = "products/shop/operations/release";
// Its path, and that of "fast", which the site has given a name of its own.
inline constexpr char kReleasePath[] =
    "/products/shop/operations/release/sign/rsassa-pss?hashAlgorithm=SHA-256";
inline constexpr char kFastPath[] =
    "/k/fast/sign/rsassa-pkcs1-v1_5?hashAlgorithm=SHA-256";
inline constexpr char kHexType[] = "application/octet-stream+hex";

class TestingShop {
 public:
  // `more` are further lines of the http section ("  max_wait: 1s\n"); `edit`
  // may change the rest of the configuration file.
  explicit TestingShop(
      const std::string& more = "",
      const std::function<void(const TestingSite&)>& edit = nullptr);

  TestServer& server() { return server_; }
  // A connection with that person's certificate (TestServer::As).
  TestingHttpClient As(const std::string& who);
  TestingHttpClient WithoutCertificate();

  // SPKI of the operation's key.
  std::string Spki(const std::string& operation);
  // Requests in that state, oldest first, as an auditor sees them.
  std::vector<v1::SigningRequest> List(v1::SigningRequest::State state);
  // Blocks until so many wait for people.
  std::vector<v1::SigningRequest> AwaitPending(size_t count);
  // Blocks until so many calls of the door wait.
  void AwaitWaiting(int count);
  void Approve(const v1::SigningRequest& request);
  void Reject(const v1::SigningRequest& request, const std::string& reason);
  int Created() const {
    return server_.CountEvents(core::EventType::kRequestCreated);
  }

 private:
  void MakeProduct();
  void SetChain();

  TestServer server_;
  std::map<std::string, auth::TestingCertificate> certificates_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_TESTING_SHOP_H_
