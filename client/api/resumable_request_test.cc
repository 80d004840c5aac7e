#include "client/api/resumable_request.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using v1::SigningRequest;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::string NameOf(int number) {
  return absl::StrCat("products/p/operations/o/signingRequests/", number);
}

void SetTime(absl::Time time, google::protobuf::Timestamp* to) {
  to->set_seconds(absl::ToUnixSeconds(time));
}

// Requests by their request_id, as a server keeps them.
class ResumableRequestTest : public testing::Test {
 protected:
  ResumableRequestTest()
      : connection_(server_.Channel(), {}, clock_, random_),
        client_(connection_) {
    server_.answers().create =
        [this](const v1::CreateSigningRequestRequest& creation,
               SigningRequest* answer) { return Create(creation, answer); };
    server_.answers().get = [this](const v1::GetSigningRequestRequest& get,
                                   SigningRequest* answer) {
      for (const auto& [id, request] : requests_) {
        if (request.name() == get.name()) *answer = request;
      }
      return grpc::Status::OK;
    };
  }

  grpc::Status Create(const v1::CreateSigningRequestRequest& creation,
                      SigningRequest* answer) {
    const auto [at, is_new] = requests_.try_emplace(creation.request_id());
    SigningRequest& request = at->second;
    if (is_new) {
      request = creation.signing_request();
      request.set_name(NameOf(static_cast<int>(requests_.size())));
      request.set_signature_algorithm(v1::ECDSA);
      End(request, next_state_, server_now_);
      names_.push_back(creation.request_id());
      contents_[creation.request_id()] =
          creation.signing_request().SerializeAsString();
    } else if (contents_[creation.request_id()] !=
               creation.signing_request().SerializeAsString()) {
      base::ErrorDetails details;
      details.reason = "REQUEST_ID_REUSED";
      details.metadata["resource"] = request.name();
      return WireError(base::MakeError(absl::StatusCode::kAlreadyExists,
                                       "used for other content", details));
    }
    *answer = request;
    return grpc::Status::OK;
  }

  static void End(SigningRequest& request, SigningRequest::State state,
                  absl::Time when) {
    request.set_state(state);
    SetTime(when, request.mutable_update_time());
    if (state != SigningRequest::SIGNED) return;
    request.add_signatures()->set_value("signature");
    request.mutable_signatures(0)->set_crc32c(base::Crc32c("signature"));
  }
  // The newest request, from now on.
  void EndNewest(SigningRequest::State state, absl::Time when) {
    End(requests_[names_.back()], state, when);
  }

  static ResumableRequest Ask() {
    ResumableRequest ask;
    ask.parts = {"test"};
    ask.creation.set_parent("products/p/operations/o");
    SigningRequest& content = *ask.creation.mutable_signing_request();
    content.set_hash_algorithm(v1::SHA256);
    content.set_description("first");
    content.add_digests()->set_value(std::string(32, 'd'));
    return ask;
  }

