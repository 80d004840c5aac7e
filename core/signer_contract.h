// What every Signer must do, as tests: FakeSigner, and hsm/ against a token,
// each instantiate SignerContract with a factory (INSTANTIATE_TEST_SUITE_P).
#ifndef COUNTERSIGN_CORE_SIGNER_CONTRACT_H_
#define COUNTERSIGN_CORE_SIGNER_CONTRACT_H_

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

struct SignerContractParam {
  std::string name;
  // A signer with a token of its own, empty or not; it lives to the test's end.
  std::function<std::shared_ptr<Signer>()> make;
  // It can make Ed25519 keys.
  bool ed25519 = false;
};

inline std::string SignerContractName(
    const testing::TestParamInfo<SignerContractParam>& info) {
  return info.param.name;
}

// Collects the answers of jobs; `done` may come from any thread, even late.
class SignAnswers {
 public:
  explicit SignAnswers(size_t jobs) : state_(std::make_shared<State>()) {
    base::MutexLock lock(state_->mutex);
    state_->results.resize(jobs);
    state_->calls.resize(jobs);
  }

  std::function<void(SignResult)> Done(size_t job) {
    return [state = state_, job](SignResult result) {
      base::MutexLock lock(state->mutex);
      ++state->calls[job];
      state->results[job] = std::move(result);
      state->cond.SignalAll();
    };
  }

  // Blocks until each job has an answer, two minutes at most.
  std::vector<SignResult> Wait() {
    base::MutexLock lock(state_->mutex);
    for (int i = 0; i < 1200 && !AllLocked(); ++i) {
      state_->cond.WaitFor(state_->mutex, absl::Milliseconds(100));
    }
    std::vector<SignResult> results;
    for (const std::optional<SignResult>& result : state_->results) {
      results.push_back(result.value_or(absl::AbortedError("no answer came")));
    }
    return results;
  }

  std::vector<int> calls() const {
    base::MutexLock lock(state_->mutex);
    return state_->calls;
  }

 private:
  struct State {
    base::Mutex mutex;
    base::CondVar cond;
    std::vector<std::optional<SignResult>> results ABSL_GUARDED_BY(mutex);
    std::vector<int> calls ABSL_GUARDED_BY(mutex);
  };

  bool AllLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex) {
    for (const int calls : state_->calls) {
      if (calls == 0) return false;
    }
    return true;
  }

  std::shared_ptr<State> state_;
};

class SignerContract : public testing::TestWithParam<SignerContractParam> {
 protected:
  void SetUp() override {
    signer_ = GetParam().make();
    ASSERT_NE(signer_, nullptr);
  }

  // A new key, pinned.
  KeyRef MakeKey(KeyType type) {
    KeyRef key;
    key.key_id = random_.Bytes(16);
    key.label = absl::StrCat("products/contract/operations/", ToString(type),
                             "/keyVersions/", ++keys_made_);
    key.type = type;
    const absl::StatusOr<KeyReport> report = signer_->MakeKey(key);
    EXPECT_OK(report);
    if (report.ok()) key.spki = report->spki;
    return key;
  }

  SignJob MakeJob(const KeyRef& key, int digests = 1) {
    SignJob job;
    job.key = key;
    job.algorithm = AlgorithmsFor(key.type).front();
    job.hash = key.type == KeyType::kEd25519 ? HashAlgorithm::kUnhashed
                                             : HashAlgorithm::kSha256;
    for (int i = 0; i < digests; ++i) job.digests.push_back(random_.Bytes(32));
    job.deadline = absl::InfiniteFuture();
    return job;
  }

  SignResult Sign(const SignJob& job) {
    SignAnswers answers(1);
    signer_->Sign(job, answers.Done(0));
    return answers.Wait()[0];
  }

  // Each signature is good for its digest, by OpenSSL.
  static void ExpectVerifies(const SignJob& job, const SignResult& result) {
    ASSERT_OK(result);
    ASSERT_EQ(result->size(), job.digests.size());
    ASSERT_OK_AND_ASSIGN(
        base::SignatureVerifier verifier,
        base::SignatureVerifier::Create(job.key.spki, Scheme(job.algorithm),
                                        HashName(job.hash)));
    for (size_t i = 0; i < result->size(); ++i) {
      const DigestSignature& signature = (*result)[i];
      EXPECT_OK(verifier.Verify(job.digests[i], DerOf(job, signature.value)))
          << "of " << i;
      EXPECT_GE(signature.key_uses, 1) << "of " << i;
    }
  }

