#include "core/certificate_life.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

using base::HasReason;
using testing::ElementsAre;
using testing::IsEmpty;

// The sample product, one of whose operations is issued inside: version 1 is
// ENABLED, 2 GENERATING, 3 about to be destroyed.
class CertificateLifeTest : public testing::Test {
 protected:
  CertificateLifeTest() : product_(SampleProduct()), policy_(SamplePolicy()) {
    key().chain.reset();
    IssuingCa ca;
    ca.name = "site";
    CertificateProfile profile;
    profile.id = "profile-1";
    profile.renew_before = absl::Hours(24);
    ca.profiles = {profile};
    policy_.issuing_cas = {ca};
  }

  Operation& inside() { return *product_.FindOperation("detached"); }
  KeyVersion& key() { return inside().key_versions[0]; }
  // One of 10 days, issued at SampleTime().
  void Issue(KeyVersion& key) {
    IssuedCertificate issued;
    issued.ca = "site";
    issued.serial = "s";
    issued.not_before = SampleTime();
    issued.not_after = SampleTime() + absl::Hours(240);
    key.issued.push_back(issued);
    key.chain = CertificateChain{{"der"}, issued.not_after};
  }
  std::vector<KeyVersionName> Due(absl::Duration age) {
    return RenewalsDue(product_, policy_, SampleTime() + age);
  }

  Product product_;
  Policy policy_;
};

TEST_F(CertificateLifeTest, IssuesTheFirstForKeysInUse) {
  EXPECT_THAT(CertificatesToIssue(product_), ElementsAre(key().name));
  product_.state = ProductState::kDisabled;
  EXPECT_THAT(CertificatesToIssue(product_), ElementsAre(key().name));
  for (const ProductState state :
       {ProductState::kPendingApproval, ProductState::kRejected}) {
    product_.state = state;
    EXPECT_THAT(CertificatesToIssue(product_), IsEmpty());
  }
}

TEST_F(CertificateLifeTest, IssuesNothingTwiceByItself) {
  Issue(key());
  EXPECT_THAT(CertificatesToIssue(product_), IsEmpty());
  // Nor for one that was revoked: that takes a renewal.
  key().issued[0].revocation = Revocation{};
  key().chain.reset();
  EXPECT_THAT(CertificatesToIssue(product_), IsEmpty());
  EXPECT_EQ(CurrentCertificate(key()), nullptr);
}

TEST_F(CertificateLifeTest, LeavesOperationsWithACaOutsideAlone) {
  inside().certificate->external_root = true;
  EXPECT_THAT(CertificatesToIssue(product_), IsEmpty());
  Issue(key());
  EXPECT_THAT(Due(absl::Hours(1000)), IsEmpty());
  EXPECT_FALSE(IsIssuedInside(inside()));
  EXPECT_FALSE(IsIssuedInside(*product_.FindOperation("digest")));
  EXPECT_THAT(CheckMayBeCertified(product_, inside(), key()),
              HasReason("NOT_ISSUED_INSIDE"));
}

TEST_F(CertificateLifeTest, CertifiesNoKeyThatIsNotEnabledOrCompromised) {
  EXPECT_OK(CheckMayBeCertified(product_, inside(), key()));
  EXPECT_THAT(CheckMayBeCertified(product_, inside(), inside().key_versions[1]),
              HasReason("KEY_VERSION_STATE"));
  Issue(key());
  key().issued[0].revocation = Revocation{};
  EXPECT_OK(CheckMayBeCertified(product_, inside(), key()));
  key().issued[0].revocation->reason = RevocationReason::kKeyCompromise;
  EXPECT_THAT(CheckMayBeCertified(product_, inside(), key()),
              HasReason("KEY_COMPROMISED"));
}

TEST_F(CertificateLifeTest, IsDueForRenewalBeforeItEnds) {
  Issue(key());
  EXPECT_THAT(Due(absl::Hours(216) - absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(Due(absl::Hours(216)), ElementsAre(key().name));
  EXPECT_THAT(Due(absl::Hours(1000)), ElementsAre(key().name));
  key().renewal = PendingRenewal{};
  EXPECT_THAT(Due(absl::Hours(216)), IsEmpty());
}

TEST_F(CertificateLifeTest, RenewsNothingThatIsReplacedOrRevoked) {
  Issue(key());
  KeyVersion newer = key();
  newer.name.version = 9;
  newer.issued[0].not_after += absl::Hours(1000);
  inside().key_versions.push_back(newer);
  EXPECT_THAT(Due(absl::Hours(230)), IsEmpty());
  inside().key_versions.pop_back();
  key().issued[0].revocation = Revocation{};
  EXPECT_THAT(Due(absl::Hours(230)), IsEmpty());
}

TEST_F(CertificateLifeTest, RenewsNothingWithoutItsProfile) {
  Issue(key());
  policy_.issuing_cas[0].profiles[0].id = "other";
  EXPECT_THAT(Due(absl::Hours(230)), IsEmpty());
}

}  // namespace
}  // namespace countersign::core
