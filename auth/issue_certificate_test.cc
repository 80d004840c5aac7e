#include "auth/issue_certificate.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/testing_ca.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "base/x509_octets.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kUrl[] = "http://crl.example.org/crl/issuing.crl";

std::string Text(const BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(const_cast<BIO*>(bio), &text);
  return std::string(text, static_cast<size_t>(size));
}

// As `openssl x509 -text`.
std::string Print(const std::string& der) {
  const auto x509 = base::ParseCertificateDer(der);
  EXPECT_OK(x509);
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  X509_print_ex(bio.get(), x509->get(), XN_FLAG_RFC2253, 0);
  return Text(bio.get());
}

// An authority below a root, with any key; its key signs where a token would.
class IssueCertificateTest : public testing::TestWithParam<const char*> {
 protected:
  static CertificateSpec Spec(const char* key_type) {
    CertificateSpec spec = CaSpec("Issuing");
    spec.key_type = key_type;
    spec.path_length = 0;
    return spec;
  }
  static CertificateSpec StrictRoot() {
    CertificateSpec spec = CaSpec("Root");
    spec.key_type = "P-384";
    return spec;
  }

  IssueCertificateTest()
      : root_(TestingCertificate::SelfSigned(StrictRoot())),
        own_(root_.Issue(Spec(GetParam()))),
        leaf_key_(TestingCertificate::SelfSigned(CertificateSpec())) {
    auto ca = ReadIssuingCa(own_.pem() + root_.pem(), kNow);
    EXPECT_OK(ca);
    ca_ = *std::move(ca);
    ca_.name = "issuing";
    ca_.crl_url = kUrl;
    profile_.id = "code";
    profile_.subject = "CN={common_name},OU={product}/{operation},O=Example";
    order_.common_name = "Router firmware";
    order_.operation = {{"router"}, "detached"};
    order_.spki = leaf_key_.spki();
    order_.serial = std::string(20, '\xff');
    order_.now = kNow;
  }

  // What the token would answer.
  std::string Sign(const std::string& digest) {
    const std::string pem = own_.key_pem();
    const base::BioPtr bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const base::EvpPkeyPtr key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    const base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key.get(), nullptr));
    const char* hash = ca_.hash == core::HashAlgorithm::kSha256   ? "SHA256"
                       : ca_.hash == core::HashAlgorithm::kSha384 ? "SHA384"
                                                                  : "SHA512";
    EXPECT_EQ(EVP_PKEY_sign_init(ctx.get()), 1);
    EXPECT_GT(
        EVP_PKEY_CTX_set_signature_md(ctx.get(), EVP_get_digestbyname(hash)),
        0);
    std::string signature(1024, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_PKEY_sign(
                  ctx.get(), reinterpret_cast<unsigned char*>(&signature[0]),
                  &size, reinterpret_cast<const unsigned char*>(digest.data()),
                  digest.size()),
              1);
    signature.resize(size);
    return signature;
  }
  absl::StatusOr<core::CertificateChain> Issue() {
    auto made = MakeCertificate(ca_, profile_, order_);
    if (!made.ok()) return made.status();
    return AssembleCertificate(ca_, made->tbs, Sign(made->digest));
  }
  std::string Crl(const std::vector<RevokedCertificate>& revoked,
                  int64_t number = 1) {
    const auto made =
        MakeCrl(ca_, revoked, number, kNow, kNow + absl::Hours(24));
    EXPECT_OK(made);
    const auto crl = AssembleCrl(ca_, made->tbs, Sign(made->digest));
    EXPECT_OK(crl);
    return *crl;
  }
  // The code of `openssl verify -x509_strict -crl_check -purpose codesign`,
  // with the root as anchor.
  int Verify(const core::CertificateChain& chain, const std::string& crl) {
    const base::X509StorePtr store(X509_STORE_new());
    const base::X509StoreCtxPtr ctx(X509_STORE_CTX_new());
    const base::X509StackPtr others(sk_X509_new_null());
    const auto add = [&](const std::string& der, bool trusted) {
      const auto x509 = base::ParseCertificateDer(der);
      if (trusted) {
        X509_STORE_add_cert(store.get(), x509->get());
      } else {
        X509_add_cert(others.get(), x509->get(), X509_ADD_FLAG_UP_REF);
      }
    };
    add(root_.der(), true);
    for (const std::string& der : chain.certificates) add(der, false);
    const auto list = base::ParseCrlDer(crl);
    X509_STORE_add_crl(store.get(), list->get());
    const auto leaf = base::ParseCertificateDer(chain.certificates[0]);
    X509_STORE_CTX_init(ctx.get(), store.get(), leaf->get(), others.get());
    X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(ctx.get());
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT |
                                           X509_V_FLAG_CRL_CHECK |
                                           X509_V_FLAG_CHECK_SS_SIGNATURE);
    // Code signing has no purpose of its own in OpenSSL 3.0.
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
    X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(kNow));
    X509_verify_cert(ctx.get());
    ERR_clear_error();
    return X509_STORE_CTX_get_error(ctx.get());
  }

  TestingCertificate root_;
  TestingCertificate own_;
  TestingCertificate leaf_key_;
  core::IssuingCa ca_;
  core::CertificateProfile profile_;
  CertificateOrder order_;
};

