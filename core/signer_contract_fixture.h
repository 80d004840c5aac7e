// A signer and what the tests of its contract say in one word: a key, a job, a
// signature that verifies. The tests are core/signer_*_contract.h.
#ifndef COUNTERSIGN_CORE_SIGNER_CONTRACT_FIXTURE_H_
#define COUNTERSIGN_CORE_SIGNER_CONTRACT_FIXTURE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/sign_answers_fixture.h"
#include "core/signer.h"
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

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNER_CONTRACT_FIXTURE_H_
