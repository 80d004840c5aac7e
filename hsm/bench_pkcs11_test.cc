#include "hsm/bench_pkcs11.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pkcs11_signer.h"

namespace countersign::hsm {
namespace {

class BarePkcs11Test : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    const base::SystemClock clock;
    auto signer = Pkcs11Signer::Create(softhsm_->Options(), clock);
    ASSERT_OK(signer);
    options_.key = Key("bench", core::KeyType::kEcP256);
    options_.key = MakeKey(**signer, options_.key);
    options_.token = softhsm_->Token("test");
    options_.algorithm = core::SignatureAlgorithm::kEcdsa;
    options_.duration = absl::Milliseconds(50);
  }

  BarePkcs11Options options_;
};

TEST_F(BarePkcs11Test, RateAndMeanBelongTogether) {
  for (const int sessions : {1, 2}) {
    options_.sessions = sessions;
    ASSERT_OK_AND_ASSIGN(const BarePkcs11Rate rate,
                         MeasureBarePkcs11(options_));
    EXPECT_GT(rate.per_second, 10);
    EXPECT_GT(rate.mean, absl::ZeroDuration());
    // No session can be busier than all the time; a late thread is less.
    const double busy = rate.per_second * absl::ToDoubleSeconds(rate.mean);
    EXPECT_GT(busy, 0.1);
    EXPECT_LE(busy, sessions * 1.001);
  }
}

TEST_F(BarePkcs11Test, RefusesWhatCannotBeMeasured) {
  BarePkcs11Options options = options_;
  options.sessions = 0;
  EXPECT_THAT(MeasureBarePkcs11(options),
              base::HasReason("BAD_SIGNER_OPTIONS"));
  options = options_;
  options.duration = absl::ZeroDuration();
  EXPECT_FALSE(MeasureBarePkcs11(options).ok());
  options = options_;
  options.algorithm = core::SignatureAlgorithm::kRsassaPss;
  EXPECT_FALSE(MeasureBarePkcs11(options).ok());
  options = options_;
  options.key.label = "other";
  EXPECT_THAT(MeasureBarePkcs11(options), base::HasReason("KEY_MISSING"));
}

}  // namespace
}  // namespace countersign::hsm
