#include "hsm/mechanism.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using core::HashAlgorithm;
using core::KeyType;
using core::SignatureAlgorithm;
using testing::HasSubstr;

constexpr HashAlgorithm kHashes[] = {
    HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512};

// OpenSSL makes the same signature of the bare digest (with its own DigestInfo)
// as of our input without a hash: so our prefix is right.
TEST(MechanismTest, DigestInfoIsTheOneThatOpensslMakes) {
  const base::EvpPkeyPtr key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}));
  ASSERT_NE(key, nullptr);
  const auto sign = [&](const std::string& input, const EVP_MD* md) {
    const base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key.get(), nullptr));
    EVP_PKEY_sign_init(ctx.get());
    EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_PKCS1_PADDING);
    if (md != nullptr) EVP_PKEY_CTX_set_signature_md(ctx.get(), md);
    std::string signature(256, '\0');
    size_t size = signature.size();
    EXPECT_EQ(
        EVP_PKEY_sign(
            ctx.get(), reinterpret_cast<unsigned char*>(&signature[0]), &size,
            reinterpret_cast<const unsigned char*>(input.data()), input.size()),
        1);
    return signature;
  };
  for (const HashAlgorithm hash : kHashes) {
    const Mechanism& mechanism =
        MechanismFor(SignatureAlgorithm::kRsassaPkcs1V15, hash);
    const std::string digest(core::DigestSize(hash), 'd');
    EXPECT_EQ(sign(SignInput(mechanism, digest), nullptr),
              sign(digest, EVP_get_digestbyname(mechanism.openssl_hash)))
        << mechanism.openssl_hash;
  }
}

TEST(MechanismTest, PssSaltIsAsLongAsTheHash) {
  for (const HashAlgorithm hash : kHashes) {
    const Mechanism& mechanism =
        MechanismFor(SignatureAlgorithm::kRsassaPss, hash);
    EXPECT_EQ(mechanism.type, CKM_RSA_PKCS_PSS);
    EXPECT_EQ(mechanism.pss.sLen, core::DigestSize(hash));
    EXPECT_EQ(SignInput(mechanism, "digest"), "digest");
  }
  EXPECT_EQ(MechanismFor(SignatureAlgorithm::kRsassaPss, kHashes[1]).pss.mgf,
            CKG_MGF1_SHA384);
}

TEST(MechanismTest, EcdsaSignsTheBareDigest) {
  const Mechanism& mechanism =
      MechanismFor(SignatureAlgorithm::kEcdsa, HashAlgorithm::kSha256);
  EXPECT_EQ(mechanism.type, CKM_ECDSA);
  EXPECT_EQ(SignInput(mechanism, "digest"), "digest");
}

TEST(MechanismTest, Ed25519SignsTheMessageWithoutAHash) {
  const Mechanism& mechanism =
      MechanismFor(SignatureAlgorithm::kEd25519, HashAlgorithm::kUnhashed);
  EXPECT_EQ(mechanism.type, CKM_EDDSA);
  EXPECT_EQ(mechanism.scheme, base::SignatureScheme::kEd25519);
  EXPECT_STREQ(mechanism.openssl_hash, "");
  EXPECT_EQ(SignInput(mechanism, "message"), "message");
}

TEST(MechanismTest, HasANameForEachMechanismThatIsUsed) {
  EXPECT_EQ(MechanismName(CKM_RSA_PKCS_PSS), "CKM_RSA_PKCS_PSS");
  EXPECT_EQ(MechanismName(CKM_EDDSA), "CKM_EDDSA");
  EXPECT_EQ(MechanismName(CKM_EC_EDWARDS_KEY_PAIR_GEN),
            "CKM_EC_EDWARDS_KEY_PAIR_GEN");
  EXPECT_EQ(MechanismName(0x4321), "CKM_0x4321");
}

TEST(MechanismTest, EveryPairHasItsOwnRow) {
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::kRsassaPkcs1V15, SignatureAlgorithm::kRsassaPss,
        SignatureAlgorithm::kEcdsa}) {
    for (const HashAlgorithm hash : kHashes) {
      const Mechanism& row = MechanismFor(algorithm, hash);
      EXPECT_EQ(row.algorithm, algorithm);
      EXPECT_EQ(row.hash, hash);
      EXPECT_EQ(absl::StrCat("SHA", 8 * core::DigestSize(hash)),
                row.openssl_hash);
    }
  }
}

TEST(EncodeSignatureTest, LeavesRsaAsItIs) {
  const std::string raw(256, '\x01');
  EXPECT_THAT(EncodeSignature(KeyType::kRsa2048, raw), base::IsOkAndHolds(raw));
}

TEST(EncodeSignatureTest, WritesEcdsaAsDerWithMinimalIntegers) {
  std::string raw(64, '\0');
  raw[31] = '\x05';
  raw[32] = '\xff';
  const absl::StatusOr<std::string> der =
      EncodeSignature(KeyType::kEcP256, raw);
  ASSERT_OK(der);
  EXPECT_EQ(base::HexEncode(*der),
            absl::StrCat("3026020105022100ff", std::string(62, '0')));
}

