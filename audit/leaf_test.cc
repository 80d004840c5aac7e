#include "audit/leaf.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;
using base::Json;

core::Event Sample() {
  core::Event event;
  event.type = core::EventType::kRequestApproved;
  event.time = absl::FromUnixMicros(1767225600000042);
  event.actor.subject = "email:ada@example.com";
  event.actor.issuer = "CN=Example CA";
  event.actor.credential_fingerprint = "ab12";
  event.actor.groups = {"release", "approvers"};
  event.resource = "products/p/operations/o/signingRequests/r";
  event.operation = "products/p/operations/o";
  event.key_version = "products/p/operations/o/keyVersions/1";
  event.details =
      Json::Object{{"etag", "e1"}, {"approvals", 1}, {"required", 2}};
  return event;
}

// docs/audit-format.md shows these octets.
constexpr char kSampleLeaf[] =
    R"({"actor":{"credential":"CLIENT_CERTIFICATE",)"
    R"("credentialFingerprint":"ab12","groups":["approvers","release"],)"
    R"("issuer":"CN=Example CA","subject":"email:ada@example.com"},)"
    R"("details":{"approvals":1,"etag":"e1","required":2},)"
    R"("keyVersion":"products/p/operations/o/keyVersions/1",)"
    R"("operation":"products/p/operations/o",)"
    R"("resource":"products/p/operations/o/signingRequests/r",)"
    R"("time":"2026-01-01T00:00:00.000042Z",)"
    R"("type":"REQUEST_APPROVED","version":1})";

TEST(LeafBytes, WritesTheFormatsExample) {
  EXPECT_EQ(LeafBytes(Sample()), kSampleLeaf);
}

// One that asked with a token, over a connection with a certificate.
core::Event TokenSample() {
  core::Event event = Sample();
  event.type = core::EventType::kRequestCreated;
  event.actor.subject = "token:repo:acme/app:ref:refs/tags/v1";
  event.actor.issuer = "https://tokens.example.com";
  event.actor.credential = core::CredentialKind::kBearerToken;
  event.actor.groups = {"ci"};
  event.actor.person = "release bot";
  event.actor.claims = {{"repository", "acme/app"}, {"ref", "refs/tags/v1"}};
  event.actor.issuer_key = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
  event.actor.certificate_subject = "subject:CN=Runner,O=Example";
  event.details = Json::Object{{"etag", "e1"}};
  return event;
}

constexpr char kTokenLeaf[] =
    R"({"actor":{"certificateSubject":"subject:CN=Runner,O=Example",)"
    R"("claims":{"ref":"refs/tags/v1","repository":"acme/app"},)"
    R"("credential":"BEARER_TOKEN",)"
    R"("credentialFingerprint":"ab12","groups":["ci"],)"
    R"("issuer":"https://tokens.example.com",)"
    R"("issuerKey":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",)"
    R"("person":"release bot",)"
    R"("subject":"token:repo:acme/app:ref:refs/tags/v1"},)"
    R"("details":{"etag":"e1"},)"
    R"("keyVersion":"products/p/operations/o/keyVersions/1",)"
    R"("operation":"products/p/operations/o",)"
    R"("resource":"products/p/operations/o/signingRequests/r",)"
    R"("time":"2026-01-01T00:00:00.000042Z",)"
    R"("type":"REQUEST_CREATED","version":1})";

TEST(LeafBytes, TellsWhatATokenProved) {
  EXPECT_EQ(LeafBytes(TokenSample()), kTokenLeaf);
  ASSERT_OK_AND_ASSIGN(const core::Event parsed, ParseLeaf(kTokenLeaf));
  EXPECT_EQ(parsed, TokenSample());
}

TEST(LeafBytes, WritesEveryMemberOfAnEmptyEvent) {
  core::Event event;
  event.time = absl::UnixEpoch();
  EXPECT_EQ(LeafBytes(event),
            R"({"actor":{"credential":"CLIENT_CERTIFICATE",)"
            R"("credentialFingerprint":"","groups":[],"issuer":"",)"
            R"("subject":""},"details":{},"keyVersion":"","operation":"",)"
            R"("resource":"","time":"1970-01-01T00:00:00.000000Z",)"
            R"("type":"SERVER_STARTED","version":1})");
}

struct TimeCase {
  const char* name;
  absl::Time time;
  const char* want;
};

class LeafTime : public testing::TestWithParam<TimeCase> {};

TEST_P(LeafTime, HasSixDecimalsInUtc) {
  core::Event event = Sample();
  event.time = GetParam().time;
  const std::string want = std::string("\"time\":\"") + GetParam().want + "\"";
  EXPECT_NE(LeafBytes(event).find(want), std::string::npos) << LeafBytes(event);
}

