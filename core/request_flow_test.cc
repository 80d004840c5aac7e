#include "base/signature_verifier.h"
#include "core/flow_fixture.h"

namespace countersign::core {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::HasSubstr;

class RequestFlowTest : public FlowFixture {
 protected:
  void SetUp() override { SetUpShop(); }
};

TEST_F(RequestFlowTest, SignsAtOnceForABlanketGroup) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(nightly_)));
  EXPECT_EQ(request.state, RequestState::kSigned);
  ASSERT_EQ(request.signatures.size(), 1u);
  const Product product = *store_.GetProduct(ProductName{"shop"});
  ASSERT_OK_AND_ASSIGN(auto verifier,
                       base::SignatureVerifier::Create(
                           product.operations[0].key_versions[0].spki,
                           base::SignatureScheme::kEcdsa, "SHA256"));
  EXPECT_OK(verifier.Verify(std::string(32, 'd'), request.signatures[0].value));
  EXPECT_EQ(Stored(request), request);
}

TEST_F(RequestFlowTest, RecordsTheIntentBeforeTheKeyIsUsed) {
  int leaves_before_signing = -1;
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<SignEffect>(effect.next)) {
      leaves_before_signing = Leaves(EventType::kRequestCreated);
      EXPECT_EQ(Leaves(EventType::kRequestSigned), 0);
      EXPECT_FALSE(effect.answer.has_value());
    }
  };
  ASSERT_OK(Create(Ask(nightly_)));
  EXPECT_EQ(leaves_before_signing, 1);
  EXPECT_EQ(Leaves(EventType::kRequestSigned), 1);
}

TEST_F(RequestFlowTest, WaitsForPeopleOtherwise) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  EXPECT_EQ(request.state, RequestState::kPendingApproval);
  EXPECT_TRUE(request.signatures.empty());
  EXPECT_EQ(Leaves(EventType::kRequestSigned), 0);
}

TEST_F(RequestFlowTest, SignsWhenTheRuleIsMet) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  ASSERT_OK_AND_ASSIGN(SigningRequest approved,
                       Decide(RequestVerb::kApprove, alice_, request));
  // The answer of the approval does not wait for the key.
  EXPECT_EQ(approved.state, RequestState::kApproved);
  EXPECT_EQ(Stored(request).state, RequestState::kSigned);
  EXPECT_EQ(driver_.answers_given_twice, 0);
}

TEST_F(RequestFlowTest, ARejectionEndsItWithItsReason) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  ASSERT_OK_AND_ASSIGN(
      SigningRequest rejected,
      Decide(RequestVerb::kReject, alice_, request, "wrong branch"));
  EXPECT_EQ(rejected.state, RequestState::kRejected);
  EXPECT_EQ(rejected.state_reason, "wrong branch");
  EXPECT_THAT(Decide(RequestVerb::kApprove, bob_, Stored(request)),
              HasReason("REQUEST_NOT_PENDING"));
}

TEST_F(RequestFlowTest, RefusesAndRecordsApprovalByRequester) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(alice_)));
  EXPECT_THAT(Decide(RequestVerb::kApprove, alice_, request),
              HasReason("OWN_REQUEST"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 1);
  EXPECT_EQ(Stored(request).state, RequestState::kPendingApproval);
}

TEST_F(RequestFlowTest, RefusesAStaleEtag) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  EXPECT_THAT(
      Decide(RequestVerb::kApprove, alice_, request, "", std::string(64, '0')),
      HasReason("STALE_ETAG"));
}

