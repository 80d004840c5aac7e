#include "server/http/digest_body.h"

#include <string>

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/gunzip.h"

namespace countersign::server {
namespace {

using base::IsOkAndHolds;
using testing::HasSubstr;

const std::string kDigest(32, 'a');
constexpr char kHex[] =
    "6161616161616161616161616161616161616161616161616161616161616161";
// `gzip -n` of kDigest.
std::string Gzipped() {
  return *base::HexDecode("1f8b08000000000000034b4cc40f007717b1ca20000000");
}

HttpRequest Request(const std::string& content_encoding,
                    const std::string& content_type, const std::string& body) {
  HttpRequest request;
  request.content_encoding = content_encoding;
  request.content_type = content_type;
  request.body = body;
  return request;
}

TEST(ReadDigest, DecodesWhatTheFieldsSay) {
  const std::string base64 = base::Base64Encode(kDigest);
  const struct {
    const char* encoding;
    const char* type;
    std::string body;
  } kRows[] = {
      {"", "", kDigest},
      {"raw", "", kDigest},
      {"RAW", "application/octet-stream+hex", kDigest},
      {"identity", "", kDigest},
      {"hex", "", kHex},
      {"hex", "", std::string(kHex) + "\n"},
      {"base64", "", base64},
      {"base64", "text/plain", "  " + base64 + "\r\n"},
      {"gzip", "", Gzipped()},
      {"", "application/octet-stream", kDigest},
      {"", "application/x-www-form-urlencoded", kDigest},
      {"", "application/octet-stream+hex", kHex},
      {"", "application/octet-stream+HEX; charset=utf-8", kHex},
      {"", "application/octet-stream+base64", base64},
      {"", "application/a+b+hex", kHex},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(ReadDigest(Request(row.encoding, row.type, row.body),
                           core::HashAlgorithm::kSha256),
                IsOkAndHolds(kDigest))
        << row.encoding << " " << row.type;
  }
}

TEST(ReadDigest, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    const char* encoding;
    const char* type;
    std::string body;
    const char* says;
  } kRows[] = {
      {"br", "", kDigest, "use raw, hex, base64 or gzip"},
      {"", "application/vnd.x+json", kDigest, "Content-Type names \"json\""},
      {"hex", "", "xyz", "is not hex"},
      {"base64", "", "%%%", "is not base64"},
      {"gzip", "", kDigest, "is not gzip"},
      {"", "", "", "holds 0 octets, but a SHA-256 digest has 32"},
      {"", "", std::string(48, 'a'), "holds 48 octets"},
      {"", "", kHex, "send Content-Encoding: hex"},
      {"", "", base::Base64Encode(kDigest) + "\n",
       "send Content-Encoding: base64"},
      {"", "", "the whole file", "not the file"},
  };
  for (const auto& row : kRows) {
    const auto digest = ReadDigest(Request(row.encoding, row.type, row.body),
                                   core::HashAlgorithm::kSha256);
    ASSERT_FALSE(digest.ok()) << row.says;
    EXPECT_EQ(digest.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(digest.status().message()), HasSubstr(row.says));
  }
}

TEST(ReadDigest, KnowsEachHashsLength) {
  EXPECT_OK(ReadDigest(Request("", "", std::string(48, 'x')),
                       core::HashAlgorithm::kSha384));
  EXPECT_OK(ReadDigest(Request("", "", std::string(64, 'x')),
                       core::HashAlgorithm::kSha512));
}

TEST(Gunzip, RefusesWhatIsCutDamagedOrTooLarge) {
  const std::string whole = Gzipped();
  EXPECT_THAT(Gunzip(whole, 32), IsOkAndHolds(kDigest));
  EXPECT_FALSE(Gunzip(whole, 31).ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Gunzip(whole.substr(0, size), 4096).ok()) << size;
  }
  EXPECT_FALSE(Gunzip(whole + "x", 4096).ok());
  // Where a wrong octet is noticed: magic, method, data, checksum, length.
  for (const size_t at : {0, 1, 2, 10, 16, 22}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    EXPECT_FALSE(Gunzip(damaged, 4096).ok()) << at;
  }
}

TEST(Gunzip, SkipsNamesAndComments) {
  std::string named = Gzipped();
  named[3] = 8 | 16 | 4 | 2;
  named.insert(10, std::string("\x02\0ab", 4) + std::string("name\0", 5) +
                       std::string("why\0", 4) + "cc");
  EXPECT_THAT(Gunzip(named, 4096), IsOkAndHolds(kDigest));
  for (size_t size = 0; size < 25; ++size) {
    EXPECT_FALSE(Gunzip(named.substr(0, size), 4096).ok()) << size;
  }
}

}  // namespace
}  // namespace countersign::server