  // What a verifier takes: of r and s side by side, their DER.
  static std::string DerOf(const SignJob& job, const std::string& value) {
    if (job.ecdsa_form != EcdsaForm::kFixedWidth) return value;
    const size_t half = static_cast<size_t>(KeyBits(job.key.type) + 7) / 8;
    EXPECT_EQ(value.size(), 2 * half);
    if (value.size() != 2 * half) return value;
    const auto* octets = reinterpret_cast<const unsigned char*>(value.data());
    base::EcdsaSigPtr sig(ECDSA_SIG_new());
    ECDSA_SIG_set0(sig.get(),
                   BN_bin2bn(octets, static_cast<int>(half), nullptr),
                   BN_bin2bn(octets + half, static_cast<int>(half), nullptr));
    std::string der(256, '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    der.resize(static_cast<size_t>(i2d_ECDSA_SIG(sig.get(), &out)));
    return der;
  }

  static base::SignatureScheme Scheme(SignatureAlgorithm algorithm) {
    switch (algorithm) {
      case SignatureAlgorithm::kRsassaPkcs1V15:
        return base::SignatureScheme::kRsaPkcs1;
      case SignatureAlgorithm::kRsassaPss:
        return base::SignatureScheme::kRsaPss;
      case SignatureAlgorithm::kEcdsa:
        return base::SignatureScheme::kEcdsa;
      case SignatureAlgorithm::kEd25519:
        return base::SignatureScheme::kEd25519;
    }
    return base::SignatureScheme::kEcdsa;
  }

  static std::string HashName(HashAlgorithm hash) {
    if (hash == HashAlgorithm::kUnhashed) return "";
    return absl::StrCat("SHA", DigestSize(hash) * 8);
  }

  base::SystemRandom random_;
  int keys_made_ = 0;
  std::shared_ptr<Signer> signer_;
};

// --- Keys
// ---------------------------------------------------------------------

TEST_P(SignerContract, SignsWithEveryKeyAlgorithmAndHash) {
  for (const KeyType type :
       {KeyType::kRsa2048, KeyType::kRsa3072, KeyType::kRsa4096,
        KeyType::kEcP256, KeyType::kEcP384, KeyType::kEcP521}) {
    const KeyRef key = MakeKey(type);
    for (const SignatureAlgorithm algorithm : AlgorithmsFor(type)) {
      for (const HashAlgorithm hash :
           {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
            HashAlgorithm::kSha512}) {
        SCOPED_TRACE(absl::StrCat(ToString(type), " ", ToString(algorithm), " ",
                                  ToString(hash)));
        SignJob job = MakeJob(key, 0);
        job.algorithm = algorithm;
        job.hash = hash;
        for (int i = 0; i < 3; ++i) {
          job.digests.push_back(random_.Bytes(DigestSize(hash)));
        }
        ExpectVerifies(job, Sign(job));
      }
    }
  }
}

TEST_P(SignerContract, FindsTheKeyThatIsThereWhenMadeAgain) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  KeyRef again = key;
  again.spki.clear();
  ASSERT_OK_AND_ASSIGN(const KeyReport report, signer_->MakeKey(again));
  EXPECT_EQ(report.spki, key.spki);
}

TEST_P(SignerContract, TellsWhatTheTokenSaysOfANewKey) {
  KeyRef key = MakeKey(KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const KeyReport report, signer_->MakeKey(key));
  ASSERT_EQ(report.findings.size(), 1u);
  const TokenFindings& found = report.findings.front();
  EXPECT_NE(found.token_label, "");
  for (const char* attribute : {"CKA_SENSITIVE", "CKA_EXTRACTABLE"}) {
    ASSERT_EQ(found.attributes.count(attribute), 1u) << attribute;
    EXPECT_THAT(found.attributes.at(attribute),
                testing::AnyOf("true", "false", "unknown"));
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<DigestSignature> signatures,
                       Sign(MakeJob(key)));
  EXPECT_EQ(signatures.front().token, found.token);
  EXPECT_EQ(signatures.front().key_uses, 1);
}

// --- Keys that are there already
// ----------------------------------------------

TEST_P(SignerContract, RegistersAKeyThatIsThere) {
  const KeyRef made = MakeKey(KeyType::kEcP256);
  KeyRef key = made;
  key.spki.clear();
  ASSERT_OK_AND_ASSIGN(const KeyReport report, signer_->RegisterKey(key));
  EXPECT_EQ(report.spki, made.spki);
  EXPECT_EQ(report.findings.size(), 1u);
  EXPECT_OK(signer_->RegisterKey(made));
}

