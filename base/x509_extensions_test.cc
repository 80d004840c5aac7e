#include "base/x509_extensions.h"

#include <string>

#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

// As OpenSSL reads and prints it: "X509v3 Key Usage: critical\nText".
std::string Print(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509_EXTENSION* extension =
      d2i_X509_EXTENSION(nullptr, &at, static_cast<long>(der.size()));
  if (extension == nullptr) return "unreadable";
  const BioPtr bio(BIO_new(BIO_s_mem()));
  i2a_ASN1_OBJECT(bio.get(), X509_EXTENSION_get_object(extension));
  BIO_puts(bio.get(),
           X509_EXTENSION_get_critical(extension) != 0 ? " critical: " : ": ");
  if (X509V3_EXT_print(bio.get(), extension, X509V3_EXT_ERROR_UNKNOWN, 0) !=
      1) {
    BIO_puts(bio.get(), "unprintable");
  }
  X509_EXTENSION_free(extension);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

std::string PrintAll(const std::vector<std::string>& extensions) {
  return absl::StrJoin(extensions, "\n",
                       [](std::string* out, const std::string& one) {
                         out->append(Print(one));
                       });
}

TEST(X509ExtensionsTest, OpensslReadsACodeSigners) {
  EXPECT_EQ(PrintAll(CodeSigningExtensions()),
            "X509v3 Basic Constraints critical: CA:FALSE\n"
            "X509v3 Key Usage critical: Digital Signature\n"
            "X509v3 Extended Key Usage: Code Signing");
}

TEST(X509ExtensionsTest, OpensslReadsACas) {
  EXPECT_EQ(PrintAll(CaExtensions(std::nullopt)),
            "X509v3 Basic Constraints critical: CA:TRUE\n"
            "X509v3 Key Usage critical: Certificate Sign, CRL Sign");
  EXPECT_THAT(PrintAll(CaExtensions(0)), HasSubstr("CA:TRUE, pathlen:0\n"));
  EXPECT_THAT(PrintAll(CaExtensions(300)), HasSubstr("pathlen:300\n"));
}

TEST(X509ExtensionsTest, OpensslReadsIdentifiersAndPlaces) {
  const std::string identifier = std::string(18, '\0') + "\x01\xff";
  EXPECT_EQ(Print(SubjectKeyIdentifier(identifier)),
            "X509v3 Subject Key Identifier: "
            "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01:FF");
  EXPECT_THAT(Print(AuthorityKeyIdentifier(identifier)),
              HasSubstr("X509v3 Authority Key Identifier: 00:00:"));
  EXPECT_THAT(Print(CrlDistributionPoint("http://example.org/crl/x.crl")),
              HasSubstr("URI:http://example.org/crl/x.crl"));
}

TEST(X509ExtensionsTest, OpensslReadsACrls) {
  EXPECT_EQ(Print(CrlNumber(0)), "X509v3 CRL Number: 0");
  EXPECT_THAT(Print(CrlNumber(1767225600000000)),
              HasSubstr("1767225600000000"));
  EXPECT_EQ(Print(CrlReason(1)), "X509v3 CRL Reason Code: Key Compromise");
  EXPECT_EQ(Print(CrlReason(4)), "X509v3 CRL Reason Code: Superseded");
}

// By another tool: the 65 octets of the point, sha256sum | cut -c1-40.
TEST(X509ExtensionsTest, IdentifiesAKeyByItsBits) {
  ASSERT_OK_AND_ASSIGN(
      const std::string spki,
      Base64Decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8n"
                   "cDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBo"
                   "N79R9Q=="));
  ASSERT_OK_AND_ASSIGN(const std::string identifier, KeyIdentifier(spki));
  EXPECT_EQ(HexEncode(identifier), "698bea63dc44a344663ff1429aea10842df27b6b");
  EXPECT_FALSE(KeyIdentifier("no key").ok());
}

}  // namespace
}  // namespace countersign::base
