// Shape and digest of what a signing request asks for
// (core/signing_request.h).
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

RequestContent Good() { return SampleRequest().content; }

TEST(RequestContentTest, AcceptsGoodContentUpToEachLimit) {
  RequestContent content = Good();
  EXPECT_THAT(CheckContent(content), testing::IsEmpty());
  content.digests = SampleDigests(1000, content.hash);
  content.digests[0].label.assign(256, 'l');
  content.digests[1].label.clear();
  content.description.assign(4096, 'd');
  content.context.clear();
  for (int i = 0; i < 32; ++i) {
    std::string key = absl::StrCat(i);
    key.resize(i == 0 ? 64 : key.size(), 'k');
    content.context[key] = std::string(1024, 'v');
  }
  EXPECT_THAT(CheckContent(content), testing::IsEmpty());
}

struct BadContent {
  std::string name;
  std::function<void(RequestContent&)> spoil;
  std::string field;
  std::string text;
};

class BadContentTest : public testing::TestWithParam<BadContent> {};

TEST_P(BadContentTest, IsRefusedWithItsField) {
  RequestContent content = Good();
  GetParam().spoil(content);
  const std::vector<base::FieldViolation> violations = CheckContent(content);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "signing_request." + GetParam().field);
  EXPECT_THAT(violations[0].description, testing::HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadContentTest,
    testing::Values(
        BadContent{"NoDigests", [](RequestContent& c) { c.digests.clear(); },
                   "digests", "1 to 1000"},
        BadContent{
            "TooManyDigests",
            [](RequestContent& c) { c.digests = SampleDigests(1001, c.hash); },
            "digests", "has 1001 digests; at most 1000"},
        BadContent{"ShortDigest",
                   [](RequestContent& c) {
                     c.hash = HashAlgorithm::kSha256;
                     c.digests = SampleDigests(4, c.hash);
                     c.digests[3].value.resize(20);
                   },
                   "digests[3].value", "has 20 octets; SHA-256 needs 32"},
        BadContent{"LongDigest",
                   [](RequestContent& c) { c.digests[0].value += "x"; },
                   "digests[0].value", "has 65 octets; SHA-512 needs 64"},
        BadContent{"EmptyDigest",
                   [](RequestContent& c) { c.digests[1].value.clear(); },
                   "digests[1].value", "has 0 octets"},
        BadContent{
            "LongLabel",
            [](RequestContent& c) { c.digests[1].label.assign(257, 'x'); },
            "digests[1].label", "at most 256"},
        BadContent{"LabelNotUtf8",
                   [](RequestContent& c) { c.digests[0].label = "ab\xff"; },
                   "digests[0].label", "is not UTF-8 from octet 2"},
        BadContent{"LongDescription",
                   [](RequestContent& c) { c.description.assign(4097, 'x'); },
                   "description", "has 4097 octets; at most 4096"},
        BadContent{"DescriptionNotUtf8",
                   [](RequestContent& c) { c.description = "\xed\xa0\x80"; },
                   "description", "is not UTF-8 from octet 0"},
        BadContent{"TooMuchContext",
                   [](RequestContent& c) {
                     c.context.clear();
                     for (int i = 0; i < 33; ++i) {
                       c.context[absl::StrCat(i)] = "";
                     }
                   },
                   "context", "has 33 entries; at most 32"},
        BadContent{"EmptyContextKey",
                   [](RequestContent& c) { c.context[""] = "v"; },
                   "context[\"\"]", "key of 0 octets; 1 to 64"},
        BadContent{
            "LongContextKey",
            [](RequestContent& c) { c.context[std::string(65, 'k')] = "v"; },
            absl::StrCat("context[\"", std::string(64, 'k'), "\"]"),
            "key of 65 octets"},
        BadContent{"ContextKeyNotUtf8",
                   [](RequestContent& c) { c.context["\xff"] = "v"; },
                   "context[\"\\xff\"]", "UTF-8"},
        BadContent{
            "LongContextValue",
            [](RequestContent& c) { c.context["k"] = std::string(1025, 'v'); },
            "context[\"k\"]", "has 1025 octets; at most 1024"},
        BadContent{"ContextValueNotUtf8",
                   [](RequestContent& c) { c.context["k"] = "\xc0\x80"; },
                   "context[\"k\"]", "UTF-8"}),
    [](const testing::TestParamInfo<BadContent>& i) { return i.param.name; });

