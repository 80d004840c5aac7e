#include "server/pipeline/certificate_issuer.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "auth/certificate_chain.h"
#include "base/pem.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "core/certificate_life.h"
#include "core/event.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline_fixture.h"
#include "server/pipeline/sweeper.h"
#include "server/pipeline/testing_issuing_ca.h"

namespace countersign::server {
namespace {

using base::HasCode;
using base::HasReason;

class CertificateIssuerTest : public PipelineFixture {
 protected:
  CertificateIssuerTest() {
    auto policy = std::make_shared<core::Policy>(core::SamplePolicy());
    policy->issuing_cas = {MakeIssuingCa(signer_, clock_.Now())};
    policy_ = policy;
    issuer_ = std::make_unique<CertificateIssuer>(
        *pipeline_, products_, [this] { return policy_; }, clock_, random_);
    sweeper_ = std::make_unique<Sweeper>(
        store_, signer_, clock_, *pipeline_, products_,
        Sweeper::Options{"main", 8, issuer_.get()});
    StartLoops();
    core::ChangeSet changes;
    changes.products.push_back(ProductToCertify());
    EXPECT_OK(pipeline_->Commit(std::move(changes)));
  }
  ~CertificateIssuerTest() override { End(); }

  // The sample, whose detached operation has a key and no certificate.
  core::Product ProductToCertify() {
    core::Product product = core::SampleProduct();
    product.operations.erase(product.operations.begin());
    core::Operation& operation = product.operations[0];
    operation.key_versions.resize(1);
    core::KeyVersion& key = operation.key_versions[0];
    key.chain.reset();
    core::KeyRef ref = core::RefOf(key);
    ref.spki.clear();
    ref.tokens.resize(1);
    key.spki = signer_.MakeKey(ref)->spki;
    return product;
  }

  core::Product Product() { return *store_.GetProduct({"sample"}); }
  core::KeyVersion Key() { return Product().operations[0].key_versions[0]; }
  core::Product Issue() {
    return issuer_->IssueMissing(Product(), core::Person("boss", {}));
  }
  void Tick() {
    sweeper_->Tick();
    ASSERT_TRUE(pipeline_->Drain(absl::Seconds(10)));
    // Answers leave in order: when this one is here, the others are told.
    pipeline_
        ->Call(core::MakeDenialFlow(core::ServerPrincipal(), "test", "test",
                                    absl::NotFoundError("")))
        .status()
        .IgnoreError();
  }
  int Count(core::EventType type) {
    int count = 0;
    for (const core::Event& event : store_.events()) {
      count += event.type == type ? 1 : 0;
    }
    return count;
  }

  base::FakeRandom random_;
  std::unique_ptr<CertificateIssuer> issuer_;
  std::unique_ptr<Sweeper> sweeper_;
};

TEST_F(CertificateIssuerTest, PublishesAChainThatVerifies) {
  const core::Product product = Issue();
  const core::KeyVersion& key = product.operations[0].key_versions[0];
  ASSERT_TRUE(key.chain.has_value());
  std::string pem;
  for (const std::string& der : key.chain->certificates) {
    pem += base::FormatPem({"CERTIFICATE", {}, der});
  }
  EXPECT_OK(auth::CheckCertificateChain(pem, key.spki, clock_.Now()));
  ASSERT_EQ(key.issued.size(), 1u);
  EXPECT_EQ(key.issued[0].serial.size(), 20u);
  EXPECT_EQ(key.issued[0].profile, "profile-1");
  EXPECT_EQ(key.issued[0].not_after, key.chain->not_after);
  EXPECT_TRUE(core::CertificatesToIssue(product).empty());
}

TEST_F(CertificateIssuerTest, IssuesNothingTwice) {
  Issue();
  Issue();
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 1);
  EXPECT_EQ(Key().issued.size(), 1u);
}

TEST_F(CertificateIssuerTest, OneIsMadeAtATime) {
  signer_.Hold();
  std::thread first([this] { Issue(); });
  while (signer_.waiting() == 0) std::this_thread::yield();
  EXPECT_EQ(issuer_->TryBegin(Key().name), nullptr);
  sweeper_->Tick();
  core::Product seen;
  std::thread second([&] { seen = Issue(); });
  signer_.Release();
  first.join();
  second.join();
  EXPECT_TRUE(seen.operations[0].key_versions[0].chain.has_value());
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 1);
  EXPECT_NE(issuer_->TryBegin(Key().name), nullptr);
}

