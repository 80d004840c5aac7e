#include "auth/token_algorithm.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace countersign::auth {
namespace {

using base::SignatureScheme;

struct Row {
  TokenAlgorithm algorithm;
  const char* name;
  SignatureScheme scheme;
  const char* hash;
};

constexpr Row kRows[] = {
    {TokenAlgorithm::kRs256, "RS256", SignatureScheme::kRsaPkcs1, "SHA256"},
    {TokenAlgorithm::kRs384, "RS384", SignatureScheme::kRsaPkcs1, "SHA384"},
    {TokenAlgorithm::kRs512, "RS512", SignatureScheme::kRsaPkcs1, "SHA512"},
    {TokenAlgorithm::kPs256, "PS256", SignatureScheme::kRsaPss, "SHA256"},
    {TokenAlgorithm::kPs384, "PS384", SignatureScheme::kRsaPss, "SHA384"},
    {TokenAlgorithm::kPs512, "PS512", SignatureScheme::kRsaPss, "SHA512"},
    {TokenAlgorithm::kEs256, "ES256", SignatureScheme::kEcdsa, "SHA256"},
    {TokenAlgorithm::kEs384, "ES384", SignatureScheme::kEcdsa, "SHA384"},
    {TokenAlgorithm::kEs512, "ES512", SignatureScheme::kEcdsa, "SHA512"},
    {TokenAlgorithm::kEdDsa, "EdDSA", SignatureScheme::kEd25519, ""},
};

// Rows are in the order of the enum.
const Row& RowOf(TokenAlgorithm algorithm) {
  return kRows[static_cast<size_t>(algorithm)];
}

}  // namespace

absl::string_view ToString(TokenAlgorithm algorithm) {
  return RowOf(algorithm).name;
}

std::optional<TokenAlgorithm> ParseTokenAlgorithm(absl::string_view text) {
  const Row* row =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [text](const Row& r) { return r.name == text; });
  if (row == std::end(kRows)) return std::nullopt;
  return row->algorithm;
}

std::vector<TokenAlgorithm> AllTokenAlgorithms() {
  std::vector<TokenAlgorithm> all;
  for (const Row& row : kRows) all.push_back(row.algorithm);
  return all;
}

SignatureScheme SchemeOf(TokenAlgorithm algorithm) {
  return RowOf(algorithm).scheme;
}

std::string HashOf(TokenAlgorithm algorithm) { return RowOf(algorithm).hash; }

}  // namespace countersign::auth
