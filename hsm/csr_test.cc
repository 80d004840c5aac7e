#include "hsm/csr.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/key_pair.h"
#include "hsm/mechanism.h"
#include "hsm/session_fixture.h"

namespace countersign::hsm {
namespace {

using core::HashAlgorithm;
using core::KeyType;
using core::SignatureAlgorithm;
using testing::HasSubstr;

class CsrTest : public SessionFixture {
 protected:
  struct MadeKey {
    core::KeyRef key;
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  };

  MadeKey MakeKey(KeyType type) {
    MadeKey made = {Key("csr", type), CK_INVALID_HANDLE};
    const auto pair = GenerateKeyPair(*session_, made.key);
    EXPECT_OK(pair);
    if (!pair.ok()) return made;
    made.handle = pair->private_key;
    const auto spki = ReadSpki(*session_, pair->public_key, made.key);
    EXPECT_OK(spki);
    if (spki.ok()) made.key.spki = *spki;
    return made;
  }

  absl::StatusOr<std::string> Sign(const MadeKey& made,
                                   const std::string& to_be_signed,
                                   SignatureAlgorithm algorithm,
                                   HashAlgorithm hash) {
    const Mechanism& mechanism = MechanismFor(algorithm, hash);
    const std::string input =
        hash == HashAlgorithm::kUnhashed
            ? to_be_signed
            : base::Digest(mechanism.openssl_hash, to_be_signed);
    ASSIGN_OR_RETURN(std::string raw,
                     session_->Sign(mechanism, made.handle, input));
    return EncodeSignature(made.key.type, std::move(raw));
  }
};

struct CsrCase {
  const char* name;
  KeyType type;
  SignatureAlgorithm algorithm;
  HashAlgorithm hash;
};

class EveryCsrTest : public CsrTest,
                     public testing::WithParamInterface<CsrCase> {};

TEST_P(EveryCsrTest, IsReadAndVerifiedByOpenssl) {
  const CsrCase& row = GetParam();
  const MadeKey made = MakeKey(row.type);
  ASSERT_OK_AND_ASSIGN(
      const std::string tbs,
      CsrToBeSigned(made.key.spki, "CN=Release signing,O=Example,C=DE"));
  ASSERT_OK_AND_ASSIGN(const std::string signature,
                       Sign(made, tbs, row.algorithm, row.hash));
  ASSERT_OK_AND_ASSIGN(const std::string pem,
                       AssembleCsr(tbs, row.algorithm, row.hash, signature));

  const base::BioPtr bio(BIO_new_mem_buf(pem.data(), pem.size()));
  const base::X509ReqPtr request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())),
            1);
  EXPECT_THAT(base::SpkiDer(X509_REQ_get0_pubkey(request.get())),
              base::IsOkAndHolds(made.key.spki));
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request.get()),
                            NID_commonName, name, sizeof name);
  EXPECT_STREQ(name, "Release signing");
  // RFC 2986 4.1: version 0; one attribute, of RFC 2985 5.4.2.
  EXPECT_EQ(X509_REQ_get_version(request.get()), 0);
  EXPECT_EQ(X509_REQ_get_attr_count(request.get()), 1);
  EXPECT_GE(
      X509_REQ_get_attr_by_NID(request.get(), NID_ext_req, /*lastpos=*/-1), 0);
}

constexpr auto kPkcs1 = SignatureAlgorithm::kRsassaPkcs1V15;
constexpr auto kPss = SignatureAlgorithm::kRsassaPss;
constexpr auto kEcdsa = SignatureAlgorithm::kEcdsa;
constexpr auto kEd25519 = SignatureAlgorithm::kEd25519;

INSTANTIATE_TEST_SUITE_P(
    All, EveryCsrTest,
    testing::Values(
        CsrCase{"Rsa2048", KeyType::kRsa2048, kPkcs1, HashAlgorithm::kSha256},
        CsrCase{"Rsa3072", KeyType::kRsa3072, kPkcs1, HashAlgorithm::kSha384},
        CsrCase{"Rsa4096", KeyType::kRsa4096, kPkcs1, HashAlgorithm::kSha512},
        CsrCase{"Pss256", KeyType::kRsa2048, kPss, HashAlgorithm::kSha256},
        CsrCase{"Pss384", KeyType::kRsa2048, kPss, HashAlgorithm::kSha384},
        CsrCase{"Pss512", KeyType::kRsa2048, kPss, HashAlgorithm::kSha512},
        CsrCase{"P256", KeyType::kEcP256, kEcdsa, HashAlgorithm::kSha256},
        CsrCase{"P384", KeyType::kEcP384, kEcdsa, HashAlgorithm::kSha384},
        CsrCase{"P521", KeyType::kEcP521, kEcdsa, HashAlgorithm::kSha512},
        CsrCase{"Ed25519", KeyType::kEd25519, kEd25519,
                HashAlgorithm::kUnhashed}),
    [](const auto& info) { return info.param.name; });

// As `openssl req -text` has it, from "Requested Extensions" on.
std::string Requested(const std::string& pem) {
  const base::BioPtr in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const base::X509ReqPtr request(
      PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr));
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  if (request == nullptr || X509_REQ_print(out.get(), request.get()) != 1) {
    return "";
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  const std::string all(text, static_cast<size_t>(size));
  return all.substr(std::min(all.size(), all.find("Requested Extensions")));
}

