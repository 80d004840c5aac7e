#include "base/signature_verifier.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

// Keys are slow to make, so that all tests share them.
struct Keys {
  EvpPkeyPtr rsa{EVP_RSA_gen(2048)};
  EvpPkeyPtr other_rsa{EVP_RSA_gen(2048)};
  EvpPkeyPtr rsa3072{EVP_RSA_gen(3072)};
  EvpPkeyPtr p256{EVP_EC_gen("P-256")};
  EvpPkeyPtr p384{EVP_EC_gen("P-384")};
  EvpPkeyPtr ed25519{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
};

const Keys& TestKeys() {
  static const Keys& keys = *new Keys;
  return keys;
}

std::string Spki(const EvpPkeyPtr& key) { return SpkiDer(key.get()).value(); }

constexpr int kSaltAsHash = RSA_PSS_SALTLEN_DIGEST;

std::string Sign(const EvpPkeyPtr& key, SignatureScheme scheme,
                 const std::string& hash, const std::string& digest,
                 int salt = kSaltAsHash) {
  const EVP_MD* md = EVP_get_digestbyname(hash.c_str());
  const EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key.get(), nullptr));
  EXPECT_EQ(EVP_PKEY_sign_init(ctx.get()), 1);
  if (scheme == SignatureScheme::kRsaPss) {
    EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx.get(), salt);
  }
  EXPECT_EQ(EVP_PKEY_CTX_set_signature_md(ctx.get(), md), 1);
  const auto* data = reinterpret_cast<const unsigned char*>(digest.data());
  size_t size = 0;
  EXPECT_EQ(EVP_PKEY_sign(ctx.get(), nullptr, &size, data, digest.size()), 1);
  std::string signature(size, '\0');
  EXPECT_EQ(EVP_PKEY_sign(ctx.get(),
                          reinterpret_cast<unsigned char*>(signature.data()),
                          &size, data, digest.size()),
            1);
  signature.resize(size);
  return signature;
}

struct SchemeCase {
  const char* name;
  EvpPkeyPtr Keys::*key;
  SignatureScheme scheme;
  const char* hash;
};

class SchemeTest : public testing::TestWithParam<SchemeCase> {
 protected:
  const EvpPkeyPtr& Key() const { return TestKeys().*GetParam().key; }
  std::string DigestOf(const std::string& text) const {
    return Digest(GetParam().hash, text);
  }
  std::string SignDigest(const std::string& digest) const {
    return Sign(Key(), GetParam().scheme, GetParam().hash, digest);
  }
  SignatureVerifier Verifier() const {
    return SignatureVerifier::Create(Spki(Key()), GetParam().scheme,
                                     GetParam().hash)
        .value();
  }
};

TEST_P(SchemeTest, AcceptsGoodSignature) {
  SignatureVerifier verifier = Verifier();
  const std::string digest = DigestOf("x");
  EXPECT_OK(verifier.Verify(digest, SignDigest(digest)));
}

TEST_P(SchemeTest, RefusesEachDamage) {
  SignatureVerifier verifier = Verifier();
  const std::string digest = DigestOf("x");
  const std::string good = SignDigest(digest);
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(verifier.Verify(DigestOf("y"), good), refused);
  EXPECT_THAT(verifier.Verify(digest, SignDigest(DigestOf("y"))), refused);
  EXPECT_THAT(verifier.Verify(digest, ""), refused);
  EXPECT_THAT(verifier.Verify(digest, good.substr(1)), refused);
  EXPECT_THAT(verifier.Verify(digest, good.substr(0, good.size() - 1)),
              refused);
  EXPECT_THAT(verifier.Verify(digest, absl::StrCat(good, "x")), refused);
  EXPECT_THAT(verifier.Verify(digest, std::string(good.size(), '\0')), refused);
  EXPECT_THAT(verifier.Verify(digest, std::string(good.size(), '\xff')),
              refused);
  for (size_t i = 0; i < good.size(); i += 17) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_THAT(verifier.Verify(digest, bad), refused) << i;
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_P(SchemeTest, GoesOnAfterABadSignature) {
  SignatureVerifier verifier = Verifier();
  for (int i = 0; i < 20; ++i) {
    const std::string digest = DigestOf(absl::StrCat(i));
    const std::string good = SignDigest(digest);
    std::string bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 1);
    EXPECT_OK(verifier.Verify(digest, good));
    EXPECT_THAT(verifier.Verify(digest, bad),
                HasCode(absl::StatusCode::kInvalidArgument));
    EXPECT_OK(verifier.Verify(digest, good));
  }
}

TEST_P(SchemeTest, RefusesDigestOfWrongLength) {
  SignatureVerifier verifier = Verifier();
  const std::string digest = DigestOf("x");
  const std::string good = SignDigest(digest);
  for (const std::string& wrong :
       {std::string(), digest.substr(1), digest + "x", Digest("SHA384", "x"),
        Digest("SHA256", "x") + Digest("SHA256", "x")}) {
    if (wrong.size() == digest.size()) continue;
    EXPECT_THAT(verifier.Verify(wrong, good),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("digest of the wrong length")));
  }
}

