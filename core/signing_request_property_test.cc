// Random histories of a signing request against a small model: what is signed
// had its quorum, what is final stays so, each change is counted once.
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

using S = RequestState;

enum Verb { kApprove, kReject, kCancel, kExpire, kFail, kSign };
constexpr int kVerbs = 6;

// What should happen, said another way than the code says it: names only.
struct Model {
  int required;
  bool blanket;
  std::string requester;
  absl::Time expiry;
  S state;
  std::set<std::string> decided;
  std::set<std::string> agreed;

  // True where the step is allowed; then it is done.
  bool Step(Verb verb, const std::string& who, bool approver, bool admin,
            bool good_etag, absl::Time now) {
    const bool pending = state == S::kPendingApproval;
    const bool may_decide = pending && now < expiry && approver &&
                            who != requester && decided.count(who) == 0 &&
                            good_etag;
    switch (verb) {
      case kApprove:
        if (!may_decide) return false;
        decided.insert(who);
        agreed.insert(who);
        if (static_cast<int>(agreed.size()) >= required) state = S::kApproved;
        return true;
      case kReject:
        return may_decide && Go(S::kRejected);
      case kCancel:
        return (pending || state == S::kApproved) &&
               (who == requester || admin) && Go(S::kCancelled);
      case kExpire:
        return pending && now >= expiry && Go(S::kExpired);
      case kFail:
        return state == S::kApproved && Go(S::kFailed);
      case kSign:
        return state == S::kApproved && Go(S::kSigned);
    }
    return false;
  }
  bool Go(S to) {
    state = to;
    return true;
  }
};

class History {
 public:
  explicit History(uint32_t seed) : random_(seed) {
    request_ = SampleRequest();
    request_.rule.required_approvals = 1 + Below(3);
    request_.requester.groups = {Below(4) == 0 ? "release" : "ci"};
    // Now and then the requester is an approver too.
    if (Below(2) == 0) request_.requester.groups.insert("release-approvers");
    if (RuleIsMet(request_)) request_.state = S::kApproved;
    now_ = request_.create_time;
    model_ = {request_.rule.required_approvals,
              request_.requester.groups.count("release") != 0,
              "pipeline",
              request_.expire_time,
              request_.state,
              {},
              {}};
  }

  // Whether it ended signed.
  bool Run() {
    for (int i = 0; i < 30 && !testing::Test::HasFailure(); ++i) Step();
    if (request_.state != S::kSigned) return false;
    EXPECT_TRUE(model_.blanket ||
                static_cast<int>(model_.agreed.size()) >= model_.required);
    EXPECT_EQ(model_.agreed.count("pipeline"), 0u);
    return true;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % n); }

  Principal Somebody(std::string* name) {
    static const char* const kNames[] = {"pipeline", "ann", "bob", "cleo",
                                         "dan"};
    *name = kNames[Below(5)];
    Principal p = Person(*name, {});
    if (*name == "pipeline") p.groups = request_.requester.groups;
    if (*name == "ann" || *name == "bob" || *name == "cleo") {
      p.groups = {"release-approvers"};
    }
    if (*name == "dan" && Below(2) == 0) p.groups = {"admins"};
    // Another certificate is not another person.
    if (Below(2) == 0) p.credential_fingerprint = "other";
    return p;
  }

  absl::StatusOr<SigningRequest> Do(Verb verb, const Principal& who,
                                    const std::string& etag) {
    switch (verb) {
      case kApprove:
        return Approve(request_, who, SamplePolicy(), etag, "", now_);
      case kReject:
        return Reject(request_, who, SamplePolicy(), etag, "no", now_);
      case kCancel:
        return Cancel(request_, who, SamplePolicy(), now_);
      case kExpire:
        return Expire(request_, now_);
      case kFail:
        return Fail(request_, "x", now_);
      case kSign:
        return Sign(request_, {{"a", "", 1}, {"b", "", 1}}, now_);
    }
    return absl::InternalError("no such verb");
  }

  void Step() {
    std::string name;
    const Principal who = Somebody(&name);
    // Approvals more often, or hardly any history would get far.
    const Verb verb =
        Below(2) == 0 ? kApprove : static_cast<Verb>(Below(kVerbs));
    const bool good_etag = Below(5) != 0;
    if (Below(20) == 0) now_ += absl::Hours(30);
    const S before = request_.state;
    const bool allowed =
        model_.Step(verb, name, who.groups.count("release-approvers") != 0,
                    who.groups.count("admins") != 0, good_etag, now_);
    const absl::StatusOr<SigningRequest> next =
        Do(verb, who, good_etag ? Etag(request_) : std::string(64, '0'));
    ASSERT_EQ(next.ok(), allowed)
        << "verb " << verb << " by " << name << ": " << next.status();
    if (!next.ok()) return;
    EXPECT_FALSE(IsTerminal(before)) << ToString(before);
    EXPECT_EQ(next->revision, request_.revision + 1);
    EXPECT_EQ(next->update_time, now_);
    EXPECT_EQ(next->state, model_.state);
    EXPECT_EQ(Etag(*next), Etag(request_));
    EXPECT_EQ(next->signatures.empty(), next->state != S::kSigned);
    request_ = *next;
  }

  std::mt19937 random_;
  SigningRequest request_;
  Model model_;
  absl::Time now_;
};

TEST(SigningRequestPropertyTest, FollowsTheModelThroughRandomHistories) {
  int signed_count = 0;
  for (uint32_t seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    if (History(seed).Run()) ++signed_count;
  }
  // The histories reach what they are to prove.
  EXPECT_GT(signed_count, 100);
}

}  // namespace
}  // namespace countersign::core
