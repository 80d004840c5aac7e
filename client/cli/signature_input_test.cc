#include "client/cli/signature_input.h"

#include <string>

#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

const std::string kOctets = base::Sha256("hello");

// A P-256 key and its signature over kOctets.
class SignatureInputTest : public testing::Test {
 protected:
  SignatureInputTest() : key_(EVP_EC_gen("P-256")) {
    trust_.public_key_pem = base::SpkiPem(*base::SpkiDer(key_.get()));
    trust_.now = absl::FromUnixSeconds(1767225600);
    const base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key_.get(), nullptr));
    EVP_PKEY_sign_init(ctx.get());
    size_t size = 256;
    signature_.resize(size);
    EVP_PKEY_sign(
        ctx.get(), reinterpret_cast<unsigned char*>(signature_.data()), &size,
        reinterpret_cast<const unsigned char*>(kOctets.data()), kOctets.size());
    signature_.resize(size);
  }

  absl::StatusOr<std::string> Verify(const std::string& text,
                                     const std::string& digest = kOctets) {
    const auto input = ReadSignature(text);
    if (!input.ok()) return input.status();
    return VerifySignature(*input, {digest}, trust_);
  }

  base::EvpPkeyPtr key_;
  std::string signature_;
  Trust trust_;
};

TEST_F(SignatureInputTest, TakesRawAndBase64) {
  EXPECT_OK(Verify(signature_));
  EXPECT_OK(Verify(base::Base64Encode(signature_)));
  EXPECT_OK(Verify(base::Base64Encode(signature_) + "\n"));
}

// r and s side by side, as the token makes them.
std::string FixedWidth(const std::string& der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const base::EcdsaSigPtr read(
      d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size())));
  std::string octets(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(octets.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), out + 32, 32);
  return octets;
}

TEST_F(SignatureInputTest, TakesFixedWidthToo) {
  std::string octets = FixedWidth(signature_);
  EXPECT_OK(Verify(octets));
  EXPECT_OK(Verify(base::Base64Encode(octets)));
  EXPECT_THAT(Verify(octets, base::Sha256("hallo")),
              HasReason("SIGNATURE_INVALID"));
  octets.back() ^= 1;
  EXPECT_THAT(Verify(octets), HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(Verify(octets.substr(1)), HasReason("SIGNATURE_INVALID"));
}

// RFC 8032 7.1, TEST 2: message 72.
class Ed25519InputTest : public testing::Test {
 protected:
  Ed25519InputTest() {
    trust_.public_key_pem = base::SpkiPem(*base::HexDecode(
        "302a300506032b6570032100"
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  }

  absl::StatusOr<std::string> Verify(const SignedContent& content) {
    const auto input = ReadSignature(*base::HexDecode(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
    return VerifySignature(*input, content, trust_);
  }

  Trust trust_;
};

TEST_F(Ed25519InputTest, TakesTheMessageAndNoOther) {
  EXPECT_OK(Verify({"\x72", HashAlgorithm::kSha256, true}));
  EXPECT_THAT(Verify({"\x73", HashAlgorithm::kSha256, true}),
              HasReason("SIGNATURE_INVALID"));
}

TEST_F(Ed25519InputTest, TakesNoDigest) {
  EXPECT_THAT(Verify({kOctets}), HasReason("DIGEST_NOT_POSSIBLE"));
}

TEST_F(Ed25519InputTest, IsToldByTheKeyUnlessSomebodySaysOtherwise) {
  EXPECT_THAT(SchemeToVerify({}, trust_),
              base::IsOkAndHolds(base::SignatureScheme::kEd25519));
  trust_.scheme = base::SignatureScheme::kEcdsa;
  EXPECT_THAT(SchemeToVerify({}, trust_),
              base::IsOkAndHolds(base::SignatureScheme::kEcdsa));
  SignatureInput pem;
  pem.names_algorithm = true;
  EXPECT_THAT(SchemeToVerify(pem, trust_),
              base::IsOkAndHolds(base::SignatureScheme::kRsaPkcs1));
}

TEST_F(SignatureInputTest, RefusesAnotherDigest) {
  EXPECT_THAT(Verify(signature_, base::Sha256("hallo")),
              HasReason("SIGNATURE_INVALID"));
}

TEST_F(SignatureInputTest, RefusesADamagedSignature) {
  signature_.back() ^= 1;
  EXPECT_THAT(Verify(signature_), HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(Verify("nonsense"), HasReason("SIGNATURE_INVALID"));
}

TEST_F(SignatureInputTest, RefusesAnEmptyOrBrokenFile) {
  EXPECT_THAT(Verify(""), HasReason("SIGNATURE_UNREADABLE"));
  EXPECT_THAT(Verify("-----BEGIN SIGNATURE-----\n"),
              base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(SignatureInputTest, RefusesWithoutAnythingToTrust) {
  trust_.public_key_pem.clear();
  EXPECT_THAT(Verify(signature_), HasReason("TRUST_MISSING"));
}

TEST_F(SignatureInputTest, DoesNotTraceABareSignatureToARoot) {
  trust_.roots_pem = "x";
  EXPECT_THAT(Verify(signature_), HasReason("CERTIFICATE_UNTRUSTED"));
}

}  // namespace
}  // namespace countersign::client