  std::string Find(const ResumableRequest& ask, absl::Time now = kNow) {
    // Each run at a time of its own.
    const auto found =
        FindOrCreate(client_, ask, now + absl::Microseconds(++runs_));
    EXPECT_OK(found);
    return found.ok() ? found->name() : "";
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  Connection connection_;
  SigningClient client_;
  SigningRequest::State next_state_ = SigningRequest::PENDING_APPROVAL;
  absl::Time server_now_ = kNow;
  int runs_ = 0;
  std::map<std::string, SigningRequest> requests_;
  std::map<std::string, std::string> contents_;
  std::vector<std::string> names_;
};

TEST_F(ResumableRequestTest, FindsWhatWaitsForPeople) {
  EXPECT_EQ(Find(Ask()), NameOf(1));
  EXPECT_EQ(Find(Ask(), kNow + absl::Hours(100)), NameOf(1));
  EndNewest(SigningRequest::APPROVED, kNow);
  EXPECT_EQ(Find(Ask(), kNow + absl::Hours(100)), NameOf(1));
}

TEST_F(ResumableRequestTest, TakesASignedOneForAWhile) {
  EXPECT_EQ(Find(Ask()), NameOf(1));
  EndNewest(SigningRequest::SIGNED, kNow + absl::Hours(5));
  EXPECT_EQ(Find(Ask(), kNow + absl::Minutes(359)), NameOf(1));
  EXPECT_EQ(Find(Ask(), kNow + absl::Minutes(361)), NameOf(2));
  EXPECT_EQ(Find(Ask(), kNow + absl::Minutes(362)), NameOf(2));
}

TEST_F(ResumableRequestTest, AsksAgainAfterEachOtherEnd) {
  int number = 1;
  for (const SigningRequest::State end :
       {SigningRequest::REJECTED, SigningRequest::EXPIRED,
        SigningRequest::CANCELLED, SigningRequest::FAILED}) {
    EXPECT_EQ(Find(Ask()), NameOf(number));
    EndNewest(end, kNow);
    ++number;
    EXPECT_EQ(Find(Ask()), NameOf(number));
    EXPECT_EQ(Find(Ask()), NameOf(number)) << "found again";
  }
}

TEST_F(ResumableRequestTest, TellsApproversThatItIsASecondTry) {
  Find(Ask());
  EndNewest(SigningRequest::REJECTED, kNow);
  Find(Ask());
  EXPECT_EQ(requests_[names_[0]].context().count("attempt"), 0u);
  EXPECT_EQ(requests_[names_[1]].context().at("attempt").substr(0, 7),
            "2, 2027");
}

TEST_F(ResumableRequestTest, TakesItsOwnWhateverTheServersClockSays) {
  // Nobody has to agree, and the server is a day behind: all look old.
  next_state_ = SigningRequest::SIGNED;
  server_now_ = kNow - absl::Hours(24);
  EXPECT_EQ(Find(Ask()), NameOf(2));
  EXPECT_EQ(Find(Ask(), kNow + absl::Minutes(1)), NameOf(3));
  EXPECT_EQ(requests_.size(), 3u);
}

TEST_F(ResumableRequestTest, DoesNotRepeatItsOwnThatFailed) {
  Find(Ask());
  EndNewest(SigningRequest::REJECTED, kNow);
  next_state_ = SigningRequest::FAILED;
  ASSERT_OK_AND_ASSIGN(const SigningRequest found,
                       FindOrCreate(client_, Ask(), kNow));
  EXPECT_EQ(found.state(), SigningRequest::FAILED);
  EXPECT_EQ(requests_.size(), 2u);
}

TEST_F(ResumableRequestTest, FindsItUnderAnotherDescription) {
  EXPECT_EQ(Find(Ask()), NameOf(1));
  ResumableRequest ask = Ask();
  ask.creation.mutable_signing_request()->set_description("second");
  (*ask.creation.mutable_signing_request()->mutable_context())["job"] = "7";
  ask.creation.mutable_signing_request()->mutable_digests(0)->set_label("l");
  EXPECT_EQ(Find(ask), NameOf(1));
}

TEST_F(ResumableRequestTest, AsksForEachOtherQuestionAnew) {
  std::vector<ResumableRequest> others(7, Ask());
  const auto content = [&](int i) {
    return others[i].creation.mutable_signing_request();
  };
  others[0].parts = {"test", "other key"};
  others[1].creation.set_parent("products/p/operations/other");
  content(2)->mutable_digests(0)->set_value(std::string(32, 'e'));
  content(3)->set_ecdsa_form(v1::DER);
  content(4)->set_encoding(v1::PEM);
  content(5)->set_signature_algorithm(v1::ECDSA);
  content(6)->add_digests()->set_value(std::string(32, 'd'));
  std::set<std::string> names = {Find(Ask())};
  for (const ResumableRequest& other : others) names.insert(Find(other));
  EXPECT_EQ(names.size(), others.size() + 1);
}

TEST_F(ResumableRequestTest, KeepsTwoListsOfPartsApart) {
  ResumableRequest one = Ask();
  one.parts = {"a", "b"};
  ResumableRequest other = Ask();
  other.parts = {"ab"};
  EXPECT_NE(ResumableRequestId(one, "", 0), ResumableRequestId(other, "", 0));
  EXPECT_NE(ResumableRequestId(one, "", 0), ResumableRequestId(one, "", 1));
  EXPECT_NE(ResumableRequestId(one, "", 0),
            ResumableRequestId(one, "2026-01-31", 0));
}

TEST_F(ResumableRequestTest, BeginsASeriesForTheDayWhereThereAreMany) {
  for (int i = 0; i < 32; ++i) {
    Find(Ask());
    EndNewest(SigningRequest::REJECTED, kNow);
  }
  EXPECT_EQ(Find(Ask()), NameOf(33));
  EXPECT_EQ(Find(Ask()), NameOf(33));
  EXPECT_EQ(Find(Ask(), kNow + absl::Hours(24)), NameOf(34));
}

TEST_F(ResumableRequestTest, StopsWhereEverythingEnds) {
  for (int i = 0; i < 64; ++i) {
    Find(Ask());
    EndNewest(SigningRequest::REJECTED, kNow);
  }
  EXPECT_THAT(FindOrCreate(client_, Ask(), kNow),
              HasReason("TOO_MANY_ATTEMPTS"));
}

TEST_F(ResumableRequestTest, ReturnsWhatStandsWhileTheTokenIsAway) {
  server_.answers().create = [this](const v1::CreateSigningRequestRequest& c,
                                    SigningRequest* answer) {
    next_state_ = SigningRequest::APPROVED;
    EXPECT_TRUE(Create(c, answer).ok());
    base::ErrorDetails details;
    details.reason = "SIGNER_UNAVAILABLE";
    details.metadata["resource"] = answer->name();
    details.retry_delay = absl::Seconds(10);
    return WireError(
        base::MakeError(absl::StatusCode::kUnavailable, "token away", details));
  };
  EXPECT_EQ(Find(Ask()), NameOf(1));
}

TEST_F(ResumableRequestTest, DoesNotTakeWhatIsAboutSomethingElse) {
  server_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                SigningRequest*) {
    base::ErrorDetails details;
    details.reason = "REQUEST_ID_REUSED";
    details.metadata["resource"] = NameOf(9);
    return WireError(base::MakeError(absl::StatusCode::kAlreadyExists,
                                     "used for other content", details));
  };
  EXPECT_THAT(FindOrCreate(client_, Ask(), kNow),
              HasReason("REQUEST_ID_REUSED"));
}

TEST_F(ResumableRequestTest, PassesOtherErrorsOn) {
  server_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                SigningRequest*) {
    return WireError(absl::PermissionDeniedError("no"));
  };
  EXPECT_THAT(FindOrCreate(client_, Ask(), kNow),
              base::HasCode(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace countersign::client