TEST_P(SignerContract, RegistersNothingElse) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  KeyRef other_id = key;
  other_id.key_id = random_.Bytes(16);
  other_id.spki.clear();
  KeyRef other_label = key;
  other_label.label += "1";
  other_label.spki.clear();
  KeyRef other_type = key;
  other_type.type = KeyType::kEcP384;
  other_type.spki.clear();
  KeyRef other_key = key;
  other_key.spki = MakeKey(KeyType::kEcP256).spki;
  for (const KeyRef& ref : {other_id, other_label, other_type, other_key}) {
    EXPECT_THAT(signer_->RegisterKey(ref),
                base::HasCode(absl::StatusCode::kFailedPrecondition))
        << ref.label;
  }
}

TEST_P(SignerContract, NamesATokenThatIsNotConfigured) {
  KeyRef key;
  key.key_id = random_.Bytes(16);
  key.label = "contract";
  key.type = KeyType::kEcP256;
  key.tokens = {"no such token"};
  EXPECT_THAT(signer_->MakeKey(key),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(signer_->RegisterKey(key),
              base::HasCode(absl::StatusCode::kNotFound));
}

TEST_P(SignerContract, DestroysAKeyForGood) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  const KeyRef other = MakeKey(KeyType::kEcP256);
  ASSERT_OK(signer_->DestroyKey(key));
  EXPECT_THAT(Sign(MakeJob(key)),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(signer_->RegisterKey(key),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
  // It is gone: that is all that was asked for.
  EXPECT_OK(signer_->DestroyKey(key));
  const SignJob job = MakeJob(other);
  ExpectVerifies(job, Sign(job));
}

TEST_P(SignerContract, TellsWhetherAKeyIsThere) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  EXPECT_OK(signer_->CheckKey(key));
  KeyRef other = MakeKey(KeyType::kEcP256);
  other.spki = key.spki;
  EXPECT_THAT(signer_->CheckKey(other),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(signer_->DestroyKey(key));
  EXPECT_THAT(signer_->CheckKey(key),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SignerContract, DestroysNoKeyThatIsNotThePinnedOne) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  KeyRef wrong = key;
  wrong.spki = MakeKey(KeyType::kEcP256).spki;
  EXPECT_THAT(signer_->DestroyKey(wrong),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
  const SignJob job = MakeJob(key);
  ExpectVerifies(job, Sign(job));
}

TEST_P(SignerContract, MakesAnotherKeyForAnotherIdAndForAnotherLabel) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  KeyRef other_id = key;
  other_id.key_id = random_.Bytes(16);
  KeyRef other_label = key;
  other_label.label += "1";
  std::set<std::string> spkis = {key.spki};
  for (KeyRef ref : {other_id, other_label}) {
    ref.spki.clear();
    ASSERT_OK_AND_ASSIGN(const KeyReport report, signer_->MakeKey(ref));
    spkis.insert(report.spki);
  }
  EXPECT_EQ(spkis.size(), 3u);
}

TEST_P(SignerContract, RefusesToTakeAKeyOfAnotherType) {
  KeyRef key = MakeKey(KeyType::kEcP256);
  key.type = KeyType::kEcP384;
  key.spki.clear();
  EXPECT_THAT(signer_->MakeKey(key),
              base::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SignerContract, RefusesAnUnknownKey) {
  SignJob job = MakeJob(MakeKey(KeyType::kEcP256));
  job.key.key_id = random_.Bytes(16);
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SignerContract, RefusesAKeyThatIsNotThePinnedOne) {
  SignJob job = MakeJob(MakeKey(KeyType::kEcP256));
  job.key.spki = MakeKey(KeyType::kEcP256).spki;
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kFailedPrecondition));
}

// --- Forms and messages
// -------------------------------------------------------

TEST_P(SignerContract, WritesRAndSSideBySideWhereAskedTo) {
  for (const KeyType type :
       {KeyType::kEcP256, KeyType::kEcP384, KeyType::kEcP521}) {
    SignJob job = MakeJob(MakeKey(type), 8);
    job.ecdsa_form = EcdsaForm::kFixedWidth;
    ExpectVerifies(job, Sign(job));
  }
}

TEST_P(SignerContract, SignsMessagesWithEd25519) {
  if (!GetParam().ed25519) {
    GTEST_SKIP() << "the token makes no Ed25519 keys";
  }
  SignJob job = MakeJob(MakeKey(KeyType::kEd25519), 0);
  for (const size_t size : {0u, 1u, 32u, 4096u}) {
    job.digests.push_back(random_.Bytes(size));
  }
  ExpectVerifies(job, Sign(job));
  job.digests = {random_.Bytes(4097)};
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kInvalidArgument));
  job.digests = {random_.Bytes(32)};
  job.hash = HashAlgorithm::kSha256;
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_P(SignerContract, RefusesMessagesForOtherKeys) {
  SignJob job = MakeJob(MakeKey(KeyType::kEcP256));
  job.hash = HashAlgorithm::kUnhashed;
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kInvalidArgument));
}

