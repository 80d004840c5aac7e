#include "client/oci/oci_digest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/oci/media_types.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(OciDigestTest, KnowsTwoAlgorithmsInLowerCase) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(IsOciDigest("sha256:" + hex));
  EXPECT_TRUE(IsOciDigest("sha512:" + hex + hex));
  for (const std::string& text :
       {std::string(), hex, "sha256:" + hex + "a", "sha256:" + hex.substr(1),
        "SHA256:" + hex, "sha256:" + std::string(64, 'A'), "sha512:" + hex,
        "sha384:" + hex, "sha256:" + std::string(64, '/'),
        "sha256:sha256:" + hex}) {
    EXPECT_FALSE(IsOciDigest(text)) << text;
  }
}

TEST(OciDigestTest, HashesAsTheSpecificationSays) {
  EXPECT_EQ(OciDigestOf(kOciEmptyBytes), kOciEmptyDigest);
  EXPECT_TRUE(HasOciDigest(kOciEmptyBytes, kOciEmptyDigest));
  EXPECT_FALSE(HasOciDigest("{ }", kOciEmptyDigest));
}

TEST(OciDigestTest, HashesInPiecesByTheAlgorithmOfTheDigest) {
  // FIPS 180-4, "abc".
  const std::string sha512 =
      "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
  DigestStream stream(sha512);
  stream.Update("a");
  stream.Update("bc");
  EXPECT_EQ(stream.Finish(), sha512);
}

}  // namespace
}  // namespace countersign::client
