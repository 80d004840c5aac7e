#include "core/signing_request.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

using S = RequestState;

const RequestState kAllStates[] = {
    S::kPendingApproval, S::kApproved,  S::kSigned, S::kRejected,
    S::kExpired,         S::kCancelled, S::kFailed};

Principal Approver(const std::string& name) {
  return Person(name, {"release-approvers"});
}

class SigningRequestTest : public testing::Test {
 protected:
  SigningRequestTest()
      : pending_(SampleRequest()),
        etag_(Etag(pending_)),
        now_(pending_.create_time + absl::Hours(1)) {}

  // PENDING_APPROVAL after the yes of ann; the rule wants two.
  SigningRequest Half() {
    return *Approve(pending_, Approver("ann"), SamplePolicy(), etag_, "", now_);
  }
  SigningRequest Approved() {
    return *Approve(Half(), Approver("bob"), SamplePolicy(), etag_, "ok", now_);
  }
  std::vector<DigestSignature> Signatures() {
    return {{"sig 0", "main", 1}, {"sig 1", "main", 1}};
  }

  SigningRequest pending_;
  std::string etag_;
  absl::Time now_;
};

// --- Which change from which state
// --------------------------------------------

TEST_F(SigningRequestTest, AllowsEachChangeFromItsStatesOnly) {
  struct Row {
    std::string name;
    std::function<absl::StatusOr<SigningRequest>(const SigningRequest&)> change;
    std::set<RequestState> from;
    RequestState to;
    std::string reason;
  };
  const Row rows[] = {
      {"approve",
       [&](const SigningRequest& r) {
         return Approve(r, Approver("cleo"), SamplePolicy(), etag_, "", now_);
       },
       {S::kPendingApproval},
       S::kApproved,
       "REQUEST_NOT_PENDING"},
      {"reject",
       [&](const SigningRequest& r) {
         return Reject(r, Approver("cleo"), SamplePolicy(), etag_, "no", now_);
       },
       {S::kPendingApproval},
       S::kRejected,
       "REQUEST_NOT_PENDING"},
      {"cancel",
       [&](const SigningRequest& r) {
         return Cancel(r, r.requester, SamplePolicy(), now_);
       },
       {S::kPendingApproval, S::kApproved},
       S::kCancelled,
       "REQUEST_NOT_PENDING"},
      {"expire",
       [&](const SigningRequest& r) { return Expire(r, r.expire_time); },
       {S::kPendingApproval},
       S::kExpired,
       "REQUEST_NOT_PENDING"},
      {"fail",
       [&](const SigningRequest& r) { return Fail(r, "broken", now_); },
       {S::kApproved},
       S::kFailed,
       "REQUEST_NOT_APPROVED"},
      {"sign",
       [&](const SigningRequest& r) { return Sign(r, Signatures(), now_); },
       {S::kApproved},
       S::kSigned,
       "REQUEST_NOT_APPROVED"},
  };
  for (const Row& row : rows) {
    for (const RequestState state : kAllStates) {
      SCOPED_TRACE(absl::StrCat(row.name, " from ", ToString(state)));
      SigningRequest request =
          state == S::kPendingApproval ? Half() : Approved();
      request.state = state;
      const SigningRequest before = request;
      const absl::StatusOr<SigningRequest> next = row.change(request);
      EXPECT_TRUE(request == before) << "the argument changed";
      if (row.from.count(state) != 0) {
        ASSERT_OK(next);
        EXPECT_EQ(next->state, row.to);
        EXPECT_EQ(next->revision, request.revision + 1);
        EXPECT_EQ(next->update_time,
                  row.name == "expire" ? request.expire_time : now_);
      } else {
        EXPECT_THAT(next, base::HasCode(absl::StatusCode::kFailedPrecondition));
        EXPECT_THAT(next, base::HasReason(row.reason));
      }
    }
  }
}

TEST_F(SigningRequestTest, KnowsWhichStatesAreFinal) {
  const std::set<RequestState> open = {S::kPendingApproval, S::kApproved};
  std::set<std::string> texts;
  for (const RequestState state : kAllStates) {
    EXPECT_EQ(IsTerminal(state), open.count(state) == 0) << ToString(state);
    texts.insert(std::string(ToString(state)));
  }
  EXPECT_EQ(texts, (std::set<std::string>{"PENDING_APPROVAL", "APPROVED",
                                          "SIGNED", "REJECTED", "EXPIRED",
                                          "CANCELLED", "FAILED"}));
  EXPECT_EQ(ToString(SignatureEncoding::kRaw), "RAW");
  EXPECT_EQ(ToString(SignatureEncoding::kPem), "PEM");
}

