#include "auth/subject_pattern.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::StatusIs;

struct MatchCase {
  const char* name;
  const char* pattern;
  std::string subject;
  bool want;
};

class SubjectPatternMatch : public testing::TestWithParam<MatchCase> {};

TEST_P(SubjectPatternMatch, AnswersAsTheTableSays) {
  ASSERT_OK_AND_ASSIGN(const SubjectPattern pattern,
                       SubjectPattern::Compile(GetParam().pattern));
  EXPECT_EQ(pattern.Matches(GetParam().subject), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SubjectPatternMatch,
    testing::ValuesIn<MatchCase>({
        {"SpiffeSegment", "spiffe://d/ci/*", "spiffe://d/ci/build", true},
        {"SpiffeMiddle", "spiffe://d/*/build", "spiffe://d/ci/build", true},
        {"SpiffeInside", "spiffe://d/ci-*-x", "spiffe://d/ci-7-x", true},
        {"SpiffeTwoGaps", "spiffe://d/*/sa/*", "spiffe://d/ns/sa/x", true},
        {"SpiffeNotEmpty", "spiffe://d/ci*", "spiffe://d/ci", false},
        {"SpiffeNotDeeper", "spiffe://d/ci/*", "spiffe://d/ci/a/b", false},
        {"SpiffeNotShorter", "spiffe://d/ci/*", "spiffe://d/ci", false},
        {"SpiffeOtherDomain", "spiffe://d/ci/*", "spiffe://e/ci/x", false},
        {"SpiffeLongerDomain", "spiffe://d/*", "spiffe://d.evil/x", false},
        {"SpiffeOverlap", "spiffe://d/aa*aa", "spiffe://d/aaa", false},
        {"SpiffeCase", "spiffe://d/ci/*", "spiffe://d/CI/x", false},
        {"OtherScheme", "spiffe://d/*", "email:x@d", false},
        {"Email", "email:*@example.org", "email:ann@example.org", true},
        {"EmailPatternCase", "email:*@Example.ORG", "email:a@example.org",
         true},
        {"EmailPrefix", "email:ci-*@example.org", "email:ci-1@example.org",
         true},
        {"EmailSubdomain", "email:*@example.org", "email:a@x.example.org",
         false},
        {"EmailLongerDomain", "email:*@example.org", "email:a@example.org.evil",
         false},
        {"EmailTwoAts", "email:*@example.org", "email:a@b@example.org", false},
        {"EmailEmpty", "email:*@example.org", "email:@example.org", false},
        {"Subject", "subject:CN=*,O=Acme", "subject:CN=Ann,O=Acme", true},
        {"SubjectUtf8", "subject:CN=*,O=Acme", "subject:CN=\u00c4nn,O=Acme",
         true},
        {"SubjectMoreAttributes", "subject:CN=*,O=Acme",
         "subject:CN=Ann,OU=x,O=Acme", false},
        {"SubjectEscapedComma", "subject:CN=*,O=Acme", "subject:CN=x\\,O=Acme",
         false},
        {"SubjectEscapedCommaBefore", "subject:CN=*,O=Acme",
         "subject:CN=x\\,y,O=Acme", false},
        {"SubjectEscapedBackslash", "subject:CN=*,O=Acme",
         "subject:CN=x\\\\,O=Acme", false},
        {"SubjectJoinedAttributes", "subject:CN=*,O=Acme",
         "subject:CN=x+UID=1,O=Acme", false},
        {"SubjectLiteralEscape", "subject:CN=*,O=Acme\\, Inc.",
         "subject:CN=Ann,O=Acme\\, Inc.", true},
        {"SubjectUnderOtherRoot", "subject:CN=*,O=Acme",
         "subject:CN=Ann,O=Acme,C=XX", false},
        {"Nothing", "subject:CN=*,O=Acme", "", false},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(SubjectPattern, RefusesWhatCouldBeFooled) {
  const struct {
    std::string pattern;
    const char* want;
  } kCases[] = {
      {"*", "must start with"},
      {"", "must start with"},
      {"*://d/x", "must start with"},
      {"spiffe:*", "must start with"},
      {"Spiffe://d/*", "must start with"},
      {"dns:*", "must start with"},
      {"spiffe://*", "trust domain must be spelled out"},
      {"spiffe://*/ci", "trust domain must be spelled out"},
      {"spiffe://d*/ci", "trust domain must be spelled out"},
      {"spiffe://d/ci", "has no \"*\""},
      {"spiffe://d/*/", "malformed path"},
      {"spiffe://d/[a-z]*", "malformed path"},
      {"spiffe://d/?*", "malformed path"},
      {"spiffe://d/**", "two \"*\" in one part"},
      {"spiffe://d/a*b*", "two \"*\" in one part"},
      {"email:*", "domain must be spelled out"},
      {"email:*@*", "domain must be spelled out"},
      {"email:ann@*.org", "domain must be spelled out"},
      {"email:*@example.org@x", "domain must be spelled out"},
      {"email:*@", "not an e-mail address"},
      {"subject:*", "last attribute must be spelled out"},
      {"subject:CN=*", "last attribute must be spelled out"},
      {"subject:CN=ann,O=*", "last attribute must be spelled out"},
      {"subject:*=ann,O=Acme", "in an attribute's value only"},
      {"subject:*,O=Acme", "in an attribute's value only"},
      {"subject:CN=*\n,O=Acme", "control characters"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(SubjectPattern::Compile(c.pattern),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         testing::HasSubstr(c.want)))
        << c.pattern;
  }
}

}  // namespace
}  // namespace countersign::auth