TEST_P(IssueCertificateTest, PassesStrictVerificationUntilItIsRevoked) {
  ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain, Issue());
  ASSERT_EQ(chain.certificates.size(), 2u);  // no root
  EXPECT_EQ(chain.certificates[1], own_.der());
  EXPECT_EQ(Verify(chain, Crl({})), X509_V_OK);
  const std::string serial = "\x7f" + std::string(19, '\xff');
  const std::string other = "\x7e" + std::string(19, '\xff');
  EXPECT_EQ(Verify(chain, Crl({{other, kNow}})), X509_V_OK);
  EXPECT_EQ(
      Verify(chain,
             Crl({{other, kNow},
                  {serial, kNow, core::RevocationReason::kKeyCompromise}})),
      X509_V_ERR_CERT_REVOKED);
}

INSTANTIATE_TEST_SUITE_P(Keys, IssueCertificateTest,
                         testing::Values("RSA2048", "P-256", "P-384", "P-521"));

class IssuedTest : public IssueCertificateTest {};
INSTANTIATE_TEST_SUITE_P(One, IssuedTest, testing::Values("P-256"));

TEST_P(IssuedTest, SaysWhatTheProfileSays) {
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate made,
                       MakeCertificate(ca_, profile_, order_));
  EXPECT_EQ(made.subject, "CN=Router firmware,OU=router/detached,O=Example");
  EXPECT_EQ(made.not_before, kNow - absl::Minutes(5));
  EXPECT_EQ(made.not_after, kNow + absl::Hours(24 * 365));
  EXPECT_EQ(made.digest, base::Sha256(made.tbs));
  ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain, Issue());
  EXPECT_EQ(chain.not_after, made.not_after);
  const std::string text = Print(chain.certificates[0]);
  for (const char* part :
       {"Version: 3", "Signature Algorithm: ecdsa-with-SHA256",
        "Issuer: CN=Issuing,O=Example",
        "Subject: CN=Router firmware,OU=router/detached,O=Example",
        "Not Before: Dec 31 23:55:00 2025 GMT",
        "Not After : Jan  1 00:00:00 2027 GMT", "X509v3 Key Usage: critical",
        "Digital Signature\n", "Code Signing\n",
        "X509v3 Basic Constraints: critical", "CA:FALSE",
        "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
        kUrl}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_P(IssuedTest, HasNoDistributionPointWithoutAnAddress) {
  ca_.crl_url.clear();
  ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain, Issue());
  EXPECT_THAT(Print(chain.certificates[0]),
              testing::Not(HasSubstr("Distribution")));
}

TEST_P(IssuedTest, HasASerialNumberOfTwentyPositiveOctets) {
  for (const auto& [random, want] :
       {std::pair(std::string(20, '\xff'), "7f" + std::string(38, 'f')),
        std::pair(std::string(20, '\0'), "40" + std::string(38, '0'))}) {
    order_.serial = random;
    ASSERT_OK_AND_ASSIGN(const UnsignedCertificate made,
                         MakeCertificate(ca_, profile_, order_));
    EXPECT_EQ(base::HexEncode(made.serial), want);
    ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain, Issue());
    ASSERT_OK_AND_ASSIGN(const base::X509Ptr x509,
                         base::ParseCertificateDer(chain.certificates[0]));
    const ASN1_INTEGER* serial = X509_get0_serialNumber(x509.get());
    EXPECT_EQ(ASN1_STRING_type(serial), V_ASN1_INTEGER);
    EXPECT_EQ(base::HexEncode(absl::string_view(
                  reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                  static_cast<size_t>(ASN1_STRING_length(serial)))),
              want);
  }
  order_.serial = "short";
  EXPECT_THAT(MakeCertificate(ca_, profile_, order_),
              StatusIs(absl::StatusCode::kInternal, testing::_));
}

TEST_P(IssuedTest, LetsNoValueMakeAnAttribute) {
  order_.common_name = "a,O=Evil+OU=Evil";
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate made,
                       MakeCertificate(ca_, profile_, order_));
  EXPECT_EQ(made.subject,
            "CN=a\\,O=Evil\\+OU=Evil,OU=router/detached,O=Example");
  order_.common_name = std::string(65, 'a');
  EXPECT_THAT(MakeCertificate(ca_, profile_, order_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("CN has 1 to 64")));
  order_.common_name = "a";
  profile_.subject = "CN={something}";
  EXPECT_THAT(
      MakeCertificate(ca_, profile_, order_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("{something}")));
}

