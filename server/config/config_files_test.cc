#include "server/config/config_files.h"

#include <sys/stat.h>

#include <string>

#include "auth/testing_ca.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using base::HasCode;
using testing::HasSubstr;

std::string Write(const std::string& name, const std::string& contents,
                  int mode = 0600) {
  const std::string path = testing::TempDir() + "/" + name;
  EXPECT_OK(base::WriteFileAtomically(path, contents, mode));
  EXPECT_EQ(chmod(path.c_str(), static_cast<mode_t>(mode)), 0);
  return path;
}

TEST(ResolvePath, StartsAtTheFolderOfTheConfiguration) {
  EXPECT_EQ(ResolvePath("/etc/c/c.yaml", "ca.pem"), "/etc/c/ca.pem");
  EXPECT_EQ(ResolvePath("/etc/c/c.yaml", "/x/ca.pem"), "/x/ca.pem");
  EXPECT_EQ(ResolvePath("c.yaml", "ca.pem"), "./ca.pem");
  EXPECT_EQ(ResolvePath("/c.yaml", "ca.pem"), "/ca.pem");
  EXPECT_EQ(ResolvePath("/etc/c.yaml", ""), "");
}

TEST(CheckReadableFile, WantsARegularFile) {
  EXPECT_OK(CheckReadableFile(Write("regular", "x")));
  EXPECT_THAT(CheckReadableFile(testing::TempDir() + "/absent"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CheckReadableFile(testing::TempDir()),
              HasCode(absl::StatusCode::kInvalidArgument));
  const std::string fifo = testing::TempDir() + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(CheckReadableFile(fifo),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(CheckFolderOf, WantsAFolder) {
  EXPECT_OK(CheckFolderOf(testing::TempDir() + "/new.db"));
  EXPECT_THAT(CheckFolderOf(testing::TempDir() + "/absent/new.db"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(CheckFolderOf(Write("file", "x") + "/new.db"),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ReadCertificateFile, WantsCertificatesAlone) {
  const auto ca = auth::TestingCertificate::SelfSigned(auth::CaSpec("CA"));
  ASSERT_OK_AND_ASSIGN(
      const CertificateFile two,
      ReadCertificateFile(Write("two.pem", ca.pem() + ca.pem(), 0644)));
  EXPECT_EQ(two.certificates.size(), 2u);
  EXPECT_EQ(two.pem, ca.pem() + ca.pem());
  const struct {
    std::string contents;
    const char* want;
  } kCases[] = {
      {"", "holds no PEM block"},
      {"hello", "holds no PEM block"},
      {ca.pem() + ca.key_pem(), "holds a block PRIVATE KEY"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
       "block 1: not a DER certificate"},
      {"-----BEGIN CERTIFICATE-----\n", "BEGIN without END"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(
        ReadCertificateFile(Write("bad.pem", c.contents, 0644)),
        base::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.want)));
  }
}

TEST(ReadPrivateKeyFile, ReadsKeysOfEveryType) {
  for (const char* type : {"P-256", "RSA2048", "Ed25519"}) {
    EXPECT_OK(ReadPrivateKeyFile(Write("key.pem", auth::TestingKeyPem(type))));
  }
}

TEST(ReadPrivateKeyFile, RefusesKeysThatOthersMayRead) {
  const std::string key = auth::TestingKeyPem("P-256");
  for (const int mode : {0640, 0604, 0660, 0644}) {
    EXPECT_THAT(ReadPrivateKeyFile(Write("open.pem", key, mode)),
                base::StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("chmod 600")));
  }
}

TEST(ReadPrivateKeyFile, RefusesWhatIsNoKey) {
  EXPECT_THAT(ReadPrivateKeyFile(Write("text.pem", "hello")),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("holds no private key")));
  EXPECT_THAT(ReadPrivateKeyFile(Write("empty.pem", "")),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadPrivateKeyFile(testing::TempDir() + "/absent.pem"),
              HasCode(absl::StatusCode::kNotFound));
}

TEST(ReadPrivateKeyFile, DoesNotAskForAPassphrase) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  const base::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  ASSERT_EQ(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(),
                                    "secret", 6, nullptr, nullptr),
      1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  EXPECT_THAT(ReadPrivateKeyFile(Write(
                  "locked.pem", std::string(data, static_cast<size_t>(size)))),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("without passphrase")));
}

}  // namespace
}  // namespace countersign::server
