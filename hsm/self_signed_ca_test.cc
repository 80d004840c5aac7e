#include "hsm/self_signed_ca.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using base::StatusIs;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

class SelfSignedCaTest : public testing::TestWithParam<const char*> {
 protected:
  SelfSignedCaTest()
      : key_(GetParam() == std::string("RSA") ? EVP_RSA_gen(2048)
             : GetParam() == std::string("ED25519")
                 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                 : EVP_EC_gen(GetParam())) {
    const auto spki = base::SpkiDer(key_.get());
    EXPECT_OK(spki);
    ca_ = {*spki, "CN=Root,O=Example",           std::string(20, '\xff'),
           kNow,  kNow + absl::Hours(24 * 3650), 0};
  }

  // What the token would answer.
  std::string Sign(const std::string& octets) {
    const char* hash = GetParam() == std::string("P-384")     ? "SHA384"
                       : GetParam() == std::string("ED25519") ? nullptr
                                                              : "SHA256";
    const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
    std::string signature(512, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit_ex(ctx.get(), nullptr, hash, nullptr, nullptr,
                                    key_.get(), nullptr),
              1);
    EXPECT_EQ(EVP_DigestSign(
                  ctx.get(), reinterpret_cast<unsigned char*>(&signature[0]),
                  &size, reinterpret_cast<const unsigned char*>(octets.data()),
                  octets.size()),
              1);
    signature.resize(size);
    return signature;
  }

  base::EvpPkeyPtr key_;
  SelfSignedCa ca_;
};

TEST_P(SelfSignedCaTest, PassesStrictVerificationAsARoot) {
  ASSERT_OK_AND_ASSIGN(const std::string tbs, SelfSignedToBeSigned(ca_));
  ASSERT_OK_AND_ASSIGN(const std::string der,
                       AssembleSelfSigned(ca_, tbs, Sign(tbs)));
  ASSERT_OK_AND_ASSIGN(const base::X509Ptr made,
                       base::ParseCertificateDer(der));
  const base::X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), made.get());
  const base::X509StoreCtxPtr ctx(X509_STORE_CTX_new());
  X509_STORE_CTX_init(ctx.get(), store.get(), made.get(), nullptr);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(ctx.get());
  X509_VERIFY_PARAM_set_flags(
      param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(kNow));
  EXPECT_EQ(X509_verify_cert(ctx.get()), 1)
      << X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx.get()));
  EXPECT_EQ(X509_get_pathlen(made.get()), 0);
  EXPECT_EQ(X509_get_key_usage(made.get()),
            static_cast<uint32_t>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_NE(X509_get0_subject_key_id(made.get()), nullptr);
  EXPECT_FALSE(AssembleSelfSigned(ca_, tbs, Sign(tbs + "x")).ok());
  EXPECT_FALSE(AssembleSelfSigned(ca_, tbs, "").ok());
}

INSTANTIATE_TEST_SUITE_P(Keys, SelfSignedCaTest,
                         testing::Values("RSA", "P-256", "P-384", "ED25519"));

class OneCaTest : public SelfSignedCaTest {};
INSTANTIATE_TEST_SUITE_P(One, OneCaTest, testing::Values("P-256"));

TEST_P(OneCaTest, NeedsANameAKeyAndAnEnd) {
  SelfSignedCa bad = ca_;
  bad.subject = "O=Example";
  EXPECT_THAT(SelfSignedToBeSigned(bad),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CN")));
  bad = ca_;
  bad.spki = "no key";
  EXPECT_FALSE(SelfSignedToBeSigned(bad).ok());
  bad = ca_;
  bad.not_after = bad.not_before;
  EXPECT_FALSE(SelfSignedToBeSigned(bad).ok());
  bad = ca_;
  bad.serial.clear();
  EXPECT_FALSE(SelfSignedToBeSigned(bad).ok());
}

TEST_P(OneCaTest, SaysNoPathLengthWhereNoneIsGiven) {
  ca_.path_length.reset();
  ASSERT_OK_AND_ASSIGN(const std::string tbs, SelfSignedToBeSigned(ca_));
  ASSERT_OK_AND_ASSIGN(const std::string der,
                       AssembleSelfSigned(ca_, tbs, Sign(tbs)));
  ASSERT_OK_AND_ASSIGN(const base::X509Ptr made,
                       base::ParseCertificateDer(der));
  EXPECT_EQ(X509_get_pathlen(made.get()), -1);
}

}  // namespace
}  // namespace countersign::hsm
