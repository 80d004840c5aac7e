#include "client/oci/fake_registry.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/status_matchers.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::IsOk;

INSTANTIATE_TEST_SUITE_P(
    Fakes, RegistryContract,
    testing::Values(
        RegistryContractParam{"WithoutReferrers",
                              [](std::string& host) {
                                host = "registry.example";
                                return std::make_shared<FakeRegistries>();
                              }},
        RegistryContractParam{"WithReferrers",
                              [](std::string& host) {
                                host = "registry.example:5000";
                                auto fake = std::make_shared<FakeRegistries>();
                                fake->KeepReferrers(true);
                                return fake;
                              }}),
    RegistryContractName);

class FakeRegistriesTest : public testing::Test {
 protected:
  FakeRegistriesTest() {
    auto reference = ParseImageReference("registry.example/team/app");
    repository_ = *registries_.Open(*reference);
  }

  FakeRegistries registries_;
  std::unique_ptr<OciRepository> repository_;
};

TEST_F(FakeRegistriesTest, FailsAsOftenAsItWasTold) {
  registries_.Fail("HasBlob", absl::UnavailableError("away"), 2);
  const std::string digest = OciDigestOf("x");
  EXPECT_FALSE(repository_->HasBlob(digest).ok());
  EXPECT_OK(repository_->PutBlob(digest, "x"));
  EXPECT_FALSE(repository_->HasBlob(digest).ok());
  EXPECT_OK(repository_->HasBlob(digest));
}

TEST_F(FakeRegistriesTest, FailsForeverUntilToldOtherwise) {
  registries_.Fail("", absl::UnavailableError("away"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(repository_->GetManifest("x").ok());
  }
  registries_.Fail("", absl::OkStatus());
  EXPECT_THAT(repository_->GetManifest("x"), HasReason("MANIFEST_UNKNOWN"));
}

TEST_F(FakeRegistriesTest, CountsCalls) {
  static_cast<void>(repository_->GetManifest("x"));
  static_cast<void>(repository_->GetManifest("y"));
  EXPECT_EQ(registries_.Calls("GetManifest"), 2);
  EXPECT_EQ(registries_.Calls("PutManifest"), 0);
  EXPECT_EQ(registries_.Calls(), 3);  // with Open
}

TEST_F(FakeRegistriesTest, LetsSomebodyElseChangeATag) {
  int calls = 0;
  registries_.AfterPutManifest([&](const std::string& tag) {
    EXPECT_EQ(tag, "x");
    if (++calls == 1) {
      ASSERT_OK(repository_->PutManifest("x", std::string(kOciIndexType),
                                         R"({"manifests":[]})"));
    }
  });
  ASSERT_OK(repository_->PutManifest("x", std::string(kOciIndexType), "{}"));
  EXPECT_EQ(repository_->GetManifest("x")->bytes, R"({"manifests":[]})");
}

TEST_F(FakeRegistriesTest, GivesDamageAsAnError) {
  const std::string digest = OciDigestOf("x");
  ASSERT_OK(repository_->PutBlob(digest, "x"));
  registries_.Damage("registry.example/team/app", digest, "y");
  EXPECT_THAT(repository_->GetBlob(digest, 10), HasReason("DIGEST_MISMATCH"));
}

}  // namespace
}  // namespace countersign::client
