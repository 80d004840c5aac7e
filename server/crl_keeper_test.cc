#include "server/crl_keeper.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/flows.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline_fixture.h"
#include "server/pipeline/testing_issuing_ca.h"

namespace countersign::server {
namespace {

class CrlKeeperTest : public PipelineFixture {
 protected:
  CrlKeeperTest()
      : keeper_(
            store_, signer_, *pipeline_, [this] { return policy_; }, clock_) {
    auto policy = std::make_shared<core::Policy>(core::SamplePolicy());
    policy->issuing_cas = {MakeIssuingCa(signer_, clock_.Now())};
    policy_ = policy;
    StartLoops();
    core::ChangeSet changes;
    changes.products.push_back(core::SampleProduct());
    EXPECT_OK(pipeline_->Commit(std::move(changes)));
  }
  ~CrlKeeperTest() override { End(); }

  void Wait() {
    ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
    pipeline_
        ->Call(core::MakeDenialFlow(core::ServerPrincipal(), "test", "test",
                                    absl::NotFoundError("")))
        .status()
        .IgnoreError();
  }
  void Tick() {
    keeper_.Tick();
    Wait();
  }
  // A certificate of `authority` of the sample, revoked just now.
  void Revoke(const std::string& authority, const std::string& serial) {
    ASSERT_OK_AND_ASSIGN(core::Product product, store_.GetProduct({"sample"}));
    core::IssuedCertificate issued;
    issued.ca = authority;
    issued.serial = serial;
    issued.revocation = core::Revocation{
        core::RevocationReason::kKeyCompromise, "why", {}, clock_.Now()};
    product.operations[1].key_versions[0].issued.push_back(issued);
    ++product.revision;
    core::ChangeSet changes;
    changes.products.push_back(std::move(product));
    ASSERT_OK(pipeline_->Commit(std::move(changes)));
  }
  int Revoked() {
    const auto der = keeper_.LatestDer("site");
    if (!der.has_value()) return -1;
    const auto* at = reinterpret_cast<const unsigned char*>(der->data());
    X509_CRL* crl = d2i_X509_CRL(nullptr, &at, static_cast<long>(der->size()));
    if (crl == nullptr) return -2;
    const int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
    X509_CRL_free(crl);
    return count < 0 ? 0 : count;
  }
  int Leaves() {
    int count = 0;
    for (const core::Event& event : store_.events()) {
      count += event.type == core::EventType::kCrlSigned ? 1 : 0;
    }
    return count;
  }

  CrlKeeper keeper_;
};

TEST_F(CrlKeeperTest, SignsOneAtStartAndKeepsIt) {
  EXPECT_EQ(keeper_.Latest("site"), nullptr);
  EXPECT_FALSE(keeper_.LatestDer("site").has_value());
  Tick();
  Tick();
  EXPECT_EQ(Leaves(), 1);
  EXPECT_EQ(Revoked(), 0);
  const auto crl = keeper_.Latest("site");
  EXPECT_EQ(crl->number, absl::ToUnixMicros(clock_.Now()));
  EXPECT_EQ(crl->next_update, clock_.Now() + absl::Hours(24 * 7));
  EXPECT_EQ(keeper_.Latest("other"), nullptr);
}

TEST_F(CrlKeeperTest, SignsAnewAtHalfOfItsValidity) {
  Tick();
  clock_.Advance(absl::Hours(84) - absl::Seconds(1));
  Tick();
  EXPECT_EQ(Leaves(), 1);
  const auto first = keeper_.Latest("site");
  clock_.Advance(absl::Seconds(1));
  Tick();
  EXPECT_EQ(Leaves(), 2);
  EXPECT_GT(keeper_.Latest("site")->number, first->number);
}

TEST_F(CrlKeeperTest, SignsAnewAfterARevocationAtOnce) {
  Tick();
  const int64_t number = keeper_.Latest("site")->number;
  Revoke("site", std::string(20, '\x41'));
  Revoke("another", std::string(20, '\x42'));
  keeper_.Revoked("site");
  Wait();
  EXPECT_EQ(Revoked(), 1);
  // In the same microsecond: numbers grow all the same.
  EXPECT_GT(keeper_.Latest("site")->number, number);
  EXPECT_EQ(Leaves(), 2);
}

TEST_F(CrlKeeperTest, SignsOnceMoreWhatWasRevokedMeanwhile) {
  signer_.Hold();
  keeper_.Tick();
  while (signer_.waiting() == 0) std::this_thread::yield();
  Revoke("site", std::string(20, '\x41'));
  keeper_.Revoked("site");
  EXPECT_EQ(Leaves(), 1);
  signer_.Release();
  Wait();
  EXPECT_EQ(Revoked(), 0);
  Tick();
  EXPECT_EQ(Revoked(), 1);
}

TEST_F(CrlKeeperTest, TriesAgainAfterAPause) {
  signer_.FailNext(2, absl::UnavailableError("token away"));
  Tick();
  Tick();
  EXPECT_EQ(Leaves(), 1);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Leaves(), 2);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Leaves(), 2);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Revoked(), 0);
}

TEST_F(CrlKeeperTest, KeepsTheOldOneWhereTheNewCannotBeSigned) {
  Tick();
  const auto first = keeper_.Latest("site");
  clock_.Advance(absl::Hours(100));
  signer_.AnswerWrong(1);
  Tick();
  EXPECT_EQ(keeper_.Latest("site"), first);
  EXPECT_EQ(Leaves(), 2);
}

TEST_F(CrlKeeperTest, WaitsForTheAuthoritysToken) {
  signer_.SetHealth(
      {true, "", {{"main", false, "", 0}, {"standby", true, "", 0}}});
  Tick();
  EXPECT_EQ(Leaves(), 0);
  signer_.SetHealth({false, "away", {}});
  Tick();
  EXPECT_EQ(Leaves(), 0);
  signer_.SetHealth({true, "", {}});
  Tick();
  EXPECT_EQ(Leaves(), 1);
}

}  // namespace
}  // namespace countersign::server
