#include "client/artifact/hash_algorithm.h"

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

struct Row {
  HashAlgorithm hash;
  const char* name;
  const char* older;
  size_t size;
};

TEST(HashAlgorithm, NamesAndSizesGoTogether) {
  const Row kRows[] = {
      {HashAlgorithm::kSha256, "SHA-256", "sha256", 32},
      {HashAlgorithm::kSha384, "SHA-384", "sha384", 48},
      {HashAlgorithm::kSha512, "SHA-512", "sha512", 64},
  };
  for (const Row& row : kRows) {
    EXPECT_THAT(ParseHashAlgorithm(row.name), base::IsOkAndHolds(row.hash));
    EXPECT_THAT(ParseHashAlgorithm(row.older), base::IsOkAndHolds(row.hash));
    EXPECT_STREQ(HashName(row.hash), row.name);
    EXPECT_EQ(HashSize(row.hash), row.size);
    EXPECT_EQ(HashOctets(row.hash, "abc").size(), row.size);
  }
  EXPECT_EQ(base::HexEncode(HashOctets(HashAlgorithm::kSha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashAlgorithm, RefusesWeakAndUnknownNames) {
  for (const char* name :
       {"", "SHA-1", "MD5", "SHA256", "Sha-256", "NO-DIGEST", "SHA-256 "}) {
    EXPECT_THAT(ParseHashAlgorithm(name), base::HasReason("HASH_UNKNOWN"))
        << name;
  }
}

}  // namespace
}  // namespace countersign::client
