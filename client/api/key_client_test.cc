#include "client/api/key_client.h"

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

constexpr char kOperation[] = "products/p/operations/o";
constexpr char kKey[] = "products/p/operations/o/keyVersions/2";
const absl::Time kStart =
    absl::FromUnixSeconds(1767225600) + absl::Milliseconds(500);

class KeyClientTest : public testing::Test {
 protected:
  KeyClientTest()
      : connection_(server_.Channel(), Options(), clock_, random_),
        client_(connection_) {}

  static ConnectionOptions Options() {
    ConnectionOptions options;
    options.sleep = [](absl::Duration) {};
    return options;
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  Connection connection_;
  KeyClient client_;
};

TEST_F(KeyClientTest, RotatesNowOrLater) {
  std::vector<v1::RotateKeyRequest> got;
  server_.answers().rotate = [&](const v1::RotateKeyRequest& request,
                                 v1::KeyVersion* answer) {
    got.push_back(request);
    answer->set_name(kKey);
    return grpc::Status::OK;
  };
  ASSERT_OK(client_.Rotate(kOperation, std::nullopt));
  ASSERT_OK(client_.Rotate(kOperation, kStart));
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].name(), kOperation);
  EXPECT_FALSE(got[0].has_start_time());
  EXPECT_EQ(got[1].start_time().seconds(), 1767225600);
  EXPECT_EQ(got[1].start_time().nanos(), 500000000);
}

TEST_F(KeyClientTest, RegistersAKeyOfSeveralTokens) {
  v1::RegisterKeyVersionRequest got;
  server_.answers().register_key =
      [&](const v1::RegisterKeyVersionRequest& request,
          v1::KeyVersion* answer) {
        got = request;
        answer->set_origin(v1::KeyVersion::REGISTERED);
        return grpc::Status::OK;
      };
  v1::ExistingKey key;
  key.set_key_id("0a0b");
  key.set_label("Old key");
  key.add_tokens("a");
  key.add_tokens("b");
  ASSERT_OK_AND_ASSIGN(const v1::KeyVersion version,
                       client_.Register(kOperation, key, kStart));
  EXPECT_EQ(version.origin(), v1::KeyVersion::REGISTERED);
  EXPECT_EQ(got.parent(), kOperation);
  EXPECT_EQ(got.existing_key().label(), "Old key");
  EXPECT_EQ(got.existing_key().tokens_size(), 2);
  EXPECT_TRUE(got.has_start_time());
}

// Each method reaches its own RPC with name and reason.
TEST_F(KeyClientTest, SwitchesStates) {
  std::string got;
  const auto take = [&got](const char* method) {
    return [&got, method](const auto& request, v1::KeyVersion*) {
      got = std::string(method) + " " + request.name() + " " + request.reason();
      return grpc::Status::OK;
    };
  };
  server_.answers().disable_key = take("disable");
  server_.answers().enable_key = take("enable");
  server_.answers().destroy_key = take("destroy");
  server_.answers().restore_key = take("restore");
  struct Row {
    const char* name;
    absl::StatusOr<v1::KeyVersion> (KeyClient::*method)(const std::string&,
                                                        const std::string&);
  };
  for (const Row& row :
       {Row{"disable", &KeyClient::Disable}, Row{"enable", &KeyClient::Enable},
        Row{"destroy", &KeyClient::Destroy},
        Row{"restore", &KeyClient::Restore}}) {
    ASSERT_OK((client_.*row.method)(kKey, "why"));
    EXPECT_EQ(got, std::string(row.name) + " " + kKey + " why");
  }
}

TEST_F(KeyClientTest, DoesNotRepeatWhatMayHaveHappened) {
  int calls = 0;
  server_.answers().destroy_key = [&](const v1::DestroyKeyVersionRequest&,
                                      v1::KeyVersion*) {
    ++calls;
    return WireError(absl::UnavailableError("lost"));
  };
  EXPECT_FALSE(client_.Destroy(kKey, "why").ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(KeyClientTest, RepeatsWhatAnOverloadedServerDidNotBegin) {
  int calls = 0;
  server_.answers().disable_key = [&](const v1::DisableKeyVersionRequest&,
                                      v1::KeyVersion*) {
    if (++calls > 3) return grpc::Status::OK;
    base::ErrorDetails details;
    details.reason = "OVERLOADED";
    details.retry_delay = absl::Seconds(1);
    return WireError(base::MakeError(absl::StatusCode::kResourceExhausted,
                                     "too much", details));
  };
  ASSERT_OK(client_.Disable(kKey, "why"));
  EXPECT_EQ(calls, 4);
}

TEST_F(KeyClientTest, PassesTheServersReasonOn) {
  server_.answers().enable_key = [](const v1::EnableKeyVersionRequest&,
                                    v1::KeyVersion*) {
    base::ErrorDetails details;
    details.reason = "KEY_DESTROYED";
    return WireError(base::MakeError(absl::StatusCode::kFailedPrecondition,
                                     "it is gone", details));
  };
  EXPECT_THAT(client_.Enable(kKey, ""), HasReason("KEY_DESTROYED"));
}

TEST_F(KeyClientTest, ListsAuthorities) {
  server_.answers().list_authorities =
      [&](const v1::ListCertificateAuthoritiesRequest&,
          v1::ListCertificateAuthoritiesResponse* answer) {
        answer->add_certificate_authorities()->set_name("one");
        answer->add_certificate_authorities()->set_name("two");
        return grpc::Status::OK;
      };
  ASSERT_OK_AND_ASSIGN(const auto all, client_.ListAuthorities());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].name(), "two");
}

TEST_F(KeyClientTest, RenewsAndRevokes) {
  v1::ApproveCertificateRenewalRequest agreed;
  v1::RevokeCertificateRequest revoked;
  server_.answers().request_renewal =
      [&](const v1::RequestCertificateRenewalRequest& request,
          v1::KeyVersion* answer) {
        answer->set_name(request.name());
        return grpc::Status::OK;
      };
  server_.answers().approve_renewal =
      [&](const v1::ApproveCertificateRenewalRequest& request,
          v1::KeyVersion*) {
        agreed = request;
        return grpc::Status::OK;
      };
  server_.answers().revoke_certificate =
      [&](const v1::RevokeCertificateRequest& request, v1::KeyVersion*) {
        revoked = request;
        return grpc::Status::OK;
      };
  ASSERT_OK_AND_ASSIGN(const v1::KeyVersion asked,
                       client_.RequestRenewal(kOperation));
  EXPECT_EQ(asked.name(), kOperation);
  ASSERT_OK(client_.ApproveRenewal(kKey, "due"));
  EXPECT_EQ(agreed.name(), kKey);
  EXPECT_EQ(agreed.reason(), "due");
  v1::RevokeCertificateRequest request;
  request.set_name(kKey);
  request.set_serial("41");
  ASSERT_OK(client_.RevokeCertificate(request));
  EXPECT_EQ(revoked.serial(), "41");
}

}  // namespace
}  // namespace countersign::client