TEST(RequestContentTest, ReportsAllThatIsWrongAtOnce) {
  RequestContent content = Good();
  content.digests[0].value.clear();
  content.digests[1].value.clear();
  content.description = "\xff";
  content.context = {{"", "\xff"}};
  EXPECT_EQ(CheckContent(content).size(), 5u);
}

TEST(RequestContentTest, SaysHowManyMoreAreWrongAfterTwenty) {
  RequestContent content = Good();
  content.digests.assign(20, {"", "short"});
  EXPECT_EQ(CheckContent(content).size(), 20u);
  content.digests.assign(1001, {"", "short"});
  const std::vector<base::FieldViolation> violations = CheckContent(content);
  ASSERT_EQ(violations.size(), 21u);
  EXPECT_EQ(violations[0].field, "signing_request.digests");
  EXPECT_EQ(violations[20].field, "signing_request");
  EXPECT_EQ(violations[20].description, "and 982 more that are wrong");
}

// The content as a JSON value, for CanonicalJson to write.
base::Json ContentJson(const RequestContent& content) {
  base::Json json = base::Json::Object();
  json.Set("operation", content.operation.Format());
  json.Set("hash", ToString(content.hash));
  json.Set("signatureAlgorithm", ToString(content.algorithm));
  json.Set("encoding", ToString(content.encoding));
  json.Set("description", content.description);
  base::Json::Array digests;
  for (const LabelledDigest& digest : content.digests) {
    base::Json entry = base::Json::Object();
    entry.Set("value", base::HexEncode(digest.value));
    entry.Set("label", digest.label);
    digests.push_back(entry);
  }
  json.Set("digests", digests);
  base::Json context = base::Json::Object();
  for (const auto& [key, value] : content.context) context.Set(key, value);
  json.Set("context", context);
  return json;
}

TEST(RequestContentTest, HashesTheCanonicalJsonOfTheContent) {
  RequestContent thousand = Good();
  thousand.digests = SampleDigests(1000, thousand.hash);
  RequestContent keys = Good();
  keys.context = {{"\xf0\x9f\x94\x91", "1"}, {"\xef\xbf\xbd", "2"}};
  RequestContent tricky = Good();
  tricky.digests[0].label = "[";
  for (const RequestContent& content :
       {Good(), RequestContent(), thousand, keys, tricky}) {
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         base::CanonicalJson(ContentJson(content)));
    EXPECT_EQ(ContentDigest(content), base::Sha256Hex(text)) << text;
  }
}

TEST(RequestContentTest, ChangesDigestAndEqualityWithEachField) {
  const std::vector<std::function<void(RequestContent&)>> changes = {
      [](RequestContent& c) { c.operation.operation += "x"; },
      [](RequestContent& c) { c.operation.product.product += "x"; },
      [](RequestContent& c) { c.hash = HashAlgorithm::kSha256; },
      [](RequestContent& c) { c.algorithm = SignatureAlgorithm::kEcdsa; },
      [](RequestContent& c) { c.encoding = SignatureEncoding::kRaw; },
      [](RequestContent& c) { c.description += "x"; },
      [](RequestContent& c) { c.digests.pop_back(); },
      [](RequestContent& c) { c.digests[0].label += "x"; },
      [](RequestContent& c) { c.digests[1].value[63] ^= 1; },
      [](RequestContent& c) { std::swap(c.digests[0], c.digests[1]); },
      [](RequestContent& c) { c.context.clear(); },
      [](RequestContent& c) { c.context["odd"] += "x"; },
  };
  std::set<std::string> digests = {ContentDigest(Good())};
  for (size_t i = 0; i < changes.size(); ++i) {
    RequestContent content = Good();
    EXPECT_TRUE(content == Good());
    changes[i](content);
    EXPECT_FALSE(content == Good()) << "change " << i;
    digests.insert(ContentDigest(content));
  }
  EXPECT_EQ(digests.size(), changes.size() + 1);
}

}  // namespace
}  // namespace countersign::core
