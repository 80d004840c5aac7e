#include "client/api/signing_client.h"

#include <atomic>
#include <set>
#include <string>
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

constexpr char kName[] = "products/p/operations/o/signingRequests/r";

SigningRequest Request(SigningRequest::State state, int64_t revision) {
  SigningRequest request;
  request.set_name(kName);
  request.set_state(state);
  request.set_revision(revision);
  request.set_hash_algorithm(v1::SHA256);
  v1::LabelledDigest* digest = request.add_digests();
  digest->set_value(std::string(32, 'd'));
  digest->set_crc32c(base::Crc32c(digest->value()));
  if (state == SigningRequest::SIGNED) {
    request.add_signatures()->set_value("signature");
    request.mutable_signatures(0)->set_crc32c(base::Crc32c("signature"));
  }
  return request;
}

class SigningClientTest : public testing::Test {
 protected:
  SigningClientTest()
      : connection_(server_.Channel(), Options(), clock_, random_),
        client_(connection_) {}

  ConnectionOptions Options() {
    ConnectionOptions options;
    options.sleep = [this](absl::Duration d) { slept_ += d; };
    options.interrupted = [this] { return interrupted_.load(); };
    return options;
  }

  v1::CreateSigningRequestRequest Creation() {
    v1::CreateSigningRequestRequest request;
    request.set_parent("products/p/operations/o");
    SigningRequest& content = *request.mutable_signing_request();
    content.set_hash_algorithm(v1::SHA256);
    content.add_digests()->set_value(std::string(32, 'd'));
    return request;
  }

  absl::StatusOr<SigningRequest> Wait(
      absl::Time deadline = absl::InfiniteFuture()) {
    WatchEvents events;
    events.changed = [this](const SigningRequest& request) {
      seen_.push_back(SigningRequest::State_Name(request.state()));
    };
    events.broken = [this](const absl::Status&, absl::Duration) { ++breaks_; };
    return client_.Wait(kName, deadline, events);
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::atomic<bool> interrupted_{false};
  absl::Duration slept_;
  Connection connection_;
  SigningClient client_;
  std::vector<std::string> seen_;
  int breaks_ = 0;
};

TEST_F(SigningClientTest, CreatesWithChecksumsAndARequestId) {
  v1::CreateSigningRequestRequest got;
  server_.answers().create = [&](const v1::CreateSigningRequestRequest& request,
                                 SigningRequest* answer) {
    got = request;
    *answer = Request(SigningRequest::SIGNED, 1);
    return grpc::Status::OK;
  };
  ASSERT_OK(client_.Create(Creation()));
  EXPECT_EQ(got.request_id().size(), 36u);
  EXPECT_EQ(got.signing_request().digests(0).crc32c(),
            base::Crc32c(std::string(32, 'd')));
}

TEST_F(SigningClientTest, RepeatsACreationWithTheSameRequestId) {
  std::vector<std::string> ids;
  server_.answers().create = [&](const v1::CreateSigningRequestRequest& request,
                                 SigningRequest* answer) {
    ids.push_back(request.request_id());
    if (ids.size() < 3) return WireError(absl::UnavailableError("again"));
    *answer = Request(SigningRequest::SIGNED, 1);
    return grpc::Status::OK;
  };
  ASSERT_OK(client_.Create(Creation()));
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[0], ids[2]);
}

// A server whose token is away: the request stands.
absl::Status TokenAway() {
  base::ErrorDetails details;
  details.reason = "SIGNER_UNAVAILABLE";
  details.metadata["resource"] = kName;
  details.retry_delay = absl::Seconds(10);
  return base::MakeError(absl::StatusCode::kUnavailable, "token away", details);
}

TEST_F(SigningClientTest, RepeatsACreationUntilItsTimeIsOver) {
  std::set<std::string> ids;
  int calls = 0;
  server_.answers().create = [&](const v1::CreateSigningRequestRequest& request,
                                 SigningRequest*) {
    ids.insert(request.request_id());
    ++calls;
    return WireError(TokenAway());
  };
  const auto got = client_.Create(Creation());
  EXPECT_THAT(got, HasReason("SIGNER_UNAVAILABLE"));
  // 60 s in pauses of 10 to 15 s.
  EXPECT_GE(calls, 4);
  EXPECT_LE(calls, 6);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_THAT(std::string(got.status().message()),
              testing::HasSubstr(absl::StrCat("the request stands: ", kName)));
}

