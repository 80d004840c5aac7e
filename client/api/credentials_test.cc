#include "client/api/credentials.h"

#include <ctime>
#include <string>

#include "base/status_matchers.h"
#include "client/api/test_identities.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

const absl::Time kNow = absl::FromTimeT(std::time(nullptr));

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() : ca_("Test CA"), identity_(ca_.Issue("ci")) {
    files_.ca_file = WriteTestFile("ca.pem", ca_.certificate_pem());
    files_.certificate_file =
        WriteTestFile("ci.pem", identity_.certificate_pem);
    files_.private_key_file =
        WriteTestFile("ci.key", identity_.private_key_pem);
  }

  TestCa ca_;
  Identity identity_;
  CredentialFiles files_;
};

TEST_F(CredentialsTest, ReadsAllThree) {
  ASSERT_OK_AND_ASSIGN(const Credentials credentials,
                       LoadCredentials(files_, kNow));
  EXPECT_EQ(credentials.ca_pem, ca_.certificate_pem());
  EXPECT_EQ(credentials.certificate_pem, identity_.certificate_pem);
  EXPECT_EQ(credentials.private_key_pem.DangerouslyExpose(),
            identity_.private_key_pem);
  EXPECT_EQ(credentials.subject, "CN=ci");
  EXPECT_EQ(credentials.issuer, "CN=Test CA");
  EXPECT_GT(credentials.expire_time, kNow);
}

TEST_F(CredentialsTest, NeedNeitherCaNorCertificate) {
  ASSERT_OK_AND_ASSIGN(const Credentials none, LoadCredentials({}, kNow));
  EXPECT_EQ(none.ca_pem, "");
  EXPECT_EQ(none.certificate_pem, "");
  EXPECT_EQ(none.subject, "");
  files_.private_key_file.clear();
  EXPECT_THAT(LoadCredentials(files_, kNow),
              HasReason("CREDENTIALS_UNREADABLE"));
}

TEST_F(CredentialsTest, NamesAnExpiredCertificateBeforeConnecting) {
  const Identity old =
      ca_.Issue("old", kNow - absl::Hours(48), kNow - absl::Hours(24));
  files_.certificate_file = WriteTestFile("old.pem", old.certificate_pem);
  files_.private_key_file = WriteTestFile("old.key", old.private_key_pem);
  const auto got = LoadCredentials(files_, kNow);
  EXPECT_THAT(got, HasReason("CERTIFICATE_EXPIRED"));
  EXPECT_THAT(got, StatusIs(absl::StatusCode::kUnauthenticated,
                            AllOf(HasSubstr("old.pem"), HasSubstr("CN=old"),
                                  HasSubstr("expired on"))));
}

TEST_F(CredentialsTest, NamesACertificateOfTomorrow) {
  const Identity next =
      ca_.Issue("next", kNow + absl::Hours(24), kNow + absl::Hours(48));
  files_.certificate_file = WriteTestFile("next.pem", next.certificate_pem);
  files_.private_key_file = WriteTestFile("next.key", next.private_key_pem);
  EXPECT_THAT(LoadCredentials(files_, kNow),
              HasReason("CERTIFICATE_NOT_YET_VALID"));
}

TEST_F(CredentialsTest, RefusesAKeyOfAnotherCertificate) {
  files_.private_key_file =
      WriteTestFile("other.key", ca_.Issue("other").private_key_pem);
  const auto got = LoadCredentials(files_, kNow);
  EXPECT_THAT(got, HasReason("KEY_MISMATCH"));
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("other.key"));
}

struct BrokenCase {
  std::string name;
  std::string CredentialFiles::*file;
  std::string contents;
};

class BrokenCredentialsTest : public CredentialsTest,
                              public testing::WithParamInterface<BrokenCase> {};

TEST_P(BrokenCredentialsTest, NamesTheFile) {
  files_.*GetParam().file = WriteTestFile("broken", GetParam().contents);
  const auto got = LoadCredentials(files_, kNow);
  EXPECT_THAT(got, HasReason("CREDENTIALS_UNREADABLE"));
  EXPECT_THAT(
      got, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/broken")));
}

TEST_P(BrokenCredentialsTest, NamesAFileThatIsNotThere) {
  files_.*GetParam().file = "/nonexistent/broken";
  EXPECT_THAT(LoadCredentials(files_, kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("/nonexistent/broken")));
}

constexpr char kBadBlock[] =
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenCredentialsTest,
    testing::Values(
        BrokenCase{"EmptyCa", &CredentialFiles::ca_file, ""},
        BrokenCase{"TextAsCa", &CredentialFiles::ca_file, "hello"},
        BrokenCase{"BrokenCa", &CredentialFiles::ca_file, kBadBlock},
        BrokenCase{"BrokenCertificate", &CredentialFiles::certificate_file,
                   kBadBlock},
        BrokenCase{"EmptyKey", &CredentialFiles::private_key_file, ""},
        BrokenCase{"CertificateAsKey", &CredentialFiles::private_key_file,
                   kBadBlock}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::client
