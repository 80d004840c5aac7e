#include "base/openssl.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/encoding.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;
using testing::Not;

struct DigestCase {
  const char* name;
  const char* want;
};

class DigestTest : public testing::TestWithParam<DigestCase> {};

TEST_P(DigestTest, MatchesFips180) {
  const char* name = GetParam().name;
  EXPECT_EQ(HexEncode(Digest(name, "abc")), GetParam().want);
  StreamingDigest pieces(name);
  pieces.Update("a");
  pieces.Update("");
  pieces.Update("bc");
  EXPECT_EQ(HexEncode(pieces.Finish()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Abc, DigestTest,
    testing::Values(DigestCase{"SHA256",
                               "ba7816bf8f01cfea414140de5dae2223"
                               "b00361a396177a9cb410ff61f20015ad"},
                    DigestCase{"SHA384",
                               "cb00753f45a35e8bb5a03d699ac65007"
                               "272c32ab0eded1631a8b605a43ff5bed"
                               "8086072ba1e7cc2358baeca134c825a7"},
                    DigestCase{"SHA512",
                               "ddaf35a193617abacc417349ae204131"
                               "12e6fa4e89a97ea20a9eeee64b55d39a"
                               "2192992a274fc1a836ba3c23a3feebbd"
                               "454d4423643ce80e2a9ac94fa54ca49f"}),
    [](const auto& info) { return info.param.name; });

TEST(DigestTest, Sha256OfNothing) {
  EXPECT_EQ(HexEncode(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(StreamingDigest("SHA256").Finish(), Sha256(""));
}

TEST(DigestDeathTest, UnknownHashEndsTheProcess) {
  EXPECT_DEATH(Digest("SHA1", "abc"), "");
}

TEST(OpensslErrorTest, DrainsTheQueue) {
  ERR_clear_error();
  ERR_raise_data(ERR_LIB_EVP, EVP_R_BAD_DECRYPT, "first %d", 1);
  ERR_raise(ERR_LIB_EVP, EVP_R_INVALID_KEY_LENGTH);
  EXPECT_THAT(OpensslError(absl::StatusCode::kInternal, "context"),
              StatusIs(absl::StatusCode::kInternal,
                       "context: bad decrypt (first 1); invalid key length"));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(OpensslErrorTest, SaysTheContextWhereTheQueueIsEmpty) {
  ERR_clear_error();
  EXPECT_THAT(OpensslError(absl::StatusCode::kUnavailable, "context"),
              StatusIs(absl::StatusCode::kUnavailable, "context"));
}

// A key and a certificate of it, signed by itself.
class KeyTest : public testing::Test {
 protected:
  KeyTest() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509* c = certificate_.get();
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), 0);
    X509_gmtime_adj(X509_getm_notAfter(c), 3600);
    X509_set_pubkey(c, key_.get());
    EXPECT_GT(X509_sign(c, key_.get(), EVP_sha256()), 0);
  }

  std::string Spki() { return SpkiDer(key_.get()).value(); }
  std::string Certificate() {
    return CertificateDer(certificate_.get()).value();
  }

  EvpPkeyPtr key_;
  X509Ptr certificate_;
};

TEST_F(KeyTest, SpkiReadsBackAsTheSameKey) {
  ASSERT_OK_AND_ASSIGN(const EvpPkeyPtr key, ParseSpki(Spki()));
  EXPECT_EQ(EVP_PKEY_eq(key.get(), key_.get()), 1);
  EXPECT_THAT(SpkiDer(key.get()), IsOkAndHolds(Spki()));
}

TEST_F(KeyTest, RefusesDerThatIsNotOneKey) {
  const std::string spki = Spki();
  EXPECT_THAT(
      ParseSpki(spki + "x"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("octets after")));
  for (const std::string& bad :
       {std::string(), std::string("x"), spki.substr(0, spki.size() - 1),
        spki.substr(1), Certificate()}) {
    EXPECT_THAT(ParseSpki(bad), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("not a DER public key")));
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST_F(KeyTest, StaleErrorsAreNotReported) {
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  EXPECT_THAT(ParseSpki("x").status().message(), Not(HasSubstr("decrypt")));
}

TEST_F(KeyTest, SpkiPemIsWhatOpensslWrites) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PUBKEY(bio.get(), key_.get()), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  const std::string theirs(text, static_cast<size_t>(size));
  EXPECT_EQ(SpkiPem(Spki()), theirs);
  EXPECT_THAT(SpkiFromPem(theirs), IsOkAndHolds(Spki()));
}

TEST_F(KeyTest, TakesTheKeyOfTheFirstCertificate) {
  const std::string pem = FormatPem({"CERTIFICATE", {}, Certificate()});
  EXPECT_THAT(SpkiFromPem(pem), IsOkAndHolds(Spki()));
  const EvpPkeyPtr other(EVP_EC_gen("P-384"));
  EXPECT_THAT(SpkiFromPem(pem + SpkiPem(SpkiDer(other.get()).value())),
              IsOkAndHolds(Spki()));
}

TEST_F(KeyTest, RefusesPemWithoutAPublicKey) {
  const auto refused = HasCode(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(SpkiFromPem(""), refused);
  EXPECT_THAT(SpkiFromPem(FormatPem({"PRIVATE KEY", {}, "x"})), refused);
  EXPECT_THAT(SpkiFromPem(FormatPem({"PUBLIC KEY", {}, "x"})), refused);
  EXPECT_THAT(SpkiFromPem(FormatPem({"CERTIFICATE", {}, "x"})), refused);
  EXPECT_THAT(SpkiFromPem("-----BEGIN PUBLIC KEY-----\n"), refused);
}

TEST_F(KeyTest, CertificateReadsBack) {
  ASSERT_OK_AND_ASSIGN(const X509Ptr certificate,
                       ParseCertificateDer(Certificate()));
  EXPECT_EQ(X509_cmp(certificate.get(), certificate_.get()), 0);
  EXPECT_THAT(
      ParseCertificateDer(Certificate() + "x"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("octets after")));
  EXPECT_THAT(ParseCertificateDer(Spki()),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ConstantTimeEqualsTest, ComparesAllOctets) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_TRUE(ConstantTimeEquals(absl::string_view("a\0b", 3),
                                 absl::string_view("a\0b", 3)));
  EXPECT_FALSE(ConstantTimeEquals(absl::string_view("a\0b", 3),
                                  absl::string_view("a\0c", 3)));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "Abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
  EXPECT_FALSE(ConstantTimeEquals("", "a"));
  EXPECT_TRUE(ConstantTimeEquals(absl::string_view(), ""));
}

}  // namespace
}  // namespace countersign::base