TEST_F(SigningClientTest, ReturnsAtOnceToACallerThatWillWait) {
  int calls = 0;
  server_.answers().create = [&](const v1::CreateSigningRequestRequest&,
                                 SigningRequest*) {
    ++calls;
    return WireError(TokenAway());
  };
  EXPECT_THAT(client_.Create(Creation(), Standing::kReturn),
              HasReason("SIGNER_UNAVAILABLE"));
  EXPECT_EQ(calls, 1);
}

TEST_F(SigningClientTest, SendsMessagesWithTheirChecksums) {
  v1::CreateSigningRequestRequest got;
  server_.answers().create = [&](const v1::CreateSigningRequestRequest& request,
                                 SigningRequest* answer) {
    got = request;
    *answer = Request(SigningRequest::SIGNED, 1);
    answer->set_hash_algorithm(v1::UNHASHED);
    *answer->mutable_digests() = request.signing_request().digests();
    return grpc::Status::OK;
  };
  v1::CreateSigningRequestRequest request = Creation();
  SigningRequest& content = *request.mutable_signing_request();
  content.set_hash_algorithm(v1::UNHASHED);
  content.mutable_digests(0)->clear_value();
  content.mutable_digests(0)->set_message("hello");
  ASSERT_OK(client_.Create(request));
  EXPECT_EQ(got.signing_request().digests(0).crc32c(), base::Crc32c("hello"));
}

TEST_F(SigningClientTest, RefusesASignatureThatWasDamagedOnTheWay) {
  server_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                SigningRequest* answer) {
    *answer = Request(SigningRequest::SIGNED, 1);
    answer->mutable_signatures(0)->set_value("Signature");
    return grpc::Status::OK;
  };
  EXPECT_THAT(client_.Create(Creation()), HasReason("SIGNATURE_DAMAGED"));
}

TEST_F(SigningClientTest, RefusesAnAnswerAboutOtherDigests) {
  server_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                SigningRequest* answer) {
    *answer = Request(SigningRequest::SIGNED, 1);
    answer->mutable_digests(0)->set_value(std::string(32, 'e'));
    answer->mutable_digests(0)->set_crc32c(base::Crc32c(std::string(32, 'e')));
    return grpc::Status::OK;
  };
  EXPECT_THAT(client_.Create(Creation()), HasReason("DIGESTS_CHANGED"));
}