TEST_P(SchemeTest, WorksAfterAMove) {
  SignatureVerifier first = Verifier();
  SignatureVerifier second = std::move(first);
  const std::string digest = DigestOf("x");
  EXPECT_OK(second.Verify(digest, SignDigest(digest)));
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, SchemeTest,
    testing::Values(
        SchemeCase{"Pkcs1Sha256", &Keys::rsa, SignatureScheme::kRsaPkcs1,
                   "SHA256"},
        SchemeCase{"Pkcs1Sha384", &Keys::rsa, SignatureScheme::kRsaPkcs1,
                   "SHA384"},
        SchemeCase{"Pkcs1Sha512", &Keys::rsa3072, SignatureScheme::kRsaPkcs1,
                   "SHA512"},
        SchemeCase{"PssSha256", &Keys::rsa, SignatureScheme::kRsaPss, "SHA256"},
        SchemeCase{"PssSha512", &Keys::rsa, SignatureScheme::kRsaPss, "SHA512"},
        SchemeCase{"EcdsaP256", &Keys::p256, SignatureScheme::kEcdsa, "SHA256"},
        SchemeCase{"EcdsaP384", &Keys::p384, SignatureScheme::kEcdsa,
                   "SHA384"}),
    [](const auto& info) { return info.param.name; });

struct MisfitCase {
  const char* name;
  EvpPkeyPtr Keys::*key;
  SignatureScheme scheme;
};

class MisfitTest : public testing::TestWithParam<MisfitCase> {};

TEST_P(MisfitTest, IsRefused) {
  EXPECT_THAT(
      SignatureVerifier::Create(
          Spki(TestKeys().*GetParam().key), GetParam().scheme,
          GetParam().scheme == SignatureScheme::kEd25519 ? "" : "SHA256"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does not fit")));
}

INSTANTIATE_TEST_SUITE_P(
    KeyAndScheme, MisfitTest,
    testing::Values(
        MisfitCase{"RsaForEcdsa", &Keys::rsa, SignatureScheme::kEcdsa},
        MisfitCase{"EcForPkcs1", &Keys::p256, SignatureScheme::kRsaPkcs1},
        MisfitCase{"EcForPss", &Keys::p256, SignatureScheme::kRsaPss},
        MisfitCase{"Ed25519ForEcdsa", &Keys::ed25519, SignatureScheme::kEcdsa},
        MisfitCase{"RsaForEd25519", &Keys::rsa, SignatureScheme::kEd25519},
        MisfitCase{"EcForEd25519", &Keys::p256, SignatureScheme::kEd25519},
        MisfitCase{"Ed25519ForPkcs1", &Keys::ed25519,
                   SignatureScheme::kRsaPkcs1}),
    [](const auto& info) { return info.param.name; });

struct Ed25519Case {
  const char* name;
  const char* public_key;
  const char* message;
  const char* signature;
};

class Ed25519Test : public testing::TestWithParam<Ed25519Case> {
 protected:
  static std::string Hex(const char* text) { return HexDecode(text).value(); }
  static SignatureVerifier Verifier(const std::string& spki) {
    return SignatureVerifier::Create(spki, SignatureScheme::kEd25519, "")
        .value();
  }
};

TEST_P(Ed25519Test, AgreesWithTheVectorsOfRfc8032) {
  // SubjectPublicKeyInfo of RFC 8410 4.
  SignatureVerifier verifier =
      Verifier(Hex("302a300506032b6570032100") + Hex(GetParam().public_key));
  const std::string message = Hex(GetParam().message);
  const std::string good = Hex(GetParam().signature);
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_OK(verifier.Verify(message, good));
  EXPECT_OK(verifier.Verify(message, good));
  EXPECT_THAT(verifier.Verify(message + "x", good), refused);
  EXPECT_THAT(verifier.Verify(message, good.substr(1)), refused);
  EXPECT_THAT(verifier.Verify(message, good + "x"), refused);
  EXPECT_THAT(verifier.Verify(message, ""), refused);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_THAT(verifier.Verify(message, bad), refused) << i;
  }
}

// RFC 8032 7.1, tests 1 to 3.
INSTANTIATE_TEST_SUITE_P(
    Rfc8032, Ed25519Test,
    testing::Values(
        Ed25519Case{
            "Empty",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100"
            "b"},
        Ed25519Case{
            "OneOctet",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c0"
            "0"},
        Ed25519Case{
            "TwoOctets",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40"
            "a"}),
    [](const auto& info) { return info.param.name; });

TEST_F(Ed25519Test, TakesALongMessageWithoutHashingIt) {
  const EvpPkeyPtr& key = TestKeys().ed25519;
  const std::string message(4096, 'm');
  const EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key.get()),
            1);
  std::string signature(64, '\0');
  size_t size = signature.size();
  ASSERT_EQ(EVP_DigestSign(
                ctx.get(), reinterpret_cast<unsigned char*>(signature.data()),
                &size, reinterpret_cast<const unsigned char*>(message.data()),
                message.size()),
            1);
  SignatureVerifier verifier = Verifier(Spki(key));
  EXPECT_OK(verifier.Verify(message, signature));
  EXPECT_FALSE(verifier.Verify(Sha256(message), signature).ok());
}

