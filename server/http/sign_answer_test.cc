#include "server/http/sign_answer.h"

#include <string>

#include "base/encoding.h"
#include "base/error.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kName[] =
    "products/p/operations/o/signingRequests/"
    "0190163d-8694-739b-aea5-966c26f8ad91";

core::SigningRequest Request(core::RequestState state) {
  core::SigningRequest request;
  request.name = *core::RequestName::Parse(kName);
  request.content.operation = request.name.operation;
  request.content.algorithm = core::SignatureAlgorithm::kRsassaPss;
  request.state = state;
  request.key_version = 1;
  return request;
}

core::Product ProductWithChain() {
  core::Product product;
  core::Operation operation;
  operation.name = *core::OperationName::Parse("products/p/operations/o");
  product.name = operation.name.product;
  core::KeyVersion key;
  key.name = {operation.name, 1};
  key.chain = core::CertificateChain{{"leaf", "intermediate"}, {}};
  operation.key_versions.push_back(key);
  product.operations.push_back(operation);
  return product;
}

TEST(AnswerOf, SaysWhichCredentialWouldBeRight) {
  const struct {
    absl::Status status;
    const char* challenge;
    const char* says;
  } kRows[] = {
      {core::error::NoCredential(true), "Bearer",
       "authorization: Bearer TOKEN"},
      {core::error::NoCredential(false), "Bearer", "identity.client_ca_file"},
      {core::error::UnknownIdentity("no name"), "Bearer", "no name"},
      {core::error::TokenRefused("TOKEN_EXPIRED", "it ended"),
       "Bearer error=\"invalid_token\"", "get a fresh token"},
      {core::error::TokenRefused("TOKEN_AUDIENCE", "not for here"),
       "Bearer error=\"invalid_token\"", "not for here"},
  };
  for (const auto& row : kRows) {
    const HttpAnswer answer = AnswerOf(row.status, "id");
    EXPECT_EQ(answer.code, 401) << row.status;
    EXPECT_EQ(answer.authenticate, row.challenge) << row.status;
    EXPECT_THAT(answer.body, HasSubstr(row.says));
  }
  EXPECT_EQ(AnswerOf(core::error::NotFound("x"), "id").authenticate, "");
  const HttpAnswer later =
      AnswerOf(core::error::IssuerKeysUnavailable("ci", "being fetched",
                                                  absl::Seconds(2)),
               "id");
  EXPECT_EQ(later.code, 503);
  EXPECT_EQ(later.retry_after, absl::Seconds(2));
}

TEST(AnswerOf, MapsCodesAndTellsTheCause) {
  const struct {
    absl::Status status;
    int code;
    const char* says;
    bool retry;
  } kRows[] = {
      {core::error::BadRequest({{"body", "is wrong"}}), 400,
       "bad request: body is wrong", false},
      {core::error::UnknownIdentity("no name"), 401, "no name", false},
      {core::error::PermissionDenied("ci", "ask for signatures", "products/p"),
       403, "not allowed: ci may not ask for signatures", false},
      {core::error::NotFound("products/p"), 404, "check the URL's product",
       false},
      {core::error::OperationDisabled("products/p/operations/o"), 409,
       "not possible now", false},
      {core::error::AlgorithmNotAllowed("RSASSA-PSS", "RSASSA-PKCS1-V1_5"), 400,
       "RSASSA-PKCS1-V1_5; the path's end says which", false},
      {core::error::EncodingNotPossible("products/p/operations/o"), 400,
       "send Accept: application/octet-stream+hex", false},
      {core::error::Overloaded(absl::Seconds(7)), 429, "too much to do", true},
      {core::error::ServerStopping(), 503, "stopping", true},
      {core::error::RecordUnavailable(), 503, "try again later", true},
      {core::error::ConcurrentChange("products/p"), 503, "", true},
      {absl::InternalError("disk on fire"), 500, "call_id c1", false},
      {absl::UnknownError("a bug"), 500, "call_id c1", false},
  };
  for (const auto& row : kRows) {
    const HttpAnswer answer = AnswerOf(row.status, "c1");
    EXPECT_EQ(answer.code, row.code) << row.status;
    EXPECT_THAT(answer.body, HasSubstr(row.says));
    EXPECT_THAT(answer.body, testing::EndsWith("\n"));
    EXPECT_EQ(answer.retry_after.has_value(), row.retry) << row.status;
  }
  EXPECT_EQ(AnswerOf(core::error::Overloaded(absl::Seconds(7)), "").retry_after,
            absl::Seconds(7));
}

