// What every Signer must do with keys: make, find, register, destroy, and
// refuse those that are not the pinned ones. A part of core/signer_contract.h.
#ifndef COUNTERSIGN_CORE_SIGNER_KEYS_CONTRACT_H_
#define COUNTERSIGN_CORE_SIGNER_KEYS_CONTRACT_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "core/signer_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

// --- Keys --------------------------------------------------------------------

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

// --- Keys that are there already ---------------------------------------------

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

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNER_KEYS_CONTRACT_H_