TEST_F(Ed25519Test, HasNoHash) {
  EXPECT_THAT(SignatureVerifier::Create(Spki(TestKeys().ed25519),
                                        SignatureScheme::kEd25519, "SHA512"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("not its SHA512")));
}

TEST(SignatureVerifierTest, RefusesOtherHashes) {
  const std::string spki = Spki(TestKeys().rsa);
  for (const char* hash : {"", "SHA1", "MD5", "SHA224", "sha256", "SHA3-256"}) {
    EXPECT_THAT(
        SignatureVerifier::Create(spki, SignatureScheme::kRsaPkcs1, hash),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hash")))
        << hash;
  }
}

TEST(SignatureVerifierTest, RefusesWhatIsNoKey) {
  for (const char* spki : {"", "x"}) {
    EXPECT_THAT(
        SignatureVerifier::Create(spki, SignatureScheme::kEcdsa, "SHA256"),
        HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(SignatureVerifierTest, RefusesSignatureOfAnotherKeySchemeOrHash) {
  const std::string digest = Sha256("x");
  ASSERT_OK_AND_ASSIGN(
      SignatureVerifier verifier,
      SignatureVerifier::Create(Spki(TestKeys().rsa),
                                SignatureScheme::kRsaPkcs1, "SHA256"));
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(verifier.Verify(
                  digest, Sign(TestKeys().other_rsa, SignatureScheme::kRsaPkcs1,
                               "SHA256", digest)),
              refused);
  EXPECT_THAT(
      verifier.Verify(digest, Sign(TestKeys().rsa, SignatureScheme::kRsaPss,
                                   "SHA256", digest)),
      refused);
  // The same 32 octets, but named as another hash in the padding.
  EXPECT_THAT(
      verifier.Verify(digest, Sign(TestKeys().rsa, SignatureScheme::kRsaPkcs1,
                                   "SHA3-256", digest)),
      refused);
}

TEST(SignatureVerifierTest, AcceptsEachSaltLength) {
  const std::string digest = Sha256("x");
  ASSERT_OK_AND_ASSIGN(
      SignatureVerifier verifier,
      SignatureVerifier::Create(Spki(TestKeys().rsa), SignatureScheme::kRsaPss,
                                "SHA256"));
  // Mixed, because one context serves all.
  for (const int salt : {kSaltAsHash, RSA_PSS_SALTLEN_MAX, 0, 20, 222,
                         RSA_PSS_SALTLEN_MAX, kSaltAsHash}) {
    EXPECT_OK(verifier.Verify(
        digest,
        Sign(TestKeys().rsa, SignatureScheme::kRsaPss, "SHA256", digest, salt)))
        << salt;
  }
}

TEST(SignatureVerifierTest, DemandsASaltAsLongAsTheHash) {
  for (const std::string hash : {"SHA256", "SHA384", "SHA512"}) {
    const std::string digest = Digest(hash.c_str(), "x");
    ASSERT_OK_AND_ASSIGN(SignatureVerifier verifier,
                         SignatureVerifier::Create(Spki(TestKeys().rsa),
                                                   SignatureScheme::kRsaPss,
                                                   hash, PssSalt::kAsHash));
    const auto sign = [&](int salt) {
      return Sign(TestKeys().rsa, SignatureScheme::kRsaPss, hash, digest, salt);
    };
    for (const int salt : {RSA_PSS_SALTLEN_MAX, 0, 20, 33}) {
      EXPECT_THAT(verifier.Verify(digest, sign(salt)),
                  HasCode(absl::StatusCode::kInvalidArgument))
          << salt;
      EXPECT_OK(verifier.Verify(digest, sign(kSaltAsHash)));
    }
  }
}

TEST(SignatureVerifierTest, RefusesRsaSignatureWithoutItsLeadingZero) {
  // One signature in 256 starts with a zero; without it the number is the same
  // and the length is not.
  const EvpPkeyPtr& key = TestKeys().rsa;
  std::string digest;
  std::string signature;
  for (int i = 0; i < 20000; ++i) {
    digest = Sha256(absl::StrCat(i));
    signature = Sign(key, SignatureScheme::kRsaPkcs1, "SHA256", digest);
    if (signature[0] == '\0') break;
  }
  ASSERT_EQ(signature[0], '\0');
  ASSERT_OK_AND_ASSIGN(SignatureVerifier verifier,
                       SignatureVerifier::Create(
                           Spki(key), SignatureScheme::kRsaPkcs1, "SHA256"));
  EXPECT_OK(verifier.Verify(digest, signature));
  EXPECT_THAT(
      verifier.Verify(digest, signature.substr(1)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wrong length")));
  EXPECT_THAT(
      verifier.Verify(digest, absl::StrCat(std::string(1, '\0'), signature)),
      HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace countersign::base