TEST_F(SigningClientTest, DoesNotRepeatAnApproval) {
  std::atomic<int> calls{0};
  server_.answers().approve = [&](const v1::ApproveSigningRequestRequest&,
                                  SigningRequest*) {
    ++calls;
    return WireError(absl::UnavailableError("lost"));
  };
  EXPECT_FALSE(client_.Approve(kName, "etag", "").ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(SigningClientTest, ListsEveryPage) {
  server_.answers().list = [](const v1::ListSigningRequestsRequest& request,
                              v1::ListSigningRequestsResponse* answer) {
    const int page =
        request.page_token().empty() ? 0 : std::stoi(request.page_token());
    *answer->add_signing_requests() =
        Request(SigningRequest::PENDING_APPROVAL, page + 1);
    if (page < 2) answer->set_next_page_token(absl::StrCat(page + 1));
    return grpc::Status::OK;
  };
  ASSERT_OK_AND_ASSIGN(const auto all, client_.List("products/-", {}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[2].revision(), 3);
}

TEST_F(SigningClientTest, WaitsThroughEachState) {
  server_.answers().watch = [](const v1::WatchSigningRequestRequest&,
                               grpc::ServerWriter<SigningRequest>* writer,
                               const std::function<bool()>&) {
    writer->Write(Request(SigningRequest::PENDING_APPROVAL, 1));
    writer->Write(Request(SigningRequest::APPROVED, 2));
    writer->Write(Request(SigningRequest::SIGNED, 3));
    return grpc::Status::OK;
  };
  ASSERT_OK_AND_ASSIGN(const SigningRequest request, Wait());
  EXPECT_EQ(request.state(), SigningRequest::SIGNED);
  EXPECT_EQ(seen_, (std::vector<std::string>{"PENDING_APPROVAL", "APPROVED",
                                             "SIGNED"}));
  EXPECT_EQ(breaks_, 0);
}

TEST_F(SigningClientTest, TakesABrokenStreamUpWhereItEnded) {
  std::vector<int64_t> resumed;
  server_.answers().watch = [&](const v1::WatchSigningRequestRequest& request,
                                grpc::ServerWriter<SigningRequest>* writer,
                                const std::function<bool()>&) {
    resumed.push_back(request.after_revision());
    if (resumed.size() == 1) {
      writer->Write(Request(SigningRequest::PENDING_APPROVAL, 7));
      return WireError(absl::UnavailableError("restart"));
    }
    // A stream that ends in good order before the request does is a break too.
    if (resumed.size() == 2) return grpc::Status::OK;
    writer->Write(Request(SigningRequest::SIGNED, 9));
    return grpc::Status::OK;
  };
  ASSERT_OK(Wait());
  EXPECT_EQ(resumed, (std::vector<int64_t>{0, 7, 7}));
  EXPECT_EQ(breaks_, 2);
  EXPECT_EQ(seen_.size(), 2u);
}

TEST_F(SigningClientTest, OutlastsManyBreaksOnceItHasHeardSomething) {
  std::atomic<int> streams{0};
  server_.answers().watch = [&](const v1::WatchSigningRequestRequest&,
                                grpc::ServerWriter<SigningRequest>* writer,
                                const std::function<bool()>&) {
    const int stream = ++streams;
    if (stream == 1) writer->Write(Request(SigningRequest::APPROVED, 1));
    if (stream < 30) return WireError(absl::UnavailableError("down"));
    writer->Write(Request(SigningRequest::SIGNED, 2));
    return grpc::Status::OK;
  };
  ASSERT_OK(Wait());
  EXPECT_EQ(streams, 30);
}

TEST_F(SigningClientTest, GivesUpOnAServerThatNeverAnswered) {
  server_.answers().watch = [](const v1::WatchSigningRequestRequest&,
                               grpc::ServerWriter<SigningRequest>*,
                               const std::function<bool()>&) {
    return WireError(absl::UnavailableError("down"));
  };
  EXPECT_FALSE(Wait().ok());
  EXPECT_EQ(breaks_, 4);
}

TEST_F(SigningClientTest, WaitsForAServerThatSaysWhenToComeBack) {
  std::atomic<int> streams{0};
  server_.answers().watch = [&](const v1::WatchSigningRequestRequest&,
                                grpc::ServerWriter<SigningRequest>* writer,
                                const std::function<bool()>&) {
    if (++streams < 20) {
      base::ErrorDetails details;
      details.retry_delay = absl::Seconds(1);
      return WireError(base::MakeError(absl::StatusCode::kResourceExhausted,
                                       "many watch", details));
    }
    writer->Write(Request(SigningRequest::SIGNED, 2));
    return grpc::Status::OK;
  };
  ASSERT_OK(Wait());
  EXPECT_EQ(streams, 20);
}

TEST_F(SigningClientTest, EndsAWaitThatIsDenied) {
  server_.answers().watch = [](const v1::WatchSigningRequestRequest&,
                               grpc::ServerWriter<SigningRequest>*,
                               const std::function<bool()>&) {
    return WireError(absl::NotFoundError("no such request"));
  };
  EXPECT_THAT(Wait(), base::HasCode(absl::StatusCode::kNotFound));
}

// A server that says PENDING and then nothing.
void WatchForEver(TestServer& server, const std::function<void()>& written) {
  server.answers().watch = [written](const v1::WatchSigningRequestRequest&,
                                     grpc::ServerWriter<SigningRequest>* writer,
                                     const std::function<bool()>& cancelled) {
    writer->Write(Request(SigningRequest::PENDING_APPROVAL, 1));
    written();
    while (!cancelled()) base::SleepFor(absl::Milliseconds(5));
    return grpc::Status::CANCELLED;
  };
}

TEST_F(SigningClientTest, EndsAtTheDeadlineOfTheWait) {
  WatchForEver(server_, [] {});
  EXPECT_THAT(Wait(clock_.Now() + absl::Milliseconds(300)),
              HasReason("WAIT_ENDED"));
}

TEST_F(SigningClientTest, EndsWhenTheUserInterrupts) {
  WatchForEver(server_, [this] { interrupted_ = true; });
  EXPECT_THAT(Wait(), HasReason("INTERRUPTED"));
}

}  // namespace
}  // namespace countersign::client