TEST_P(IssuedTest, IsValidWithinTheAuthoritysOwnTime) {
  profile_.validity = absl::Hours(24 * 365 * 20);
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate made,
                       MakeCertificate(ca_, profile_, order_));
  EXPECT_EQ(made.not_after, ca_.not_after);
  const CertificateSpec spec;  // the same dates
  order_.now = spec.not_before + absl::Seconds(1);
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate early,
                       MakeCertificate(ca_, profile_, order_));
  EXPECT_EQ(early.not_before, spec.not_before);
  order_.now = spec.not_before - absl::Seconds(1);
  EXPECT_THAT(MakeCertificate(ca_, profile_, order_),
              HasReason("ISSUING_CA_NOT_YET_VALID"));
  order_.now = spec.not_after;
  EXPECT_THAT(MakeCertificate(ca_, profile_, order_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("\"issuing\" has ended")));
  EXPECT_THAT(MakeCertificate(ca_, profile_, order_),
              HasReason("ISSUING_CA_EXPIRED"));
}

TEST_P(IssuedTest, GoesOutOnlyWithTheAuthoritysSignature) {
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate made,
                       MakeCertificate(ca_, profile_, order_));
  std::string changed = made.tbs;
  changed.back() ^= 1;
  EXPECT_OK(AssembleCertificate(ca_, made.tbs, Sign(made.digest)));
  for (const auto& [tbs, signature] :
       {std::pair(made.tbs, Sign(base::Sha256("other"))),
        std::pair(made.tbs, std::string()),
        std::pair(changed, Sign(made.digest)),
        std::pair(std::string("tbs"), Sign(made.digest))}) {
    EXPECT_THAT(AssembleCertificate(ca_, tbs, signature),
                StatusIs(absl::StatusCode::kInternal, testing::_));
    EXPECT_THAT(AssembleCrl(ca_, tbs, signature),
                StatusIs(absl::StatusCode::kInternal, testing::_));
  }
  // Signed by its key, but with another issuer's name.
  core::IssuingCa other = ca_;
  other.certificates = {root_.der()};
  ASSERT_OK_AND_ASSIGN(const UnsignedCertificate foreign,
                       MakeCertificate(other, profile_, order_));
  EXPECT_THAT(AssembleCertificate(ca_, foreign.tbs, Sign(foreign.digest)),
              StatusIs(absl::StatusCode::kInternal, testing::_));
}

TEST_P(IssuedTest, CrlSaysWhatRfc5280Wants) {
  const std::string der = Crl(
      {{"\x41", kNow - absl::Hours(1), core::RevocationReason::kKeyCompromise},
       {"\x42", kNow, core::RevocationReason::kUnspecified},
       {"\x43", kNow, core::RevocationReason::kAffiliationChanged},
       {"\x44", kNow, core::RevocationReason::kSuperseded},
       {"\x45", kNow, core::RevocationReason::kCessationOfOperation}},
      1767225600000000);
  ASSERT_OK_AND_ASSIGN(const base::X509CrlPtr crl, base::ParseCrlDer(der));
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  X509_CRL_print_ex(bio.get(), crl.get(), XN_FLAG_RFC2253);
  const std::string text = Text(bio.get());
  for (const char* part :
       {"Version 2", "Issuer: CN=Issuing,O=Example",
        "Last Update: Jan  1 00:00:00 2026 GMT",
        "Next Update: Jan  2 00:00:00 2026 GMT",
        "X509v3 Authority Key Identifier", "1767225600000000",
        "Serial Number: 41\n        Revocation Date: Dec 31 23:00:00 2025 GMT",
        "Key Compromise", "Affiliation Changed", "Superseded",
        "Cessation Of Operation"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, testing::Not(HasSubstr("Unspecified")));
  EXPECT_THAT(MakeCrl(ca_, {}, 1, kNow, kNow),
              StatusIs(absl::StatusCode::kInternal, testing::_));
}

// As a self-signed authority would: the certificate goes out alone.
TEST_P(IssuedTest, OfASelfSignedAuthorityStandsAlone) {
  own_ = TestingCertificate::SelfSigned(Spec("P-256"));
  ASSERT_OK_AND_ASSIGN(ca_, ReadIssuingCa(own_.pem(), kNow));
  root_ = own_;
  ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain, Issue());
  EXPECT_EQ(chain.certificates.size(), 1u);
  EXPECT_EQ(Verify(chain, Crl({})), X509_V_OK);
}

}  // namespace
}  // namespace countersign::auth
