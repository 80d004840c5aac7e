#include "auth/token_algorithm.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/signature_verifier.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::SignatureScheme;

struct AlgorithmCase {
  TokenAlgorithm algorithm;
  const char* name;
  SignatureScheme scheme;
  const char* hash;
};

class TokenAlgorithmTest : public testing::TestWithParam<AlgorithmCase> {};

TEST_P(TokenAlgorithmTest, HasNameSchemeAndHash) {
  const AlgorithmCase& c = GetParam();
  EXPECT_EQ(ToString(c.algorithm), c.name);
  EXPECT_EQ(ParseTokenAlgorithm(c.name), c.algorithm);
  EXPECT_EQ(SchemeOf(c.algorithm), c.scheme);
  EXPECT_EQ(HashOf(c.algorithm), c.hash);
}

// RFC 7518 3.1 and RFC 8037 3.1.
INSTANTIATE_TEST_SUITE_P(
    All, TokenAlgorithmTest,
    testing::Values(AlgorithmCase{TokenAlgorithm::kRs256, "RS256",
                                  SignatureScheme::kRsaPkcs1, "SHA256"},
                    AlgorithmCase{TokenAlgorithm::kRs384, "RS384",
                                  SignatureScheme::kRsaPkcs1, "SHA384"},
                    AlgorithmCase{TokenAlgorithm::kRs512, "RS512",
                                  SignatureScheme::kRsaPkcs1, "SHA512"},
                    AlgorithmCase{TokenAlgorithm::kPs256, "PS256",
                                  SignatureScheme::kRsaPss, "SHA256"},
                    AlgorithmCase{TokenAlgorithm::kPs384, "PS384",
                                  SignatureScheme::kRsaPss, "SHA384"},
                    AlgorithmCase{TokenAlgorithm::kPs512, "PS512",
                                  SignatureScheme::kRsaPss, "SHA512"},
                    AlgorithmCase{TokenAlgorithm::kEs256, "ES256",
                                  SignatureScheme::kEcdsa, "SHA256"},
                    AlgorithmCase{TokenAlgorithm::kEs384, "ES384",
                                  SignatureScheme::kEcdsa, "SHA384"},
                    AlgorithmCase{TokenAlgorithm::kEs512, "ES512",
                                  SignatureScheme::kEcdsa, "SHA512"},
                    AlgorithmCase{TokenAlgorithm::kEdDsa, "EdDSA",
                                  SignatureScheme::kEd25519, ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TokenAlgorithmListTest, IsInOrder) {
  const std::vector<TokenAlgorithm> all = AllTokenAlgorithms();
  ASSERT_EQ(all.size(), 10u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(all[i]), i);
  }
}

TEST(TokenAlgorithmListTest, HasNoOther) {
  for (const char* name :
       {"", "none", "None", "NONE", "HS256", "HS384", "HS512", "rs256",
        "RS256 ", "RS1", "ES256K", "Ed25519", "Ed448", "eddsa", "RSA-OAEP"}) {
    EXPECT_EQ(ParseTokenAlgorithm(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace countersign::auth