// --- Jobs
// ---------------------------------------------------------------------

TEST_P(SignerContract, HasRoomWhereNothingWaits) {
  const absl::StatusOr<RoomPtr> room =
      signer_->Reserve(MakeKey(KeyType::kEcP256), 1);
  ASSERT_OK(room);
  EXPECT_NE(*room, nullptr);
}

TEST_P(SignerContract, LetsGoOfTheRoomOfAJobThatItSigned) {
  SignJob job = MakeJob(MakeKey(KeyType::kEcP256), 3);
  ASSERT_OK_AND_ASSIGN(job.room, signer_->Reserve(job.key, 3));
  const std::weak_ptr<Room> room = job.room;
  ExpectVerifies(job, Sign(job));
  job.room = nullptr;
  EXPECT_TRUE(room.expired());
}

TEST_P(SignerContract, SignsAThousandDigestsInTheirOrder) {
  const SignJob job = MakeJob(MakeKey(KeyType::kEcP256), 1000);
  ExpectVerifies(job, Sign(job));
}

TEST_P(SignerContract, RefusesNoDigestsAndMoreThanAThousand) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  for (const int count : {0, 1001}) {
    EXPECT_THAT(Sign(MakeJob(key, count)),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << count;
  }
}

TEST_P(SignerContract, RefusesADigestOfTheWrongLength) {
  const KeyRef key = MakeKey(KeyType::kEcP256);
  for (const size_t size : {0u, 20u, 31u, 33u, 48u}) {
    SignJob job = MakeJob(key, 2);
    job.digests[1] = random_.Bytes(size);
    EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

TEST_P(SignerContract, RefusesAnAlgorithmThatDoesNotFitTheKey) {
  SignJob ec = MakeJob(MakeKey(KeyType::kEcP256));
  ec.algorithm = SignatureAlgorithm::kRsassaPss;
  EXPECT_THAT(Sign(ec), base::HasCode(absl::StatusCode::kInvalidArgument));
  SignJob rsa = MakeJob(MakeKey(KeyType::kRsa2048));
  rsa.algorithm = SignatureAlgorithm::kEcdsa;
  EXPECT_THAT(Sign(rsa), base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_P(SignerContract, RefusesAJobWhoseDeadlineHasPassed) {
  SignJob job = MakeJob(MakeKey(KeyType::kEcP256));
  job.deadline = absl::UnixEpoch();
  EXPECT_THAT(Sign(job), base::HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(SignerContract, AnswersEachOfManyJobsExactlyOnce) {
  const KeyRef keys[] = {MakeKey(KeyType::kEcP256), MakeKey(KeyType::kRsa2048)};
  std::vector<SignJob> jobs;
  for (int i = 0; i < 60; ++i) {
    jobs.push_back(MakeJob(keys[i % 2], 1 + i % 5));
    jobs.back().priority = i % 7 == 0;
  }
  // Some bad ones in between, refused from the caller's thread or from another.
  for (size_t i = 3; i < jobs.size(); i += 10) jobs[i].digests[0].pop_back();
  SignAnswers answers(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    signer_->Sign(jobs[i], answers.Done(i));
  }
  const std::vector<SignResult> results = answers.Wait();
  for (size_t i = 0; i < jobs.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("job ", i));
    if (i % 10 == 3) {
      EXPECT_THAT(results[i],
                  base::HasCode(absl::StatusCode::kInvalidArgument));
    } else {
      ExpectVerifies(jobs[i], results[i]);
    }
  }
  // Nothing is left to call `done` again once the signer is gone.
  signer_.reset();
  EXPECT_THAT(answers.calls(), testing::Each(1));
}

TEST_P(SignerContract, ReportsThatItIsReady) {
  const SignerHealth health = signer_->Health();
  EXPECT_TRUE(health.ready) << health.message;
}

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNER_CONTRACT_H_
