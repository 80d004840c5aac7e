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
    return VerifySignature(*input, digest, HashAlgorithm::kSha256, trust_);
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
