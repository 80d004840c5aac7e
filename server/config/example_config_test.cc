#include <stdlib.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "server/config/config.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kExample[] = "deploy/countersignd.example.yaml";

// The example with all absolute paths moved into `root`, where the files that
// it names are made.
class ExampleConfig : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
    for (const char* folder :
         {"/etc", "/etc/countersign", "/etc/countersign/tls", "/opt",
          "/opt/hsm", "/opt/hsm/lib", "/var", "/var/lib",
          "/var/lib/countersign"}) {
      ASSERT_EQ(mkdir((root_ + folder).c_str(), 0755), 0) << folder;
    }
    const auto ca =
        auth::TestingCertificate::SelfSigned(auth::CaSpec("Staff CA"));
    const auto server = ca.Issue({});
    Write("/etc/countersign/tls/server.pem", server.pem());
    Write("/etc/countersign/tls/server.key", server.key_pem());
    Write("/etc/countersign/tls/client-ca.pem", ca.pem());
    Write("/etc/countersign/hsm-pin", "1234\n");
    Write("/etc/countersign/log.key", auth::TestingKeyPem("Ed25519"));
    Write("/opt/hsm/lib/libpkcs11.so", "a module");
    ASSERT_OK_AND_ASSIGN(const std::string example, base::ReadFile(kExample));
    Write("/etc/countersign/countersignd.yaml",
          absl::StrReplaceAll(example, {{" /etc/", " " + root_ + "/etc/"},
                                        {" /opt/", " " + root_ + "/opt/"},
                                        {" /var/", " " + root_ + "/var/"}}));
  }

  void Write(const std::string& path, const std::string& contents) {
    ASSERT_OK(base::WriteFileAtomically(root_ + path, contents, 0600));
  }

  std::string root_ = testing::TempDir() + "/example.XXXXXX";
};

TEST_F(ExampleConfig, LoadsWhereTheFilesThatItNamesAreThere) {
  ASSERT_OK_AND_ASSIGN(
      const ServerConfig config,
      LoadConfig(root_ + "/etc/countersign/countersignd.yaml", kNow));
  const auth::GroupRules& rules = config.access->group_rules;
  EXPECT_THAT(rules.Evaluate("spiffe://ci.example.org/release/app", "CN=X"),
              ElementsAre("release-pipelines"));
  EXPECT_THAT(rules.Evaluate("subject:CN=build-7,OU=Builds,O=Example", "CN=X"),
              ElementsAre("release-pipelines"));
  EXPECT_THAT(rules.Evaluate("email:ann@example.org", "CN=Staff CA,O=Example"),
              ElementsAre("release-managers"));
  EXPECT_THAT(rules.Evaluate("email:ann@example.org", "CN=Other CA"),
              IsEmpty());
  EXPECT_EQ(config.storage.sqlite_path,
            root_ + "/var/lib/countersign/countersign.db");
}

TEST_F(ExampleConfig, IsRefusedWithoutThem) {
  EXPECT_THAT(LoadConfig(kExample, kNow), base::HasReason("BAD_CONFIG"));
}

}  // namespace
}  // namespace countersign::server