// --- Decisions
// ----------------------------------------------------------------

TEST_F(SigningRequestTest, WaitsForAsManyApproversAsTheRuleWants) {
  const SigningRequest half = Half();
  EXPECT_EQ(half.state, S::kPendingApproval);
  EXPECT_EQ(half.revision, 2);
  ASSERT_EQ(half.decisions.size(), 1u);
  EXPECT_FALSE(RuleIsMet(half));
  const SigningRequest approved = Approved();
  EXPECT_EQ(approved.state, S::kApproved);
  EXPECT_EQ(approved.revision, 3);
  EXPECT_TRUE(RuleIsMet(approved));
  ASSERT_EQ(approved.decisions.size(), 2u);
  const Decision want{DecisionKind::kApproval, Approver("bob"), "ok", etag_,
                      now_};
  EXPECT_TRUE(approved.decisions[1] == want);
  EXPECT_EQ(Etag(approved), etag_);
}

TEST_F(SigningRequestTest, KeepsTheReasonOfARejection) {
  ASSERT_OK_AND_ASSIGN(
      const SigningRequest rejected,
      Reject(Half(), Approver("bob"), SamplePolicy(), etag_, "why", now_));
  EXPECT_EQ(rejected.state_reason, "why");
  ASSERT_EQ(rejected.decisions.size(), 2u);
  EXPECT_EQ(rejected.decisions[1].kind, DecisionKind::kRejection);
  EXPECT_FALSE(RuleIsMet(rejected));
}

struct BadDecision {
  std::string name;
  std::function<void(SigningRequest&)> prepare;
  Principal approver;
  std::string etag;  // "good": the request's
  absl::StatusCode code;
  std::string reason;
};

class BadDecisionTest : public testing::TestWithParam<BadDecision> {};

TEST_P(BadDecisionTest, IsRefusedAsApprovalAndAsRejection) {
  const BadDecision& row = GetParam();
  SigningRequest request = SampleRequest();
  const absl::Time now = request.create_time + absl::Hours(1);
  request.decisions.push_back({DecisionKind::kApproval, Approver("ann"), "",
                               Etag(request), request.create_time});
  if (row.prepare) row.prepare(request);
  const std::string etag = row.etag == "good" ? Etag(request) : row.etag;
  for (const absl::StatusOr<SigningRequest>& next :
       {Approve(request, row.approver, SamplePolicy(), etag, "why", now),
        Reject(request, row.approver, SamplePolicy(), etag, "why", now)}) {
    EXPECT_THAT(next, base::HasCode(row.code));
    EXPECT_THAT(next, base::HasReason(row.reason));
  }
}

