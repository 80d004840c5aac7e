#include "client/artifact/detached_signature.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::SignatureScheme;
using testing::ElementsAre;

std::string Digest(HashAlgorithm hash = HashAlgorithm::kSha256) {
  return HashOctets(hash, "what is signed");
}

DetachedSignature Made(SignatureScheme scheme,
                       HashAlgorithm hash = HashAlgorithm::kSha256,
                       int salt = RSA_PSS_SALTLEN_DIGEST) {
  const TestChain& chain = SharedChain();
  return {scheme,
          SignDigest(chain.leaf_key.get(), scheme, hash, Digest(hash), salt),
          {chain.leaf, chain.intermediate}};
}

absl::Status Verify(const DetachedSignature& signature,
                    HashAlgorithm hash = HashAlgorithm::kSha256) {
  return VerifyDetachedSignature(signature, Digest(hash), hash,
                                 {SharedChain().root}, TestNow());
}

TEST(DetachedSignature, VerifiesEachRsaFormHashAndSalt) {
  for (const HashAlgorithm hash :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512}) {
    EXPECT_OK(Verify(Made(SignatureScheme::kRsaPkcs1, hash), hash));
    for (const int salt : {RSA_PSS_SALTLEN_DIGEST, RSA_PSS_SALTLEN_MAX, 0}) {
      EXPECT_OK(Verify(Made(SignatureScheme::kRsaPss, hash, salt), hash));
    }
  }
}

TEST(DetachedSignature, VerifiesEcdsa) {
  const TestChain& chain = SharedChain();
  const base::EvpPkeyPtr key = MakeEcKey();
  CertificateSpec spec;
  spec.common_name = "release";
  spec.extended_key_usage = "codeSigning";
  const std::string leaf = MakeCertificate(spec, key.get(), &chain.intermediate,
                                           chain.intermediate_key.get());
  const DetachedSignature signature = {
      SignatureScheme::kEcdsa,
      SignDigest(key.get(), SignatureScheme::kEcdsa, HashAlgorithm::kSha256,
                 Digest()),
      {leaf, chain.intermediate}};
  EXPECT_OK(Verify(signature));
  ASSERT_OK_AND_ASSIGN(
      const DetachedSignature parsed,
      ParseDetachedSignature(FormatDetachedSignature(signature)));
  EXPECT_OK(Verify(parsed));
}

TEST(DetachedSignature, RoundTripsAndLeavesTheRootOut) {
  const TestChain& chain = SharedChain();
  DetachedSignature signature = Made(SignatureScheme::kRsaPss);
  signature.certificates.push_back(chain.root);
  const std::string text = FormatDetachedSignature(signature);
  EXPECT_EQ(text.rfind("-----BEGIN SIGNATURE-----\nSignature Algorithm: "
                       "RSASSA-PSS\n\n",
                       0),
            0u)
      << text;
  ASSERT_OK_AND_ASSIGN(const DetachedSignature parsed,
                       ParseDetachedSignature(text));
  EXPECT_EQ(parsed.scheme, SignatureScheme::kRsaPss);
  EXPECT_EQ(parsed.signature, signature.signature);
  EXPECT_THAT(parsed.certificates, ElementsAre(chain.leaf, chain.intermediate));
}

TEST(DetachedSignature, ReadsCertificatesFirstForeignBlocksAndText) {
  const TestChain& chain = SharedChain();
  const DetachedSignature signature = Made(SignatureScheme::kRsaPkcs1);
  DetachedSignature bare = signature;
  bare.certificates.clear();
  const std::string block = FormatDetachedSignature(bare);
  const std::string more = absl::StrReplaceAll(
      block, {{"RSASSA-PKCS1-V1_5\n", "RSASSA-PKCS1-V1_5\nMore: x\n"}});
  const std::string certificates =
      CertificatePem({chain.leaf, chain.intermediate});
  base::PemBlock foreign;
  foreign.label = "TRANSPARENCY PROOF";
  foreign.contents = "proof";
  for (const std::string& text :
       {certificates + block, "words\n" + block + certificates,
        more + certificates, block + certificates + base::FormatPem(foreign),
        base::FormatPem(foreign) + block + certificates,
        absl::StrReplaceAll(block + certificates, {{"\n", "\r\n"}})}) {
    ASSERT_OK_AND_ASSIGN(const DetachedSignature parsed,
                         ParseDetachedSignature(text));
    EXPECT_OK(Verify(parsed)) << text;
  }
}

