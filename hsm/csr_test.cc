#include "hsm/csr.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pkcs11_signer.h"

namespace countersign::hsm {
namespace {

using core::HashAlgorithm;
using core::KeyType;
using core::SignatureAlgorithm;
using testing::HasSubstr;

class CsrTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    auto signer = Pkcs11Signer::Create(softhsm_->Options(), clock_);
    ASSERT_OK(signer);
    signer_ = *std::move(signer);
  }

  core::KeyRef MakeKey(KeyType type) {
    core::KeyRef key = Key("csr", type);
    const auto spki = signer_->MakeKey(key);
    EXPECT_OK(spki);
    if (spki.ok()) key.spki = *spki;
    return key;
  }

  absl::StatusOr<std::string> Sign(const core::KeyRef& key,
                                   const std::string& to_be_signed,
                                   SignatureAlgorithm algorithm,
                                   HashAlgorithm hash) {
    core::SignJob job = Job(key);
    job.algorithm = algorithm;
    job.hash = hash;
    job.digests = {base::Digest(
        absl::StrCat("SHA", 8 * core::DigestSize(hash)).c_str(), to_be_signed)};
    core::SignResult result = SignAndWait(*signer_, job);
    if (!result.ok()) return result.status();
    return result->front();
  }

  base::SystemClock clock_;
  std::unique_ptr<Pkcs11Signer> signer_;
};

struct CsrCase {
  const char* name;
  KeyType type;
  SignatureAlgorithm algorithm;
  HashAlgorithm hash;
};

class EveryCsrTest : public CsrTest,
                     public testing::WithParamInterface<CsrCase> {};

TEST_P(EveryCsrTest, IsReadAndVerifiedByOpenssl) {
  const CsrCase& row = GetParam();
  const core::KeyRef key = MakeKey(row.type);
  ASSERT_OK_AND_ASSIGN(
      const std::string tbs,
      CsrToBeSigned(key.spki, "CN=Release signing,O=Example,C=DE"));
  ASSERT_OK_AND_ASSIGN(const std::string signature,
                       Sign(key, tbs, row.algorithm, row.hash));
  ASSERT_OK_AND_ASSIGN(const std::string pem,
                       AssembleCsr(tbs, row.algorithm, row.hash, signature));

  const base::BioPtr bio(BIO_new_mem_buf(pem.data(), pem.size()));
  const base::X509ReqPtr request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())),
            1);
  EXPECT_THAT(base::SpkiDer(X509_REQ_get0_pubkey(request.get())),
              base::IsOkAndHolds(key.spki));
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request.get()),
                            NID_commonName, name, sizeof name);
  EXPECT_STREQ(name, "Release signing");
  // RFC 2986 4.1: version 0, no attributes.
  EXPECT_EQ(X509_REQ_get_version(request.get()), 0);
  EXPECT_EQ(X509_REQ_get_attr_count(request.get()), 0);
}

constexpr auto kPkcs1 = SignatureAlgorithm::kRsassaPkcs1V15;
constexpr auto kPss = SignatureAlgorithm::kRsassaPss;
constexpr auto kEcdsa = SignatureAlgorithm::kEcdsa;

INSTANTIATE_TEST_SUITE_P(
    All, EveryCsrTest,
    testing::Values(
        CsrCase{"Rsa2048", KeyType::kRsa2048, kPkcs1, HashAlgorithm::kSha256},
        CsrCase{"Rsa3072", KeyType::kRsa3072, kPkcs1, HashAlgorithm::kSha384},
        CsrCase{"Rsa4096", KeyType::kRsa4096, kPkcs1, HashAlgorithm::kSha512},
        CsrCase{"Pss256", KeyType::kRsa2048, kPss, HashAlgorithm::kSha256},
        CsrCase{"Pss384", KeyType::kRsa2048, kPss, HashAlgorithm::kSha384},
        CsrCase{"Pss512", KeyType::kRsa2048, kPss, HashAlgorithm::kSha512},
        CsrCase{"P256", KeyType::kEcP256, kEcdsa, HashAlgorithm::kSha256},
        CsrCase{"P384", KeyType::kEcP384, kEcdsa, HashAlgorithm::kSha384},
        CsrCase{"P521", KeyType::kEcP521, kEcdsa, HashAlgorithm::kSha512}),
    [](const auto& info) { return info.param.name; });

TEST_F(CsrTest, RefusesASignatureOverSomethingElse) {
  const core::KeyRef key = MakeKey(KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const std::string tbs,
                       CsrToBeSigned(key.spki, "CN=mine"));
  ASSERT_OK_AND_ASSIGN(const std::string other,
                       Sign(key, tbs + "x", kEcdsa, HashAlgorithm::kSha256));
  EXPECT_THAT(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, other),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("does not fit")));
  ASSERT_OK_AND_ASSIGN(const std::string good,
                       Sign(key, tbs, kEcdsa, HashAlgorithm::kSha256));
  EXPECT_OK(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, good));
  EXPECT_FALSE(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha384, good).ok());
  EXPECT_FALSE(AssembleCsr(tbs, kPkcs1, HashAlgorithm::kSha256, good).ok());
  EXPECT_FALSE(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, "").ok());
  EXPECT_FALSE(AssembleCsr("", kEcdsa, HashAlgorithm::kSha256, good).ok());
}

TEST_F(CsrTest, RefusesABadSubjectAndABadKey) {
  const core::KeyRef key = MakeKey(KeyType::kEcP256);
  EXPECT_THAT(
      CsrToBeSigned(key.spki, "O=Example"),
      base::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CN")));
  EXPECT_FALSE(CsrToBeSigned("no key", "CN=a").ok());
}

TEST(CsrAlgorithmTest, IsTheOneThatEveryCaTakes) {
  EXPECT_EQ(CsrAlgorithm(KeyType::kRsa4096), kPkcs1);
  EXPECT_EQ(CsrAlgorithm(KeyType::kEcP384), kEcdsa);
}

}  // namespace
}  // namespace countersign::hsm