TEST(EncodeSignatureTest, LeavesEcdsaAsItIsWhereFixedWidthIsAsked) {
  for (const KeyType type :
       {KeyType::kEcP256, KeyType::kEcP384, KeyType::kEcP521}) {
    const std::string raw(RawSignatureSize(type), '\0');
    EXPECT_THAT(EncodeSignature(type, raw, core::EcdsaForm::kFixedWidth),
                base::IsOkAndHolds(raw));
  }
  EXPECT_THAT(EncodeSignature(KeyType::kEcP256, std::string(63, 'x'),
                              core::EcdsaForm::kFixedWidth),
              base::HasReason("WRONG_SIGNATURE_SIZE"));
}

TEST(EncodeSignatureTest, LeavesEd25519AsItIs) {
  const std::string raw(64, '\x80');
  EXPECT_THAT(EncodeSignature(KeyType::kEd25519, raw), base::IsOkAndHolds(raw));
  EXPECT_THAT(EncodeSignature(KeyType::kEd25519, std::string(63, 'x')),
              base::HasReason("WRONG_SIGNATURE_SIZE"));
}

TEST(EncodeSignatureTest, RefusesAWrongSize) {
  EXPECT_EQ(RawSignatureSize(KeyType::kEcP521), 132u);
  EXPECT_EQ(RawSignatureSize(KeyType::kEcP384), 96u);
  EXPECT_EQ(RawSignatureSize(KeyType::kRsa4096), 512u);
  EXPECT_THAT(EncodeSignature(KeyType::kEcP521, std::string(131, 'x')),
              base::HasReason("WRONG_SIGNATURE_SIZE"));
  EXPECT_THAT(EncodeSignature(KeyType::kRsa2048, std::string(255, 'x')),
              base::HasCode(absl::StatusCode::kInternal));
}

core::SignJob GoodJob() {
  core::SignJob job;
  job.key = {"id", "label", KeyType::kRsa2048, "spki", {}};
  job.digests = {std::string(32, 'a')};
  job.deadline = absl::InfiniteFuture();
  return job;
}

TEST(CheckSignJobTest, TakesAJobThatFits) {
  EXPECT_OK(CheckSignJob(GoodJob()));
}

core::SignJob Ed25519Job(size_t octets) {
  core::SignJob job = GoodJob();
  job.key.type = KeyType::kEd25519;
  job.algorithm = SignatureAlgorithm::kEd25519;
  job.hash = HashAlgorithm::kUnhashed;
  job.digests = {std::string(octets, 'm')};
  return job;
}

TEST(CheckSignJobTest, TakesMessagesForEd25519UpToTheirBound) {
  EXPECT_OK(CheckSignJob(Ed25519Job(0)));
  EXPECT_OK(CheckSignJob(Ed25519Job(core::kMaxMessageSize)));
  EXPECT_THAT(CheckSignJob(Ed25519Job(core::kMaxMessageSize + 1)),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("message 1 has 4097 octets; at most")));
}

struct JobCase {
  const char* name;
  void (*spoil)(core::SignJob&);
  const char* says;
};

class BadJobTest : public testing::TestWithParam<JobCase> {};

TEST_P(BadJobTest, IsRefusedWithAReason) {
  core::SignJob job = GoodJob();
  GetParam().spoil(job);
  EXPECT_THAT(CheckSignJob(job),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadJobTest,
    testing::Values(
        JobCase{"NoDigest", [](core::SignJob& j) { j.digests.clear(); },
                "not 0"},
        JobCase{"TooMany",
                [](core::SignJob& j) { j.digests.resize(1001, j.digests[0]); },
                "not 1001"},
        JobCase{
            "ShortDigest",
            [](core::SignJob& j) { j.digests.push_back(std::string(31, 'a')); },
            "digest 2 has 31 octets"},
        JobCase{"Sha1Digest", [](core::SignJob& j) { j.digests[0].resize(20); },
                "20 octets"},
        JobCase{"DigestOfAnotherHash",
                [](core::SignJob& j) { j.hash = HashAlgorithm::kSha384; },
                "SHA-384 makes 48"},
        JobCase{
            "EcdsaWithRsaKey",
            [](core::SignJob& j) { j.algorithm = SignatureAlgorithm::kEcdsa; },
            "RSA2048 keys do not make ECDSA"},
        JobCase{"PssWithEcKey",
                [](core::SignJob& j) {
                  j.key.type = KeyType::kEcP256;
                  j.algorithm = SignatureAlgorithm::kRsassaPss;
                },
                "do not make RSASSA-PSS"},
        JobCase{"RsaOverAMessage",
                [](core::SignJob& j) { j.hash = HashAlgorithm::kUnhashed; },
                "RSASSA-PKCS1-V1_5 is not made over UNHASHED"},
        JobCase{"Ed25519OverADigest",
                [](core::SignJob& j) {
                  j = Ed25519Job(32);
                  j.hash = HashAlgorithm::kSha256;
                },
                "ED25519 is not made over SHA-256"},
        JobCase{"EcdsaWithEd25519Key",
                [](core::SignJob& j) {
                  j = Ed25519Job(32);
                  j.algorithm = SignatureAlgorithm::kEcdsa;
                },
                "Ed25519 keys do not make ECDSA"},
        JobCase{"NoKeyId", [](core::SignJob& j) { j.key.key_id.clear(); },
                "CKA_ID"},
        JobCase{"NoLabel", [](core::SignJob& j) { j.key.label.clear(); },
                "label"},
        JobCase{"NoPinnedKey", [](core::SignJob& j) { j.key.spki.clear(); },
                "public key"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::hsm
