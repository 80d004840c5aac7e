#include "server/config/testing_site.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

constexpr char kYaml[] = R"(listen:
  address: 127.0.0.1:0
  certificate_file: server.pem
  private_key_file: server.key
identity:
  client_ca_file: ca.pem
  group_rules:
    - {group: ci, subject_patterns: ["spiffe://d/ci/*"]}
    - {group: people, subject_patterns: ["email:*@d.org"]}
  administrator_groups: [people]
  product_approver_groups: [people]
  auditor_groups: [people]
hsm:
  tokens:
    - name: main
      module: module.so
      token_label: token
      pin_file: pin
storage:
  sqlite: {path: countersign.db}
log:
  origin: d.org/log
  private_key_file: log.key
)";

std::string MakeFolder() {
  std::string folder = testing::TempDir() + "/site.XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  return folder;
}

}  // namespace

TestingSite::TestingSite()
    : folder_(MakeFolder()),
      ca_(auth::TestingCertificate::SelfSigned(auth::CaSpec("Site CA"))) {
  auth::CertificateSpec spec;
  spec.name = {{"CN", "localhost"}};
  spec.dns_names = {"localhost"};
  spec.extended_key_usage = "serverAuth";
  const auth::TestingCertificate server = ca_.Issue(spec);
  Write("ca.pem", ca_.pem(), 0644);
  Write("server.pem", server.pem(), 0644);
  Write("server.key", server.key_pem());
  Write("module.so", "not a real module", 0644);
  Write("pin", "1234\n");
  Write("log.key", auth::TestingKeyPem("Ed25519"));
  Write("countersignd.yaml", kYaml, 0644);
}

std::string TestingSite::Path(absl::string_view name) const {
  return absl::StrCat(folder_, "/", name);
}

void TestingSite::Write(absl::string_view name, absl::string_view contents,
                        int mode) const {
  ASSERT_OK(base::WriteFileAtomically(Path(name), contents, mode));
  ASSERT_EQ(chmod(Path(name).c_str(), static_cast<mode_t>(mode)), 0);
}

void TestingSite::Replace(absl::string_view old_text,
                          absl::string_view new_text) const {
  ASSERT_OK_AND_ASSIGN(std::string yaml, base::ReadFile(config_path()));
  const size_t at = yaml.find(old_text.data(), 0, old_text.size());
  ASSERT_NE(at, std::string::npos) << old_text;
  yaml.replace(at, old_text.size(), new_text.data(), new_text.size());
  Write("countersignd.yaml", yaml, 0644);
}

std::string TestingSite::Yaml() { return kYaml; }

}  // namespace countersign::server