TEST(AnswerOf, KeepsTheInsideInside) {
  EXPECT_THAT(AnswerOf(absl::InternalError("/var/lib/db"), "c1").body,
              Not(HasSubstr("/var")));
}

TEST(SignatureAnswer, WritesEachForm) {
  core::SigningRequest request = Request(core::RequestState::kSigned);
  request.signatures.resize(1);
  request.signatures[0].value = "\x01\xff";
  const core::Product product = ProductWithChain();
  const struct {
    AnswerFormat format;
    std::string body;
  } kRows[] = {{AnswerFormat::kRaw, "\x01\xff"},
               {AnswerFormat::kHex, "01ff"},
               {AnswerFormat::kBase64, "Af8="}};
  for (const auto& row : kRows) {
    ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                         SignatureAnswer(request, row.format, &product));
    EXPECT_EQ(answer.code, 200);
    EXPECT_EQ(answer.body, row.body);
    EXPECT_EQ(answer.content_type, MediaType(row.format));
  }
}

TEST(SignatureAnswer, PutsTheSignatureFirstAndTheLeafBehindIt) {
  core::SigningRequest request = Request(core::RequestState::kSigned);
  request.signatures.resize(1);
  request.signatures[0].value = "signature";
  const core::Product product = ProductWithChain();
  ASSERT_OK_AND_ASSIGN(const HttpAnswer answer,
                       SignatureAnswer(request, AnswerFormat::kPem, &product));
  EXPECT_THAT(answer.body,
              testing::StartsWith("-----BEGIN SIGNATURE-----\n"
                                  "Signature Algorithm: RSASSA-PSS\n\n"));
  ASSERT_OK_AND_ASSIGN(const auto blocks, base::ParsePem(answer.body));
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0].contents, "signature");
  EXPECT_EQ(blocks[1].contents, "leaf");
  EXPECT_EQ(blocks[2].contents, "intermediate");
}

TEST(SignatureAnswer, NeedsTheCertificatesAndTheSignature) {
  core::SigningRequest request = Request(core::RequestState::kSigned);
  EXPECT_FALSE(SignatureAnswer(request, AnswerFormat::kRaw, nullptr).ok());
  request.signatures.resize(1);
  EXPECT_EQ(
      SignatureAnswer(request, AnswerFormat::kPem, nullptr).status().code(),
      absl::StatusCode::kFailedPrecondition);
}

TEST(EndedAnswer, SaysWhoRefusedAndWhy) {
  core::SigningRequest request = Request(core::RequestState::kRejected);
  core::Decision decision;
  decision.kind = core::DecisionKind::kRejection;
  decision.approver.subject = "email:ann@example.org";
  decision.reason = "no tag\nyet";
  request.decisions.push_back(decision);
  const HttpAnswer answer = EndedAnswer(request, absl::Hours(1));
  EXPECT_EQ(answer.code, 403);
  EXPECT_EQ(answer.body,
            std::string("rejected: ") + kName +
                " was rejected by email:ann@example.org: no tag\\x0ayet; the "
                "same call gets this answer for 1h; another description in "
                "the query asks anew\n");
}

TEST(EndedAnswer, SaysWhatToDoAboutEachEnd) {
  const struct {
    core::RequestState state;
    int code;
    const char* says;
  } kRows[] = {
      {core::RequestState::kCancelled, 409, "was cancelled: no longer"},
      {core::RequestState::kExpired, 409, "the same call asks anew"},
      {core::RequestState::kFailed, 409, "could not be signed: no longer"},
  };
  for (const auto& row : kRows) {
    core::SigningRequest request = Request(row.state);
    request.state_reason = "no longer";
    const HttpAnswer answer = EndedAnswer(request, absl::Hours(1));
    EXPECT_EQ(answer.code, row.code);
    EXPECT_THAT(answer.body, HasSubstr(row.says));
    EXPECT_THAT(answer.body, HasSubstr(kName));
  }
}

TEST(StillWaitingAnswer, NamesTheRequestAndHowToGoOn) {
  const HttpAnswer answer =
      StillWaitingAnswer(Request(core::RequestState::kPendingApproval),
                         "no answer within 1h", absl::Seconds(1));
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.retry_after, absl::Seconds(1));
  EXPECT_THAT(answer.body, HasSubstr(kName));
  EXPECT_THAT(answer.body, HasSubstr("waits for people"));
  EXPECT_THAT(answer.body, HasSubstr("send the same call again"));
  EXPECT_THAT(StillWaitingAnswer(Request(core::RequestState::kApproved), "",
                                 absl::Seconds(1))
                  .body,
              HasSubstr("signing token"));
}

}  // namespace
}  // namespace countersign::server