INSTANTIATE_TEST_SUITE_P(
    All, LeafTime,
    testing::Values(
        TimeCase{"Epoch", absl::UnixEpoch(), "1970-01-01T00:00:00.000000Z"},
        TimeCase{"BeforeEpoch", absl::FromUnixMicros(-1),
                 "1969-12-31T23:59:59.999999Z"},
        TimeCase{"NanosecondsAreCut", absl::FromUnixNanos(1999),
                 "1970-01-01T00:00:00.000001Z"},
        TimeCase{"Past", absl::InfinitePast(), "0001-01-01T00:00:00.000000Z"},
        TimeCase{"Future", absl::InfiniteFuture(),
                 "9999-12-31T23:59:59.999999Z"}),
    [](const auto& info) { return info.param.name; });

// An event of random parts, many of them nasty.
core::Event RandomEvent(base::Random& random) {
  const auto pick = [&](int n) {
    return static_cast<unsigned char>(random.Bytes(1)[0]) % n;
  };
  const auto text = [&]() -> std::string {
    static const std::vector<std::string> kParts = {
        "a",    "Z9",       "\"", "\\", "\n", std::string(1, '\0'),
        "\x1f", "\x7f",     "é",  "€",  "😀",  "\xef\xbf\xbd",
        "/",    "<script>", " "};
    std::string out;
    for (int i = pick(5); i > 0; --i) out += kParts[pick(kParts.size())];
    return out;
  };
  core::Event event;
  event.type = static_cast<core::EventType>(
      pick(static_cast<int>(core::EventType::kCrlSigned) + 1));
  event.time = absl::FromUnixMicros(1767225600000000 + pick(200) * 12345);
  event.actor.subject = text();
  event.actor.issuer = text();
  event.actor.credential_fingerprint = text();
  for (int i = pick(4); i > 0; --i) event.actor.groups.insert(text());
  if (pick(2) == 0) {
    event.actor.credential = core::CredentialKind::kBearerToken;
  }
  for (int i = pick(4); i > 0; --i) event.actor.claims[text()] = text();
  event.actor.person = text();
  event.actor.issuer_key = text();
  event.actor.certificate_subject = text();
  event.resource = text();
  event.operation = text();
  event.key_version = text();
  for (int i = pick(5); i > 0; --i) {
    const Json leaf = pick(2) == 0 ? Json(text()) : Json(pick(100) / 8.0);
    event.details.Set(text(), pick(2) == 0 ? leaf : Json(Json::Array{leaf}));
  }
  return event;
}

// The same event through the general writer.
std::string ReferenceBytes(const core::Event& event) {
  Json::Array groups;
  for (const std::string& group : event.actor.groups) groups.push_back(group);
  const std::string time = absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ",
                                            event.time, absl::UTCTimeZone());
  const bool token =
      event.actor.credential == core::CredentialKind::kBearerToken;
  Json actor = Json::Object{
      {"subject", event.actor.subject},
      {"issuer", event.actor.issuer},
      {"credential", token ? "BEARER_TOKEN" : "CLIENT_CERTIFICATE"},
      {"credentialFingerprint", event.actor.credential_fingerprint},
      {"groups", groups}};
  Json::Object claims(event.actor.claims.begin(), event.actor.claims.end());
  if (!claims.empty()) actor.Set("claims", claims);
  for (const auto& [name, value] :
       {std::make_pair("person", event.actor.person),
        std::make_pair("issuerKey", event.actor.issuer_key),
        std::make_pair("certificateSubject",
                       event.actor.certificate_subject)}) {
    if (!value.empty()) actor.Set(name, value);
  }
  const Json json = Json::Object{{"version", 1},
                                 {"type", core::ToString(event.type)},
                                 {"time", time},
                                 {"actor", actor},
                                 {"resource", event.resource},
                                 {"operation", event.operation},
                                 {"keyVersion", event.key_version},
                                 {"details", event.details}};
  const auto bytes = base::CanonicalJson(json);
  return bytes.ok() ? *bytes : bytes.status().ToString();
}

TEST(LeafBytes, EqualsCanonicalJsonOfTheSameMembers) {
  base::FakeRandom random(7);
  for (int i = 0; i < 500; ++i) {
    const core::Event event = RandomEvent(random);
    EXPECT_EQ(LeafBytes(event), ReferenceBytes(event));
  }
}

TEST(ParseLeaf, GivesBackWhatWasWritten) {
  base::FakeRandom random(8);
  for (int i = 0; i < 500; ++i) {
    core::Event event = RandomEvent(random);
    const std::string bytes = LeafBytes(event);
    ASSERT_OK_AND_ASSIGN(core::Event parsed, ParseLeaf(bytes));
    EXPECT_EQ(LeafBytes(parsed), bytes);
    // Members of details have come into canonical order.
    parsed.details = event.details;
    EXPECT_EQ(parsed, event);
  }
}