TEST_F(RequestFlowTest, HidesWhatMayNotBeSeen) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  const absl::Status hidden =
      Decide(RequestVerb::kApprove, stranger_, request).status();
  EXPECT_THAT(hidden, HasReason("RESOURCE_NOT_FOUND"));
  CreateRequest input = Ask(stranger_);
  EXPECT_THAT(Create(input), HasReason("RESOURCE_NOT_FOUND"));
  input.content.operation.product.product = "other";
  EXPECT_THAT(Create(input), HasReason("RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 3);
}

TEST_F(RequestFlowTest, RefusesTheApproverWhoMayNotAsk) {
  EXPECT_THAT(Create(Ask(owner_)), HasReason("PERMISSION_DENIED"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 1);
}

TEST_F(RequestFlowTest, TheSameRequestIdGivesTheSameRequest) {
  ASSERT_OK_AND_ASSIGN(SigningRequest first, Create(Ask(ci_, "id-1")));
  ASSERT_OK_AND_ASSIGN(SigningRequest again, Create(Ask(ci_, "id-1")));
  EXPECT_EQ(first.name, again.name);
  EXPECT_EQ(Leaves(EventType::kRequestCreated), 1);
}

TEST_F(RequestFlowTest, TheSameRequestIdWithOtherContentIsRefused) {
  ASSERT_OK(Create(Ask(ci_, "id-1")));
  CreateRequest other = Ask(ci_, "id-1");
  other.content.description = "release 1.1";
  EXPECT_THAT(Create(other), HasReason("REQUEST_ID_REUSED"));
}

TEST_F(RequestFlowTest, ValidateOnlyLeavesNothingBehind) {
  CreateRequest input = Ask(nightly_);
  input.validate_only = true;
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(input));
  EXPECT_THAT(store_.GetRequest(request.name),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(Leaves(EventType::kRequestCreated), 0);
}

TEST_F(RequestFlowTest, TheTokenAwayLeavesItApprovedAndSaysSo) {
  signer_.FailNext(1, absl::UnavailableError("token away"));
  EXPECT_THAT(Create(Ask(nightly_, "id-1")), HasReason("SIGNER_UNAVAILABLE"));
  ASSERT_OK_AND_ASSIGN(SigningRequest standing, Create(Ask(nightly_, "id-1")));
  EXPECT_EQ(standing.state, RequestState::kApproved);
  ASSERT_OK_AND_ASSIGN(SigningRequest resumed,
                       RequestOf(driver_.Run(MakeResumeFlow(standing))));
  EXPECT_EQ(resumed.state, RequestState::kSigned);
  EXPECT_EQ(Leaves(EventType::kSigningResumed), 1);
}

TEST_F(RequestFlowTest, AKeyThatCannotSignFailsTheRequest) {
  signer_.FailNext(1, absl::FailedPreconditionError("key missing"));
  EXPECT_THAT(Create(Ask(nightly_, "id-1")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("key missing")));
  ASSERT_OK_AND_ASSIGN(SigningRequest failed, Create(Ask(nightly_, "id-1")));
  EXPECT_EQ(failed.state, RequestState::kFailed);
  EXPECT_EQ(Leaves(EventType::kRequestFailed), 1);
}

TEST_F(RequestFlowTest, NothingIsSignedThatCannotBeRecorded) {
  store_.FailNextCommits(1, absl::InternalError("disk full"));
  bool signed_something = false;
  driver_.before = [&](const Effect& effect, int) {
    signed_something |= std::holds_alternative<SignEffect>(effect.next);
  };
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("RECORD_UNAVAILABLE"));
  EXPECT_FALSE(signed_something);
}

TEST_F(RequestFlowTest, ADisabledProductStopsAtOnce) {
  DecideProduct disable{
      ProductVerb::kDisable, admin_, ProductName{"shop"}, "", "incident", {}};
  // Between the recorded intent and the key.
  bool done = false;
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<SignEffect>(effect.next) && !done) {
      done = true;
      FlowTestDriver other(store_, signer_, clock_, TestPolicy());
      ASSERT_OK(*other.Run(MakeDecideProductFlow(disable)));
    }
  };
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("PRODUCT_NOT_ACTIVE"));
  EXPECT_TRUE(done);
  EXPECT_EQ(Leaves(EventType::kRequestSigned), 0);
  EXPECT_EQ(Leaves(EventType::kSignatureDiscarded), 1);
  driver_.before = nullptr;
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("PRODUCT_NOT_ACTIVE"));
}

TEST_F(RequestFlowTest, ASignatureForACancelledRequestIsNotReleased) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<SignEffect>(effect.next)) {
      FlowTestDriver other(store_, signer_, clock_, TestPolicy());
      DecideRequest cancel{RequestVerb::kCancel, ci_, Stored(request), "", ""};
      ASSERT_OK(*other.Run(MakeDecideRequestFlow(cancel)));
    }
  };
  ASSERT_OK(Decide(RequestVerb::kApprove, alice_, request));
  EXPECT_EQ(Stored(request).state, RequestState::kCancelled);
  EXPECT_TRUE(Stored(request).signatures.empty());
  EXPECT_EQ(Leaves(EventType::kSignatureDiscarded), 1);
}

TEST_F(RequestFlowTest, ExpiresOnlyWhatIsOverdue) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  EXPECT_FALSE(Decide(RequestVerb::kExpire, ServerPrincipal(), request).ok());
  clock_.Advance(absl::Hours(24 * 7) + absl::Seconds(1));
  EXPECT_THAT(Decide(RequestVerb::kApprove, alice_, request),
              HasReason("REQUEST_EXPIRED"));
  ASSERT_OK(Decide(RequestVerb::kExpire, ServerPrincipal(), request));
  EXPECT_EQ(Stored(request).state, RequestState::kExpired);
}

TEST_F(RequestFlowTest, TwoApproversAtOnceBothCount) {
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  // Bob is faster by one effect: Alice's decision is taken again.
  bool done = false;
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<CommitEffect>(effect.next) && !done) {
      done = true;
      FlowTestDriver other(store_, signer_, clock_, TestPolicy());
      DecideRequest yes{RequestVerb::kApprove, bob_, request, Etag(request),
                        ""};
      ASSERT_OK(*other.Run(MakeDecideRequestFlow(yes)));
    }
  };
  EXPECT_THAT(Decide(RequestVerb::kApprove, alice_, request),
              HasReason("REQUEST_NOT_PENDING"));
  EXPECT_EQ(Stored(request).decisions.size(), 1u);
}

// A crash at any effect loses no request, no approval, no leaf; taking it up
// again ends in one set of signatures.
TEST_F(RequestFlowTest, ACrashAtAnyEffectIsTakenUpAgain) {
  for (int crash = 0; crash < 6; ++crash) {
    SCOPED_TRACE(crash);
    const std::string id = "crash-" + std::to_string(crash);
    driver_.crash_at = crash;
    driver_.Run(MakeCreateRequestFlow(Ask(nightly_, id)));
    driver_.crash_at.reset();
    RequestQuery query;
    query.states = {RequestState::kApproved};
    ASSERT_OK_AND_ASSIGN(Page<SigningRequest> left, store_.ListRequests(query));
    for (const SigningRequest& request : left.items) {
      ASSERT_OK(*driver_.Run(MakeResumeFlow(request)));
    }
    // The caller's retry.
    ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(nightly_, id)));
    EXPECT_EQ(request.state, RequestState::kSigned);
    EXPECT_EQ(Leaves(EventType::kRequestCreated), crash + 1);
    EXPECT_EQ(Leaves(EventType::kRequestSigned), crash + 1);
  }
}

}  // namespace
}  // namespace countersign::core