TEST_F(CertificateIssuerTest, TheSweeperIssuesWhatACrashLeftWithAFreshSerial) {
  signer_.FailNext(1, absl::UnavailableError("token away"));
  Issue();
  EXPECT_FALSE(Key().chain.has_value());
  EXPECT_EQ(Count(core::EventType::kCertificateFailed), 1);
  Tick();
  EXPECT_TRUE(Key().chain.has_value());
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 2);
  std::set<std::string> serials;
  for (const core::Event& event : store_.events()) {
    if (event.type == core::EventType::kCertificateIssuing) {
      serials.insert(event.details.Find("serial")->string());
    }
  }
  EXPECT_EQ(serials.size(), 2u);
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 2);
}

TEST_F(CertificateIssuerTest, TheSweeperPausesAfterAFailure) {
  signer_.FailNext(2, absl::UnavailableError("token away"));
  Tick();
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 1);
  clock_.Advance(absl::Milliseconds(1001));
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 2);
  clock_.Advance(absl::Milliseconds(2001));
  Tick();
  EXPECT_TRUE(Key().chain.has_value());
}

TEST_F(CertificateIssuerTest, TheSweeperWaitsForTheAuthoritysToken) {
  signer_.SetHealth(
      {true, "", {{"main", false, "", 0}, {"standby", true, "", 0}}});
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 0);
  signer_.SetHealth(
      {true, "", {{"main", true, "", 0}, {"standby", true, "", 0}}});
  Tick();
  EXPECT_TRUE(Key().chain.has_value());
}

TEST_F(CertificateIssuerTest, RenewalIsRequestedWhenDueAndAgreedByAPerson) {
  const core::Principal boss = core::Person("boss", {"product-approvers"});
  Issue();
  EXPECT_THAT(issuer_->Renew(boss, Key().name, "fine"),
              HasReason("NO_RENEWAL"));
  clock_.Advance(absl::Hours(24 * 59));
  Tick();
  EXPECT_EQ(Count(core::EventType::kRenewalRequested), 0);
  clock_.Advance(absl::Hours(24 * 2));
  Tick();
  Tick();
  EXPECT_EQ(Count(core::EventType::kRenewalRequested), 1);
  EXPECT_EQ(Key().issued.size(), 1u);
  ASSERT_OK(issuer_->Renew(boss, Key().name, "fine"));
  ASSERT_EQ(Key().issued.size(), 2u);
  EXPECT_NE(Key().issued[0].serial, Key().issued[1].serial);
  EXPECT_EQ(Key().chain->not_after, Key().issued[1].not_after);
  Tick();
  EXPECT_EQ(Count(core::EventType::kRenewalRequested), 1);
}

TEST_F(CertificateIssuerTest, SaysWhatIsMissing) {
  auto policy = std::make_shared<core::Policy>(*policy_);
  policy->issuing_cas[0].profiles[0].id = "renamed";
  policy_ = policy;
  Issue();
  EXPECT_FALSE(Key().chain.has_value());
  EXPECT_THAT(issuer_->First(core::ServerPrincipal(), Key().name),
              HasReason("NO_PROFILE"));
  EXPECT_THAT(issuer_->Renew(core::Person("boss", {"product-approvers"}),
                             {{{"nothing"}, "o"}, 1}, ""),
              HasCode(absl::StatusCode::kNotFound));
  Tick();
  EXPECT_EQ(Count(core::EventType::kCertificateIssuing), 0);
}

}  // namespace
}  // namespace countersign::server