TEST(LeafBytes, RecordsWhatIsNoUtf8AndNoNumber) {
  core::Event event = Sample();
  event.resource =
      "a\xff"
      "b";
  event.details = Json::Object{{"k\xc0", "v\xed\xa0\x80"},
                               {"n", std::nan("")},
                               {"list", Json::Array{"\xfe", 1}}};
  const std::string bytes = LeafBytes(event);
  ASSERT_OK_AND_ASSIGN(const core::Event parsed, ParseLeaf(bytes));
  EXPECT_EQ(parsed.resource,
            "a\xef\xbf\xbd"
            "b");
  EXPECT_TRUE(parsed.details.Find("n")->is_null());
  EXPECT_EQ(parsed.details.Find("list")->array()[0].string(), "\xef\xbf\xbd");
  EXPECT_NE(parsed.details.Find("k\xef\xbf\xbd"), nullptr);
}

// The longest that can be asked for, beside what people might write.
core::Event LongEvent() {
  core::Event event;
  base::Json::Array digests;
  base::Json::Array hashes;
  for (int i = 0; i < 1000; ++i) {
    digests.push_back(base::Json::Object{{"label", std::string(256, '\x01')},
                                         {"value", std::string(128, 'a')}});
    hashes.push_back(std::string(64, 'b'));
  }
  base::Json::Object context;
  for (int i = 0; i < 32; ++i) {
    context.emplace_back(absl::StrCat("key", i), std::string(1024, '\x01'));
  }
  event.details = base::Json::Object{{"context", std::move(context)},
                                     {"description", std::string(4096, '"')},
                                     {"digests", std::move(digests)},
                                     {"etag", std::string(64, 'e')},
                                     {"signatureSha256", std::move(hashes)}};
  return event;
}

TEST(LeafBytes, StaysWithinAnEntryBundle) {
  const core::Event event = LongEvent();
  const std::string bytes = LeafBytes(event);
  EXPECT_LE(bytes.size(), kMaxLeafSize);
  const auto read = ParseLeaf(bytes);
  ASSERT_OK(read);
  for (const char* name : {"digests", "context", "signatureSha256"}) {
    const base::Json* whole = event.details.Find(name);
    const base::Json* omitted = read->details.Find(name);
    ASSERT_NE(omitted->Find("omittedSha256"), nullptr) << name;
    const std::string canonical = base::CanonicalJson(*whole).value();
    EXPECT_EQ(omitted->Find("omittedSha256")->string(),
              base::Sha256Hex(canonical));
    EXPECT_EQ(omitted->Find("omittedOctets")->number(), canonical.size());
  }
  // No more than has to go.
  EXPECT_EQ(*read->details.Find("etag"), *event.details.Find("etag"));
  EXPECT_EQ(*read->details.Find("description"),
            *event.details.Find("description"));
  EXPECT_EQ(LeafBytes(*read), bytes);
}

TEST(LeafBytes, OmitsNothingThatFits) {
  core::Event event;
  event.details = base::Json::Object{{"note", ""}};
  const size_t rest = kMaxLeafSize - LeafBytes(event).size();
  event.details.Set("note", std::string(rest, 'x'));
  EXPECT_EQ(LeafBytes(event).size(), kMaxLeafSize);
  event.details.Set("note", std::string(rest + 1, 'x'));
  EXPECT_LT(LeafBytes(event).size(), 500u);
}

TEST(LeafBytes, KeepsTheLastOfMembersWithOneName) {
  core::Event event = Sample();
  event.details = Json::Object{{"k", "first"}, {"k", "last"}};
  ASSERT_OK_AND_ASSIGN(const core::Event parsed, ParseLeaf(LeafBytes(event)));
  EXPECT_EQ(parsed.details, Json(Json::Object{{"k", "last"}}));
}

TEST(LeafBytes, WritesAnObjectWhereDetailsAreNone) {
  core::Event event = Sample();
  event.details = Json(3);
  EXPECT_NE(LeafBytes(event).find("\"details\":{}"), std::string::npos);
}

struct BadLeafCase {
  const char* name;
  const char* from;  // a part of the sample
  const char* to;
};

class BadLeaf : public testing::TestWithParam<BadLeafCase> {};

