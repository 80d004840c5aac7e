#include "client/plugins/kms_message.h"

#include <sstream>
#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

absl::StatusOr<KmsMessage> Read(const std::string& text,
                                const std::optional<std::string>& digest) {
  std::istringstream in(text);
  return ReadMessage(in, HashAlgorithm::kSha256, digest);
}

TEST(KmsMessageTest, HashesWhatComes) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{262144},
                            size_t{262145}, size_t{1 << 20}}) {
    const std::string text(size, 'x');
    ASSERT_OK_AND_ASSIGN(const KmsMessage got, Read(text, std::nullopt));
    EXPECT_EQ(got.digest, HashOctets(HashAlgorithm::kSha256, text));
    EXPECT_EQ(got.size, size);
    EXPECT_EQ(got.kept, text);
  }
}

TEST(KmsMessageTest, KeepsNothingOfALongMessage) {
  const std::string text((1 << 20) + 1, 'x');
  ASSERT_OK_AND_ASSIGN(const KmsMessage got, Read(text, std::nullopt));
  EXPECT_EQ(got.digest, HashOctets(HashAlgorithm::kSha256, text));
  EXPECT_EQ(got.size, text.size());
  EXPECT_EQ(got.kept, "");
}

TEST(KmsMessageTest, ComparesTheDigestWithTheMessage) {
  const std::string digest = HashOctets(HashAlgorithm::kSha256, "message");
  EXPECT_OK(Read("message", digest));
  EXPECT_THAT(Read("massage", digest), HasReason("DIGEST_MISMATCH"));
}

TEST(KmsMessageTest, BelievesACallerThatSendsTheDigestOnly) {
  const std::string digest(32, 'd');
  ASSERT_OK_AND_ASSIGN(const KmsMessage got, Read("", digest));
  EXPECT_EQ(got.digest, digest);
  EXPECT_EQ(got.size, 0u);
}

TEST(KmsMessageTest, SaysThatItCouldNotBeRead) {
  std::istringstream in("x");
  in.setstate(std::ios::badbit);
  EXPECT_THAT(ReadMessage(in, HashAlgorithm::kSha256, std::nullopt),
              HasReason("MESSAGE_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