TEST_F(CsrTest, AsksForACodeSignersExtensionsOrACas) {
  const MadeKey made = MakeKey(KeyType::kEcP256);
  const auto text = [&](absl::StatusOr<std::string> tbs) {
    EXPECT_OK(tbs);
    const auto signature = Sign(made, *tbs, kEcdsa, HashAlgorithm::kSha256);
    EXPECT_OK(signature);
    const auto pem =
        AssembleCsr(*tbs, kEcdsa, HashAlgorithm::kSha256, *signature);
    EXPECT_OK(pem);
    return Requested(*pem);
  };
  EXPECT_THAT(
      text(CsrToBeSigned(made.key.spki, "CN=mine")),
      testing::AllOf(
          HasSubstr("Constraints: critical\n                    CA:FALSE"),
          HasSubstr("Digital Signature"), HasSubstr("Code Signing")));
  EXPECT_THAT(text(CaCsrToBeSigned(made.key.spki, "CN=mine", 0)),
              testing::AllOf(HasSubstr("CA:TRUE, pathlen:0"),
                             HasSubstr("Certificate Sign, CRL Sign"),
                             testing::Not(HasSubstr("Code Signing"))));
  EXPECT_THAT(text(CaCsrToBeSigned(made.key.spki, "CN=mine", std::nullopt)),
              testing::Not(HasSubstr("pathlen")));
}

TEST_F(CsrTest, TakesASubjectOfSeveralAttributes) {
  const MadeKey made = MakeKey(KeyType::kEcP256);
  EXPECT_OK(CsrToBeSigned(made.key.spki,
                          "CN=Release,serialNumber=17,OU=Build,O=Example,"
                          "L=Berlin,ST=Berlin,C=DE,"
                          "emailAddress=release@example.org"));
}

TEST_F(CsrTest, RefusesASignatureOverSomethingElse) {
  const MadeKey made = MakeKey(KeyType::kEcP256);
  ASSERT_OK_AND_ASSIGN(const std::string tbs,
                       CsrToBeSigned(made.key.spki, "CN=mine"));
  ASSERT_OK_AND_ASSIGN(const std::string other,
                       Sign(made, tbs + "x", kEcdsa, HashAlgorithm::kSha256));
  EXPECT_THAT(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, other),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("does not fit")));
  ASSERT_OK_AND_ASSIGN(const std::string good,
                       Sign(made, tbs, kEcdsa, HashAlgorithm::kSha256));
  EXPECT_OK(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, good));
  EXPECT_FALSE(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha384, good).ok());
  EXPECT_FALSE(AssembleCsr(tbs, kPkcs1, HashAlgorithm::kSha256, good).ok());
  EXPECT_FALSE(AssembleCsr(tbs, kEd25519, HashAlgorithm::kUnhashed, good).ok());
  EXPECT_FALSE(AssembleCsr(tbs, kEcdsa, HashAlgorithm::kSha256, "").ok());
  EXPECT_FALSE(AssembleCsr("", kEcdsa, HashAlgorithm::kSha256, good).ok());
}

TEST_F(CsrTest, RefusesABadSubjectAndABadKey) {
  const MadeKey made = MakeKey(KeyType::kEcP256);
  EXPECT_THAT(
      CsrToBeSigned(made.key.spki, "O=Example"),
      base::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CN")));
  EXPECT_FALSE(CsrToBeSigned("no key", "CN=a").ok());
}

// By bytes: CertificationRequestInfo, then SEQUENCE { OID 1.3.101.112 } without
// parameters (RFC 8410 3), then the signature.
TEST_F(CsrTest, NamesEd25519WithoutParameters) {
  const MadeKey made = MakeKey(KeyType::kEd25519);
  ASSERT_OK_AND_ASSIGN(const std::string tbs,
                       CsrToBeSigned(made.key.spki, "CN=mine"));
  ASSERT_OK_AND_ASSIGN(const std::string signature,
                       Sign(made, tbs, kEd25519, HashAlgorithm::kUnhashed));
  ASSERT_EQ(signature.size(), 64u);
  ASSERT_OK_AND_ASSIGN(
      const std::string pem,
      AssembleCsr(tbs, kEd25519, HashAlgorithm::kUnhashed, signature));
  ASSERT_OK_AND_ASSIGN(const auto blocks, base::ParsePem(pem));
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_THAT(blocks[0].contents,
              testing::EndsWith(absl::StrCat(
                  tbs, absl::string_view("\x30\x05\x06\x03\x2b\x65\x70", 7),
                  absl::string_view("\x03\x41\x00", 3), signature)));
}

TEST(AssembleCsrTest, RefusesAHashThatDoesNotGoWithTheAlgorithm) {
  for (const auto& [algorithm, hash] :
       {std::pair(kPkcs1, HashAlgorithm::kUnhashed),
        std::pair(kPss, HashAlgorithm::kUnhashed),
        std::pair(kEcdsa, HashAlgorithm::kUnhashed),
        std::pair(kEd25519, HashAlgorithm::kSha512)}) {
    EXPECT_THAT(AssembleCsr("tbs", algorithm, hash, "signature"),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("is not made over")));
  }
}

TEST(CsrAlgorithmTest, IsTheOneThatEveryCaTakes) {
  EXPECT_EQ(CsrAlgorithm(KeyType::kRsa4096), kPkcs1);
  EXPECT_EQ(CsrAlgorithm(KeyType::kEcP384), kEcdsa);
  EXPECT_EQ(CsrAlgorithm(KeyType::kEd25519), kEd25519);
}

}  // namespace
}  // namespace countersign::hsm
