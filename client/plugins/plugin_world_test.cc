#include "client/plugins/plugin_world.h"

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "base/tls_policy.h"
#include "client/api/audit_client.h"
#include "client/api/client_error.h"
#include "client/api/test_identities.h"
#include "client/api/test_server.h"
#include "client/artifact/test_certificates.h"
#include "client/plugins/kms_plugin.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const TestCa& ca) {
  const Identity identity = ca.Issue("server");
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ca.certificate_pem();
  options.pem_key_cert_pairs = {
      {identity.private_key_pem, identity.certificate_pem}};
  return grpc::SslServerCredentials(options);
}

// A server that takes the token "good", reached over TLS by the variables that
// a plugin has.
class PluginWorldTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_OK(base::RequireTls13()); }

  PluginWorldTest()
      : ca_("Dev CA"),
        token_file_(WriteTestFile("token", "good\n")),
        server_(ServerCredentials(ca_)) {
    server_.answers().admit = [this](const std::string& authorization) {
      shown_.push_back(authorization);
      return authorization == "Bearer good"
                 ? absl::OkStatus()
                 : base::MakeError(absl::StatusCode::kUnauthenticated,
                                   "the token has ended",
                                   Because("TOKEN_EXPIRED"));
    };
    const std::string spki = base::SpkiDer(MakeEcKey().get()).value();
    server_.answers().get_key = [spki](const v1::GetKeyVersionRequest& get,
                                       v1::KeyVersion* key) {
      key->set_name(get.name() + "/keyVersions/1");
      key->set_public_key_pem(base::SpkiPem(spki));
      key->set_spki_sha256(base::Sha256Hex(spki));
      return grpc::Status::OK;
    };
    variables_ = {
        {"COUNTERSIGN_SERVER", server_.address()},
        {"COUNTERSIGN_CA_FILE", WriteTestFile("ca.pem", ca_.certificate_pem())},
        {"COUNTERSIGN_TOKEN_FILE", token_file_}};
  }

  PluginWorld World() {
    return {[this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables_.find(name);
              if (found == variables_.end()) return std::nullopt;
              return found->second;
            },
            clock_, random_};
  }

  TestCa ca_;
  const std::string token_file_;
  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::map<std::string, std::string> variables_;
  std::vector<std::string> shown_;
};

TEST_F(PluginWorldTest, GivesCosignAKeyWithTheTokenOfAFile) {
  std::istringstream in;
  std::ostringstream out;
  EXPECT_EQ(
      RunKmsPlugin({"v1", R"({"initOptions":{"protocolVersion":"v1",)"
                          R"("keyResourceID":"shop/release","hashFunc":5},)"
                          R"("methodName":"publicKey",)"
                          R"("publicKey":{"publicKeyOptions":{}}})"},
                   in, out, World()),
      0)
      << out.str();
  EXPECT_THAT(out.str(), HasSubstr("publicKeyPEM"));
  EXPECT_THAT(shown_, ElementsAre("Bearer good"));
}

TEST_F(PluginWorldTest, TakesANewTokenOfTheFile) {
  const PluginWorld world = World();
  ASSERT_OK(base::WriteFileAtomically(token_file_, "old"));
  ASSERT_OK_AND_ASSIGN(const auto connection,
                       ConnectToServer(world, "", absl::Seconds(20)));
  EXPECT_THAT(GetCaller(*connection), HasReason("TOKEN_EXPIRED"));
  ASSERT_OK(base::WriteFileAtomically(token_file_, "good"));
  // The test's server has no such answer; the token was taken.
  EXPECT_THAT(GetCaller(*connection), Not(HasReason("TOKEN_EXPIRED")));
  EXPECT_THAT(shown_, ElementsAre("Bearer old", "Bearer good"));
}

TEST_F(PluginWorldTest, NamesASettingThatIsMissing) {
  variables_.erase("COUNTERSIGN_TOKEN_FILE");
  EXPECT_THAT(ConnectToServer(World(), "", absl::Seconds(20)),
              HasReason("SETTINGS_MISSING"));
}

}  // namespace
}  // namespace countersign::client
