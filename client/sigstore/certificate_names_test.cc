#include "client/sigstore/certificate_names.h"

#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "client/artifact/certificate_chain.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

std::string First(const std::string& name) {
  const auto pem =
      base::ReadFile("client/sigstore/testdata/keys/" + name, 1 << 20);
  EXPECT_OK(pem.status());
  return ReadCertificates(*pem).value()[0];
}

TEST(ReadCertificateNames, ReadsEveryKind) {
  const auto names = ReadCertificateNames(First("leaf.pem"));
  ASSERT_OK(names.status());
  EXPECT_EQ(names->Format(),
            "URI https://signer.example.test/keys/release, "
            "DNS signer.example.test");
  EXPECT_TRUE(names->Holds("https://signer.example.test/keys/release"));
  EXPECT_TRUE(names->Holds("signer.example.test"));
  EXPECT_FALSE(names->Holds("https://signer.example.test/keys"));
  EXPECT_FALSE(names->Holds(""));
}

TEST(ReadCertificateNames, MayFindNone) {
  const auto names = ReadCertificateNames(First("chain.pem"));
  ASSERT_OK(names.status());
  EXPECT_EQ(names->Format(), "no name");
}

TEST(ReadCertificateNames, RefusesWhatIsNoCertificate) {
  EXPECT_FALSE(ReadCertificateNames("x").ok());
}

}  // namespace
}  // namespace countersign::client