// In the order in which they are checked: where two things are wrong, the first
// is told.
INSTANTIATE_TEST_SUITE_P(
    All, BadDecisionTest,
    testing::Values(
        BadDecision{"TerminalBeforeAllElse",
                    [](SigningRequest& r) { r.state = S::kSigned; },
                    Person("x", {}), "", absl::StatusCode::kFailedPrecondition,
                    "REQUEST_NOT_PENDING"},
        BadDecision{"ExpiredBeforeDenied",
                    [](SigningRequest& r) {
                      r.expire_time = r.create_time + absl::Hours(1);
                    },
                    Person("x", {}), "", absl::StatusCode::kFailedPrecondition,
                    "REQUEST_EXPIRED"},
        BadDecision{"Stranger", nullptr, Person("x", {"ci", "admins"}), "good",
                    absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
        BadDecision{"DeniedBeforeEtag", nullptr, Person("x", {}), "",
                    absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
        BadDecision{"RequesterOutsideTheGroup", nullptr,
                    Person("pipeline", {"ci"}), "good",
                    absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
        BadDecision{"RequesterWithinTheGroup", nullptr, Approver("pipeline"),
                    "good", absl::StatusCode::kPermissionDenied, "OWN_REQUEST"},
        BadDecision{"RequesterWithAnotherCredential", nullptr,
                    [] {
                      Principal p = Approver("pipeline");
                      p.credential_fingerprint = "other";
                      return p;
                    }(),
                    "good", absl::StatusCode::kPermissionDenied, "OWN_REQUEST"},
        BadDecision{"Twice", nullptr, Approver("ann"), "good",
                    absl::StatusCode::kFailedPrecondition, "ALREADY_DECIDED"},
        BadDecision{"TwiceWithAnotherCredential", nullptr,
                    [] {
                      Principal p = Approver("ann");
                      p.credential_fingerprint = "other";
                      return p;
                    }(),
                    "", absl::StatusCode::kFailedPrecondition,
                    "ALREADY_DECIDED"},
        BadDecision{"NoEtag", nullptr, Approver("bob"), "",
                    absl::StatusCode::kInvalidArgument, "BAD_REQUEST"},
        BadDecision{"StaleEtag", nullptr, Approver("bob"), std::string(64, '0'),
                    absl::StatusCode::kAborted, "STALE_ETAG"},
        BadDecision{"EtagOfAnotherRequest", nullptr, Approver("bob"),
                    Etag(SampleRequest(2)), absl::StatusCode::kAborted,
                    "STALE_ETAG"}),
    [](const testing::TestParamInfo<BadDecision>& i) { return i.param.name; });

// SamplePolicy, which knows ann and the requester by two identities each.
Policy PeoplePolicy() {
  Policy policy = SamplePolicy();
  policy.people = {
      {{"spiffe://example.test/ann", "CN=Sample CA,O=Example"}, "ann"},
      {{"token:ann", "https://idp"}, "ann"},
      {{"spiffe://example.test/pipeline", "CN=Sample CA,O=Example"}, "pat"},
      {{"token:pat", "https://idp"}, "pat"}};
  return policy;
}

Principal Login(const std::string& name) {
  Principal p = Approver(name);
  p.subject = "token:" + name;
  p.issuer = "https://idp";
  p.credential = CredentialKind::kBearerToken;
  return p;
}

TEST_F(SigningRequestTest, RefusesTheRequestersOtherIdentity) {
  const Policy policy = PeoplePolicy();
  EXPECT_THAT(Approve(pending_, Login("pat"), policy, etag_, "", now_),
              base::HasReason("OWN_REQUEST"));
  EXPECT_THAT(Reject(pending_, Login("pat"), policy, etag_, "no", now_),
              base::HasReason("OWN_REQUEST"));
  // As it was recorded, though the configuration has forgotten it.
  pending_.requester.person = "pat";
  Principal other = Login("other");
  other.person = "pat";
  EXPECT_THAT(
      Approve(pending_, other, SamplePolicy(), Etag(pending_), "", now_),
      base::HasReason("OWN_REQUEST"));
  // Without the configuration's word they are two.
  EXPECT_OK(
      Approve(SampleRequest(), Login("pat"), SamplePolicy(), etag_, "", now_));
}

TEST_F(SigningRequestTest, CountsNobodyTwiceAsOnePerson) {
  const Policy policy = PeoplePolicy();
  EXPECT_THAT(Approve(Half(), Login("ann"), policy, etag_, "", now_),
              base::HasReason("ALREADY_DECIDED"));
  EXPECT_THAT(Reject(Half(), Login("ann"), policy, etag_, "no", now_),
              base::HasReason("ALREADY_DECIDED"));
  ASSERT_OK_AND_ASSIGN(const SigningRequest other,
                       Approve(Half(), Login("bob"), policy, etag_, "", now_));
  EXPECT_EQ(other.state, S::kApproved);
}

TEST_F(SigningRequestTest, IsNotSignedOnTheWordOfOnePersonTwice) {
  SigningRequest request = Approved();
  request.decisions[0].approver.person = "ann";
  EXPECT_TRUE(RuleIsMet(request));
  request.decisions[1].approver.person = "ann";
  EXPECT_FALSE(RuleIsMet(request));
  request.decisions[1].approver.person = "bob";
  EXPECT_TRUE(RuleIsMet(request));
}

TEST_F(SigningRequestTest, IsNotSignedOnTheWordOfTheRequestersPerson) {
  SigningRequest request = SampleRequest();
  request.requester.person = "pat";
  for (const char* name : {"ann", "bob"}) {
    request.decisions.push_back(
        {DecisionKind::kApproval, Approver(name), "", Etag(request), now_});
  }
  EXPECT_TRUE(RuleIsMet(request));
  request.decisions[1].approver.person = "pat";
  EXPECT_FALSE(RuleIsMet(request));
}

TEST_F(SigningRequestTest, CountsTheSameNameOfAnotherIssuerAsAnother) {
  Principal other = Approver("ann");
  other.issuer = "CN=Other CA";
  ASSERT_OK_AND_ASSIGN(const SigningRequest next,
                       Approve(Half(), other, SamplePolicy(), etag_, "", now_));
  EXPECT_EQ(next.state, S::kApproved);
}

TEST_F(SigningRequestTest, AcceptsADecisionUntilJustBeforeExpiry) {
  const absl::Time last = pending_.expire_time - absl::Nanoseconds(1);
  EXPECT_OK(
      Approve(pending_, Approver("ann"), SamplePolicy(), etag_, "", last));
  EXPECT_THAT(Approve(pending_, Approver("ann"), SamplePolicy(), etag_, "",
                      pending_.expire_time),
              base::HasReason("REQUEST_EXPIRED"));
}

TEST_F(SigningRequestTest, ChecksTheReason) {
  struct Row {
    std::string reason;
    bool approves;
    bool rejects;
  };
  const Row rows[] = {
      {"", true, false},
      {"x", true, true},
      {std::string(1024, 'x'), true, true},
      {std::string(1025, 'x'), false, false},
      {"\xff", false, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.reason.size());
    const auto approved = Approve(pending_, Approver("ann"), SamplePolicy(),
                                  etag_, row.reason, now_);
    const auto rejected = Reject(pending_, Approver("ann"), SamplePolicy(),
                                 etag_, row.reason, now_);
    EXPECT_EQ(base::GetReason(approved.status()),
              row.approves ? "" : "BAD_REQUEST");
    EXPECT_EQ(base::GetReason(rejected.status()),
              row.rejects ? "" : "BAD_REQUEST");
  }
}

// --- The other changes
// --------------------------------------------------------

TEST_F(SigningRequestTest, IsCancelledByRequesterOrAdministratorOnly) {
  for (const SigningRequest& request : {pending_, Approved()}) {
    EXPECT_OK(Cancel(request, Person("pipeline", {}), SamplePolicy(), now_));
    EXPECT_OK(Cancel(request, Person("x", {"admins"}), SamplePolicy(), now_));
    for (const Principal& p :
         {Approver("ann"), Person("x", {"ci"}), Person("x", {"auditors"})}) {
      EXPECT_THAT(Cancel(request, p, SamplePolicy(), now_),
                  base::HasReason("PERMISSION_DENIED"));
    }
  }
}

TEST_F(SigningRequestTest, NamesWhoCancelled) {
  ASSERT_OK_AND_ASSIGN(
      const SigningRequest cancelled,
      Cancel(pending_, Person("boss", {"admins"}), SamplePolicy(), now_));
  EXPECT_EQ(cancelled.state_reason, "cancelled by spiffe://example.test/boss");
}

TEST_F(SigningRequestTest, ExpiresNotBeforeItsTime) {
  EXPECT_THAT(Expire(pending_, pending_.expire_time - absl::Nanoseconds(1)),
              base::HasReason("REQUEST_NOT_EXPIRED"));
  ASSERT_OK_AND_ASSIGN(const SigningRequest expired,
                       Expire(pending_, pending_.expire_time));
  EXPECT_NE(expired.state_reason, "");
}

TEST_F(SigningRequestTest, KeepsWhyItFailed) {
  ASSERT_OK_AND_ASSIGN(const SigningRequest failed,
                       Fail(Approved(), "key lost", now_));
  EXPECT_EQ(failed.state_reason, "key lost");
}

TEST_F(SigningRequestTest, IsSignedWithOneSignatureForEachDigest) {
  ASSERT_OK_AND_ASSIGN(const SigningRequest is_signed,
                       Sign(Approved(), Signatures(), now_));
  EXPECT_EQ(is_signed.signatures, Signatures());
  for (const std::vector<DigestSignature>& signatures :
       {std::vector<DigestSignature>{},
        {{"a", "", 1}},
        {{"a", "", 1}, {"", "", 1}},
        {{"a", "", 1}, {"b", "", 1}, {"c", "", 1}}}) {
    EXPECT_THAT(Sign(Approved(), signatures, now_),
                base::HasReason("SIGNATURES_INCOMPLETE"));
  }
}

TEST_F(SigningRequestTest, IsNotSignedWhereTheRuleIsNotMet) {
  SigningRequest request = Half();
  request.state = S::kApproved;
  EXPECT_THAT(Sign(request, Signatures(), now_),
              base::HasReason("RULE_NOT_MET"));
}

// --- The rule
// -----------------------------------------------------------------

TEST_F(SigningRequestTest, CountsOnlyApprovalsThatCount) {
  const std::vector<
      std::pair<std::string, std::function<void(SigningRequest&)>>>
      rows = {
          {"none", [](SigningRequest& r) { r.decisions.clear(); }},
          {"one", [](SigningRequest& r) { r.decisions.pop_back(); }},
          {"twice the same",
           [](SigningRequest& r) { r.decisions[1] = r.decisions[0]; }},
          {"the same with another credential",
           [](SigningRequest& r) {
             r.decisions[1].approver = r.decisions[0].approver;
             r.decisions[1].approver.credential_fingerprint = "other";
           }},
          {"the requester",
           [](SigningRequest& r) {
             r.decisions[1].approver = Approver("pipeline");
           }},
          {"a stranger",
           [](SigningRequest& r) { r.decisions[1].approver.groups = {"ci"}; }},
          {"after expiry",
           [](SigningRequest& r) { r.decisions[1].time = r.expire_time; }},
          {"another etag",
           [](SigningRequest& r) { r.decisions[1].etag[0] ^= 1; }},
          {"no etag", [](SigningRequest& r) { r.decisions[1].etag.clear(); }},
          {"a rejection",
           [](SigningRequest& r) {
             r.decisions[1].kind = DecisionKind::kRejection;
           }},
          {"a rejection beside enough approvals",
           [](SigningRequest& r) {
             r.decisions.push_back(r.decisions[0]);
             r.decisions[2].kind = DecisionKind::kRejection;
             r.decisions[2].approver = Approver("cleo");
           }},
          {"other content",
           [](SigningRequest& r) { r.content.digests[0].value[0] ^= 1; }},
          {"another rule",
           [](SigningRequest& r) { r.rule.display_name = "x"; }},
          {"more required",
           [](SigningRequest& r) { r.rule.required_approvals = 3; }},
          {"nothing required",
           [](SigningRequest& r) { r.rule.required_approvals = 0; }},
      };
  ASSERT_TRUE(RuleIsMet(Approved()));
  for (const auto& [name, spoil] : rows) {
    SigningRequest request = Approved();
    spoil(request);
    EXPECT_FALSE(RuleIsMet(request)) << name;
    EXPECT_THAT(Sign(request, Signatures(), now_),
                base::HasReason("RULE_NOT_MET"))
        << name;
  }
}

TEST_F(SigningRequestTest, AsksForRequiredClaimsAgainWhenItIsSigned) {
  SigningRequest request = SampleRequest();
  request.rule.required_claims = {{"ref_type", {"tag"}, {}}};
  request.requester.claims = {{"ref_type", "tag"}};
  for (const char* name : {"ann", "bob"}) {
    request.decisions.push_back(
        {DecisionKind::kApproval, Approver(name), "", Etag(request), now_});
  }
  request.state = S::kApproved;
  EXPECT_OK(Sign(request, Signatures(), now_));
  SigningRequest bad = request;
  bad.requester.claims["ref_type"] = "branch";
  for (Decision& decision : bad.decisions) decision.etag = Etag(bad);
  EXPECT_THAT(Sign(bad, Signatures(), now_), base::HasReason("RULE_NOT_MET"));
  // Those who need no agreement need the claims all the same.
  bad.requester.claims.clear();
  bad.requester.groups = {"release"};
  EXPECT_FALSE(RuleIsMet(bad));
  bad.requester.claims = {{"ref_type", "tag"}};
  EXPECT_TRUE(RuleIsMet(bad));
}

TEST_F(SigningRequestTest, NeedsNoApprovalFromABlanketGroup) {
  pending_.requester.groups = {"release"};
  EXPECT_TRUE(RuleIsMet(pending_));
  pending_.requester.groups = {"ci"};
  EXPECT_FALSE(RuleIsMet(pending_));
  pending_.rule.approval_groups.clear();
  EXPECT_FALSE(RuleIsMet(pending_));
  pending_.rule.required_approvals = 0;
  EXPECT_TRUE(RuleIsMet(pending_));
}

// --- The etag
// -----------------------------------------------------------------

TEST_F(SigningRequestTest, ChangesTheEtagWithAllThatAYesBindsTo) {
  const std::vector<std::function<void(SigningRequest&)>> changes = {
      [](SigningRequest& r) { r.name.id = SampleUuid(9); },
      [](SigningRequest& r) { r.content.description += "x"; },
      [](SigningRequest& r) { r.content.digests[1].value[0] ^= 1; },
      [](SigningRequest& r) { r.requester.subject += "x"; },
      [](SigningRequest& r) { r.requester.issuer += "x"; },
      [](SigningRequest& r) { r.requester.credential_fingerprint += "x"; },
      [](SigningRequest& r) { r.requester.groups.insert("x"); },
      [](SigningRequest& r) { r.requester.person = "x"; },
      [](SigningRequest& r) { r.requester.issuer_key = "x"; },
      [](SigningRequest& r) { r.requester.certificate_subject = "x"; },
      [](SigningRequest& r) {
        r.requester.claims = {{"x", ""}};
      },
      [](SigningRequest& r) {
        r.requester.claims = {{"x", "y"}};
      },
      [](SigningRequest& r) {
        r.requester.claims = {{"x", "y"}, {"y", "x"}};
      },
      [](SigningRequest& r) {
        r.rule.required_claims = {{"x", {"y"}, {}}};
      },
      [](SigningRequest& r) { r.rule.required_approvals = 1; },
      [](SigningRequest& r) { r.key_version = 2; },
      [](SigningRequest& r) { r.key_spki_sha256 += "x"; },
      [](SigningRequest& r) { r.expire_time += absl::Nanoseconds(1); },
  };
  std::set<std::string> etags = {etag_};
  for (const auto& change : changes) {
    SigningRequest request = SampleRequest();
    change(request);
    EXPECT_FALSE(request == SampleRequest());
    etags.insert(Etag(request));
  }
  EXPECT_EQ(etags.size(), changes.size() + 1);
}

// Computed by the release before there were tokens: what people have been shown
// and what stands in leaves must not change.
TEST_F(SigningRequestTest, KeepsTheEtagsFromBeforeThereWereTokens) {
  EXPECT_EQ(etag_,
            "e423df6f52761d09b5c0cdd740d047d221c6720134f2235e7cd0700e2c23b2f6");
}

// The form that docs/audit-format.md tells: members in RFC 8785 order.
TEST_F(SigningRequestTest, HashesWhatATokenProvedAsAnAuditorDoes) {
  Principal& p = pending_.requester;
  p.person = "ann \"x\"";
  p.issuer_key = "thumbprint";
  p.certificate_subject = "subject:CN=Runner";
  p.claims = {{"ref", "refs/tags/v1"}, {"repository", "acme/app"}};
  base::Json groups = base::Json::Array{"ci"};
  const base::Json json = base::Json::Object{
      {"content", ContentDigest(pending_.content)},
      {"expireTime", absl::StrCat(absl::ToUnixNanos(pending_.expire_time))},
      {"keySpkiSha256", pending_.key_spki_sha256},
      {"keyVersion", "1"},
      {"name", pending_.name.Format()},
      {"requester",
       base::Json::Object{
           {"subject", p.subject},
           {"issuer", p.issuer},
           {"credentialFingerprint", p.credential_fingerprint},
           {"groups", groups},
           {"person", p.person},
           {"issuerKey", p.issuer_key},
           {"certificateSubject", p.certificate_subject},
           {"claims", base::Json::Object{{"repository", "acme/app"},
                                         {"ref", "refs/tags/v1"}}}}},
      {"rule", RuleDigest(pending_.rule)}};
  ASSERT_OK_AND_ASSIGN(const std::string text, base::CanonicalJson(json));
  EXPECT_EQ(Etag(pending_), base::Sha256Hex(text)) << text;
}

TEST_F(SigningRequestTest, KeepsTheEtagWhileItWaits) {
  const std::vector<std::function<void(SigningRequest&)>> changes = {
      [](SigningRequest& r) { r.state = S::kApproved; },
      [](SigningRequest& r) { r.state_reason = "x"; },
      [](SigningRequest& r) { r.decisions.push_back({}); },
      [](SigningRequest& r) {
        r.signatures.push_back({"x", "main", 1});
      },
      [](SigningRequest& r) { r.update_time += absl::Seconds(1); },
      [](SigningRequest& r) { ++r.revision; },
  };
  for (const auto& change : changes) {
    SigningRequest request = SampleRequest();
    change(request);
    EXPECT_FALSE(request == SampleRequest());
    EXPECT_EQ(Etag(request), etag_);
  }
}

}  // namespace
}  // namespace countersign::core
