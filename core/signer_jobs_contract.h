// What every Signer must do with jobs: forms, messages, limits, room, one
// answer for each. A part of core/signer_contract.h.
#ifndef COUNTERSIGN_CORE_SIGNER_JOBS_CONTRACT_H_
#define COUNTERSIGN_CORE_SIGNER_JOBS_CONTRACT_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/sign_answers_fixture.h"
#include "core/signer.h"
#include "core/signer_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

// --- Forms and messages ------------------------------------------------------

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

// --- Jobs --------------------------------------------------------------------

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

#endif  // COUNTERSIGN_CORE_SIGNER_JOBS_CONTRACT_H_