TEST(DetachedSignature, RefusesUnreadableTexts) {
  const std::string good =
      FormatDetachedSignature(Made(SignatureScheme::kRsaPkcs1));
  const std::string header = "Signature Algorithm: RSASSA-PKCS1-V1_5\n";
  EXPECT_THAT(ParseDetachedSignature(""), HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(ParseDetachedSignature(CertificatePem({SharedChain().leaf})),
              HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(
      ParseDetachedSignature(absl::StrReplaceAll(good, {{header + "\n", ""}})),
      HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(ParseDetachedSignature(
                  absl::StrReplaceAll(good, {{header, header + header}})),
              HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(ParseDetachedSignature(
                  absl::StrReplaceAll(good, {{"-PKCS1-V1_5", "-PKCS1"}})),
              HasReason("SIGNATURE_ALGORITHM_UNKNOWN"));
  EXPECT_THAT(ParseDetachedSignature("-----BEGIN SIGNATURE-----\n" + header +
                                     "\n-----END SIGNATURE-----\n"),
              HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(ParseDetachedSignature(good.substr(0, good.size() / 2)),
              HasReason("SIGNATURE_UNREADABLE"));
}

TEST(DetachedSignature, RefusesEachTampering) {
  const DetachedSignature good = Made(SignatureScheme::kRsaPkcs1);
  DetachedSignature bad = good;
  bad.signature[17] ^= 1;
  EXPECT_THAT(Verify(bad), HasReason("SIGNATURE_INVALID"));
  bad = good;
  bad.signature.pop_back();
  EXPECT_THAT(Verify(bad), HasReason("SIGNATURE_INVALID"));
  bad = good;
  bad.scheme = SignatureScheme::kRsaPss;
  EXPECT_THAT(Verify(bad), HasReason("SIGNATURE_INVALID"));
  bad = good;
  bad.scheme = SignatureScheme::kEcdsa;
  EXPECT_THAT(Verify(bad), HasReason("SIGNATURE_INVALID"));
  bad = good;
  std::swap(bad.certificates[0], bad.certificates[1]);
  EXPECT_THAT(Verify(bad), HasReason("SIGNATURE_INVALID"));
  bad = good;
  bad.certificates.clear();
  EXPECT_THAT(Verify(bad), HasReason("CERTIFICATE_UNTRUSTED"));
  EXPECT_THAT(Verify(good, HashAlgorithm::kSha512),
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(
      VerifyDetachedSignature(good, Digest().substr(1), HashAlgorithm::kSha256,
                              {SharedChain().root}, TestNow()),
      HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyDetachedSignature(good, Digest(), HashAlgorithm::kSha256,
                                      {}, TestNow()),
              HasReason("CERTIFICATE_UNTRUSTED"));
}

TEST(DefaultScheme, FollowsTheKey) {
  ASSERT_OK_AND_ASSIGN(const std::string rsa,
                       base::SpkiDer(SharedChain().leaf_key.get()));
  EXPECT_THAT(DefaultScheme(rsa), IsOkAndHolds(SignatureScheme::kRsaPkcs1));
  const base::EvpPkeyPtr ec_key = MakeEcKey();
  ASSERT_OK_AND_ASSIGN(const std::string ec, base::SpkiDer(ec_key.get()));
  EXPECT_THAT(DefaultScheme(ec), IsOkAndHolds(SignatureScheme::kEcdsa));
  const base::EvpPkeyPtr ed_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  ASSERT_OK_AND_ASSIGN(const std::string ed, base::SpkiDer(ed_key.get()));
  EXPECT_THAT(DefaultScheme(ed), IsOkAndHolds(SignatureScheme::kEd25519));
  const base::EvpPkeyPtr x_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  ASSERT_OK_AND_ASSIGN(const std::string x, base::SpkiDer(x_key.get()));
  EXPECT_THAT(DefaultScheme(x), HasReason("PUBLIC_KEY_UNREADABLE"));
}

// RFC 8032 7.1, TEST 3: key, message af82.
const char kEdSpki[] =
    "302a300506032b6570032100"
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
const char kEdSignature[] =
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

TEST(VerifyMessageSignature, TakesTheVectorOfRfc8032) {
  const std::string spki = *base::HexDecode(kEdSpki);
  const std::string signature = *base::HexDecode(kEdSignature);
  EXPECT_OK(VerifyMessageSignature(signature, "\xaf\x82", spki));
  EXPECT_THAT(VerifyMessageSignature(signature, "\xaf\x83", spki),
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyMessageSignature("", "\xaf\x82", spki),
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(DefaultScheme(spki), IsOkAndHolds(SignatureScheme::kEd25519));
}

TEST(VerifyRawSignature, TakesNoDigestForAMessage) {
  EXPECT_THAT(
      VerifyRawSignature(*base::HexDecode(kEdSignature), Digest(),
                         HashAlgorithm::kSha256, SignatureScheme::kEd25519,
                         *base::HexDecode(kEdSpki)),
      HasReason("SIGNATURE_INVALID"));
}

std::string SignMessage(EVP_PKEY* key, const std::string& message) {
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key);
  std::string signature(64, '\0');
  size_t size = signature.size();
  EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(signature.data()),
                 &size, reinterpret_cast<const unsigned char*>(message.data()),
                 message.size());
  return signature;
}

TEST(DetachedSignature, VerifiesAMessage) {
  const TestChain& chain = SharedChain();
  const base::EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CertificateSpec spec;
  spec.common_name = "release";
  spec.extended_key_usage = "codeSigning";
  const std::string leaf = MakeCertificate(spec, key.get(), &chain.intermediate,
                                           chain.intermediate_key.get());
  const DetachedSignature made = {SignatureScheme::kEd25519,
                                  SignMessage(key.get(), "hello"),
                                  {leaf, chain.intermediate}};
  ASSERT_OK_AND_ASSIGN(const DetachedSignature read,
                       ParseDetachedSignature(FormatDetachedSignature(made)));
  EXPECT_EQ(read.scheme, SignatureScheme::kEd25519);
  EXPECT_OK(VerifyDetachedMessage(read, "hello", {chain.root}, TestNow()));
  EXPECT_THAT(VerifyDetachedMessage(read, "hallo", {chain.root}, TestNow()),
              HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyDetachedMessage(read, "hello", {leaf}, TestNow()),
              HasReason("CERTIFICATE_UNTRUSTED"));
  EXPECT_THAT(VerifyDetachedMessage({}, "hello", {chain.root}, TestNow()),
              HasReason("CERTIFICATE_UNTRUSTED"));
}

}  // namespace
}  // namespace countersign::client