TEST_P(BadLeaf, IsRefused) {
  const std::string bytes =
      absl::StrReplaceAll(kSampleLeaf, {{GetParam().from, GetParam().to}});
  ASSERT_NE(bytes, kSampleLeaf);
  EXPECT_THAT(ParseLeaf(bytes), HasReason("BAD_LEAF"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadLeaf,
    testing::Values(
        BadLeafCase{"OtherVersion", "\"version\":1", "\"version\":2"},
        BadLeafCase{"VersionAsText", "\"version\":1", "\"version\":\"1\""},
        BadLeafCase{"NoVersion", ",\"version\":1", ""},
        BadLeafCase{"UnknownType", "REQUEST_APPROVED", "REQUEST_BLESSED"},
        BadLeafCase{"NoType", "\"type\":\"REQUEST_APPROVED\",", ""},
        BadLeafCase{"TimeWithoutZone", "00042Z", "00042"},
        BadLeafCase{"TimeWithOffset", "00042Z", "00042+00:00"},
        BadLeafCase{"TimeInMilliseconds", ".000042Z", ".000Z"},
        BadLeafCase{"UnknownMember", "{\"actor\"", "{\"a\":1,\"actor\""},
        BadLeafCase{"UnknownActorMember", "\"groups\"", "\"g\":1,\"groups\""},
        BadLeafCase{"OtherCredential", "CLIENT_CERTIFICATE", "PASSWORD"},
        BadLeafCase{"GroupsAsText", "[\"approvers\",\"release\"]", "\"x\""},
        BadLeafCase{"GroupAsNumber", "[\"approvers\"", "[1"},
        BadLeafCase{"GroupsUnsorted", "[\"approvers\",\"release\"]",
                    "[\"release\",\"approvers\"]"},
        BadLeafCase{"GroupTwice", "[\"approvers\"", "[\"release\""},
        BadLeafCase{"DetailsAsList",
                    "{\"approvals\":1,\"etag\":\"e1\","
                    "\"required\":2}",
                    "[]"},
        BadLeafCase{"Blank", ",\"details\"", ", \"details\""},
        BadLeafCase{"NumberNotCanonical", "\"approvals\":1",
                    "\"approvals\":1.0"},
        BadLeafCase{"DuplicateKey", "\"approvals\":1",
                    "\"approvals\":1,\"approvals\":1"},
        BadLeafCase{"UnneededEscape", "email:", "\\u0065mail:"},
        BadLeafCase{"BrokenUtf8", "email:", "\xff:"},
        BadLeafCase{"Truncated", "\"version\":1}", "\"version\":1"},
        BadLeafCase{"SomethingAfter", "\"version\":1}", "\"version\":1}\n"}),
    [](const auto& info) { return info.param.name; });

class BadTokenLeaf : public testing::TestWithParam<BadLeafCase> {};

TEST_P(BadTokenLeaf, IsRefused) {
  const std::string bytes =
      absl::StrReplaceAll(kTokenLeaf, {{GetParam().from, GetParam().to}});
  ASSERT_NE(bytes, kTokenLeaf);
  EXPECT_THAT(ParseLeaf(bytes), HasReason("BAD_LEAF"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadTokenLeaf,
    testing::Values(
        BadLeafCase{"ClaimsAsList",
                    R"({"ref":"refs/tags/v1","repository":"acme/app"})", "[]"},
        BadLeafCase{"NoClaims",
                    R"({"ref":"refs/tags/v1","repository":"acme/app"})", "{}"},
        BadLeafCase{"ClaimAsNumber", R"("refs/tags/v1",)", "1,"},
        BadLeafCase{"ClaimsUnsorted", R"("ref":"refs/tags/v1","repository")",
                    R"("s":"refs/tags/v1","repository")"},
        BadLeafCase{"PersonAsNumber", R"("release bot")", "1"},
        BadLeafCase{"PersonEmpty", R"("release bot")", R"("")"},
        BadLeafCase{"IssuerKeyEmpty",
                    R"("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")",
                    R"("")"},
        BadLeafCase{"CertificateSubjectAsNull",
                    R"("subject:CN=Runner,O=Example")", "null"}),
    [](const auto& info) { return info.param.name; });

TEST(ParseLeaf, RefusesWhatIsNoObject) {
  for (const char* text : {"", "null", "[]", "1", "\"x\"", "{}"}) {
    EXPECT_THAT(ParseLeaf(text), HasReason("BAD_LEAF")) << text;
  }
}

TEST(ParseLeaf, SurvivesEverySingleOctetChange) {
  const std::string good = kSampleLeaf;
  for (size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', '"', '{', 'x', '\xff'}) {
      std::string bytes = good;
      bytes[i] = c;
      const auto parsed = ParseLeaf(bytes);
      if (parsed.ok()) {
        EXPECT_EQ(LeafBytes(*parsed), bytes);
      }
    }
  }
}

TEST(LeafTest, SaysWhereThereWasNoCredential) {
  core::Event event;
  event.type = core::EventType::kCallDenied;
  event.time = absl::FromUnixSeconds(1);
  event.actor.subject = "anonymous";
  event.actor.credential = core::CredentialKind::kNone;
  const std::string bytes = LeafBytes(event);
  EXPECT_NE(bytes.find(R"("credential":"NONE")"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const core::Event read, ParseLeaf(bytes));
  EXPECT_EQ(read, event);
}

}  // namespace
}  // namespace countersign::audit
