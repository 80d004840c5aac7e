// What the tests of this room share: a fresh SoftHSM token behind the fault
// module, and sessions on it.
#ifndef COUNTERSIGN_HSM_HSM_FIXTURE_H_
#define COUNTERSIGN_HSM_HSM_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gtest/gtest.h"
#include "hsm/fault_desk.h"
#include "hsm/softhsm_token.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

inline core::KeyRef Key(absl::string_view label, core::KeyType type) {
  return {"\x01\x02" + std::string(label), std::string(label), type, "", {}};
}

inline core::SignJob Job(const core::KeyRef& key, size_t digests = 1) {
  core::SignJob job;
  job.key = key;
  job.algorithm = core::AlgorithmsFor(key.type).front();
  job.digests.resize(digests, std::string(32, 'd'));
  job.deadline = absl::InfiniteFuture();
  return job;
}

// Made, and with its public key pinned.
inline core::KeyRef MakeKey(core::Signer& signer, core::KeyRef key) {
  const absl::StatusOr<core::KeyReport> report = signer.MakeKey(key);
  EXPECT_OK(report);
  if (report.ok()) key.spki = report->spki;
  return key;
}

class HsmFixture : public testing::Test {
 protected:
  HsmFixture() : faults_(Faults()) {}

  void SetUp() override {
    faults_.Reset();
    auto token = SoftHsmToken::Create();
    ASSERT_OK(token);
    softhsm_ = *std::move(token);
  }

  // The token of that label, behind the fault module.
  TokenOptions FaultyToken(absl::string_view label = "test") const {
    TokenOptions token = softhsm_->Token(label);
    token.module_path = FaultModulePath();
    // As short as can be configured: tests wait for it.
    token.reconnect_interval = absl::Milliseconds(10);
    return token;
  }

  Pkcs11SignerOptions FaultyOptions() const {
    Pkcs11SignerOptions options;
    options.tokens.push_back(FaultyToken());
    return options;
  }

  FaultControl& faults_;
  std::unique_ptr<SoftHsmToken> softhsm_;
};

// One answer, waited for. Thread-safe.
class Answer {
 public:
  std::function<void(core::SignResult)> Done() {
    return [this](core::SignResult result) {
      base::MutexLock lock(mutex_);
      result_ = std::move(result);
      ++calls_;
      changed_.SignalAll();
    };
  }
  core::SignResult Wait() {
    base::MutexLock lock(mutex_);
    while (calls_ == 0) changed_.Wait(mutex_);
    return result_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  core::SignResult result_ ABSL_GUARDED_BY(mutex_) = absl::UnknownError("");
};

inline core::SignResult SignAndWait(core::Signer& signer, core::SignJob job) {
  Answer answer;
  signer.Sign(std::move(job), answer.Done());
  return answer.Wait();
}

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_HSM_FIXTURE_H_
