#include "base/x509_octets.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "base/subject_name.h"
#include "base/x509_extensions.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

// ecdsa-with-SHA256 (RFC 5758 3.2).
constexpr absl::string_view kAlgorithm(
    "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d"
    "\x04\x03\x02",
    12);
constexpr char kNow[] = "2026-01-31T12:00:00Z";

absl::Time Time(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  return time;
}

class X509OctetsTest : public testing::Test {
 protected:
  std::string Sign(const std::string& octets) {
    const EvpMdCtxPtr ctx(EVP_MD_CTX_new());
    std::string signature(200, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", nullptr,
                                    nullptr, key_.get(), nullptr),
              1);
    EXPECT_EQ(EVP_DigestSign(
                  ctx.get(), reinterpret_cast<unsigned char*>(&signature[0]),
                  &size, reinterpret_cast<const unsigned char*>(octets.data()),
                  octets.size()),
              1);
    signature.resize(size);
    return signature;
  }
  std::string Signed(const std::string& octets) {
    return AttachSignature(octets, kAlgorithm, Sign(octets));
  }
  std::string Name(const std::string& text) {
    const auto name = ParseSubject(text);
    EXPECT_OK(name);
    const auto der = NameDer(name->get());
    EXPECT_OK(der);
    return *der;
  }

  const EvpPkeyPtr key_{EVP_EC_gen("P-256")};
};

TEST_F(X509OctetsTest, OpensslVerifiesACertificate) {
  ASSERT_OK_AND_ASSIGN(const std::string spki, SpkiDer(key_.get()));
  const absl::Time now = Time(kNow);
  const std::string tbs =
      TbsCertificate({std::string("\x80\x01", 2), std::string(kAlgorithm),
                      Name("CN=ca"), now, now + absl::Hours(24 * 365 * 30),
                      Name("CN=leaf"), spki, CodeSigningExtensions()});
  ASSERT_OK_AND_ASSIGN(const X509Ptr x509, ParseCertificateDer(Signed(tbs)));
  EXPECT_EQ(X509_verify(x509.get(), key_.get()), 1);
  EXPECT_EQ(X509_get_version(x509.get()), X509_VERSION_3);
  // Positive although its first bit is set.
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509.get());
  EXPECT_EQ(ASN1_STRING_type(serial), V_ASN1_INTEGER);
  EXPECT_EQ(ASN1_INTEGER_get(serial), 0x8001);
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notBefore(x509.get())), V_ASN1_UTCTIME);
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notAfter(x509.get())),
            V_ASN1_GENERALIZEDTIME);
  EXPECT_EQ(
      ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509.get()), absl::ToTimeT(now)),
      0);
  EXPECT_EQ(X509_get_key_usage(x509.get()),
            static_cast<uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(X509_get_extended_key_usage(x509.get()),
            static_cast<uint32_t>(XKU_CODE_SIGN));
}

TEST_F(X509OctetsTest, OpensslVerifiesACrl) {
  const absl::Time now = Time(kNow);
  CrlParts parts = {std::string(kAlgorithm),
                    Name("CN=ca"),
                    now,
                    now + absl::Hours(1),
                    {{"\x05", now, {CrlReason(1)}}, {"\x06", now, {}}},
                    {CrlNumber(7)}};
  ASSERT_OK_AND_ASSIGN(const X509CrlPtr crl,
                       ParseCrlDer(Signed(TbsCertList(parts))));
  EXPECT_EQ(X509_CRL_verify(crl.get(), key_.get()), 1);
  EXPECT_EQ(X509_CRL_get_version(crl.get()), X509_CRL_VERSION_2);
  EXPECT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get())), 2);
  parts.entries.clear();
  ASSERT_OK_AND_ASSIGN(const X509CrlPtr empty,
                       ParseCrlDer(Signed(TbsCertList(parts))));
  EXPECT_EQ(X509_CRL_verify(empty.get(), key_.get()), 1);
  EXPECT_EQ(X509_CRL_get_REVOKED(empty.get()), nullptr);
  EXPECT_FALSE(ParseCrlDer("no CRL").ok());
  EXPECT_FALSE(ParseCrlDer(Signed(TbsCertList(parts)) + "x").ok());
}

TEST_F(X509OctetsTest, OpensslVerifiesARequest) {
  ASSERT_OK_AND_ASSIGN(const std::string spki, SpkiDer(key_.get()));
  const std::string der = Signed(CertificationRequestInfo(
      Name("CN=a,O=b"), spki, CodeSigningExtensions()));
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const X509ReqPtr request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request.get(), key_.get()), 1);
  EXPECT_EQ(X509_REQ_get_version(request.get()), X509_REQ_VERSION_1);
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request.get());
  EXPECT_EQ(sk_X509_EXTENSION_num(extensions), 3);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

struct TimeCase {
  const char* name;
  const char* time;
  const char* want;
};

class DerTimeTest : public testing::TestWithParam<TimeCase> {};

TEST_P(DerTimeTest, IsWhatRfc5280Says) {
  const std::string der = DerTime(Time(GetParam().time));
  EXPECT_EQ(absl::StrCat(HexEncode(der.substr(0, 2)), " ", der.substr(2)),
            GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, DerTimeTest,
    testing::Values(
        TimeCase{"Utc", "2026-01-31T12:00:00Z", "170d 260131120000Z"},
        TimeCase{"FractionIsDropped", "2026-01-31T12:00:00.999Z",
                 "170d 260131120000Z"},
        TimeCase{"LastUtc", "2049-12-31T23:59:59Z", "170d 491231235959Z"},
        TimeCase{"FirstGeneralized", "2050-01-01T00:00:00Z",
                 "180f 20500101000000Z"},
        TimeCase{"Never", "9999-12-31T23:59:59Z", "180f 99991231235959Z"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::base
