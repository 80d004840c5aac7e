#include "core/algorithm_identifier.h"

#include <string>

#include "base/openssl.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

struct Row {
  const char* name;
  SignatureAlgorithm algorithm;
  HashAlgorithm hash;
  int nid;
  int parameter;  // V_ASN1_UNDEF: absent
};

class AlgorithmIdentifierTest : public testing::TestWithParam<Row> {};

TEST_P(AlgorithmIdentifierTest, IsWhatOpensslCallsIt) {
  const std::string der =
      AlgorithmIdentifier(GetParam().algorithm, GetParam().hash);
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509_ALGOR* read =
      d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_NE(read, nullptr);
  const ASN1_OBJECT* object = nullptr;
  int parameter = 0;
  X509_ALGOR_get0(&object, &parameter, nullptr, read);
  EXPECT_EQ(OBJ_obj2nid(object), GetParam().nid);
  EXPECT_EQ(parameter, GetParam().parameter);
  X509_ALGOR_free(read);
}

INSTANTIATE_TEST_SUITE_P(
    All, AlgorithmIdentifierTest,
    testing::Values(
        Row{"Rsa256", SignatureAlgorithm::kRsassaPkcs1V15,
            HashAlgorithm::kSha256, NID_sha256WithRSAEncryption, V_ASN1_NULL},
        Row{"Rsa384", SignatureAlgorithm::kRsassaPkcs1V15,
            HashAlgorithm::kSha384, NID_sha384WithRSAEncryption, V_ASN1_NULL},
        Row{"Rsa512", SignatureAlgorithm::kRsassaPkcs1V15,
            HashAlgorithm::kSha512, NID_sha512WithRSAEncryption, V_ASN1_NULL},
        Row{"Pss256", SignatureAlgorithm::kRsassaPss, HashAlgorithm::kSha256,
            NID_rsassaPss, V_ASN1_SEQUENCE},
        Row{"Ecdsa256", SignatureAlgorithm::kEcdsa, HashAlgorithm::kSha256,
            NID_ecdsa_with_SHA256, V_ASN1_UNDEF},
        Row{"Ecdsa384", SignatureAlgorithm::kEcdsa, HashAlgorithm::kSha384,
            NID_ecdsa_with_SHA384, V_ASN1_UNDEF},
        Row{"Ecdsa512", SignatureAlgorithm::kEcdsa, HashAlgorithm::kSha512,
            NID_ecdsa_with_SHA512, V_ASN1_UNDEF},
        Row{"Ed25519", SignatureAlgorithm::kEd25519, HashAlgorithm::kUnhashed,
            NID_ED25519, V_ASN1_UNDEF}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::core
