#include "server/http/sign_order.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

HttpRoute Route(const std::string& query) {
  HttpRoute route;
  route.kind = HttpKind::kSign;
  route.operation = *core::OperationName::Parse("products/p/operations/o");
  route.algorithm = core::SignatureAlgorithm::kRsassaPss;
  route.query = query;
  return route;
}

HttpRequest Request(size_t octets = 32) {
  HttpRequest request;
  request.accept = "application/x-pem-file";
  request.body = std::string(octets, 'd');
  return request;
}

TEST(ReadOrder, ReadsWhatTheFirstOcmCommandLineSends) {
  ASSERT_OK_AND_ASSIGN(
      const SignOrder order,
      ReadOrder(Route("context.build=17&description=Release+1%2B2"
                      "&hashAlgorithm=SHA-256&label=acme.org%2Fx:1.0"),
                Request()));
  EXPECT_EQ(order.content.operation.Format(), "products/p/operations/o");
  EXPECT_EQ(order.content.algorithm, core::SignatureAlgorithm::kRsassaPss);
  EXPECT_EQ(order.content.hash, core::HashAlgorithm::kSha256);
  ASSERT_EQ(order.content.digests.size(), 1u);
  EXPECT_EQ(order.content.digests[0].value, std::string(32, 'd'));
  EXPECT_EQ(order.content.digests[0].label, "acme.org/x:1.0");
  EXPECT_EQ(order.content.description, "Release 1+2");
  EXPECT_THAT(order.content.context, UnorderedElementsAre(Pair("build", "17")));
  EXPECT_THAT(order.formats, testing::ElementsAre(AnswerFormat::kPem));
}

TEST(ReadOrder, TakesTheSpellingsOfTheHashes) {
  const struct {
    const char* text;
    core::HashAlgorithm hash;
    size_t octets;
  } kRows[] = {
      {"SHA-256", core::HashAlgorithm::kSha256, 32},
      {"sha256", core::HashAlgorithm::kSha256, 32},
      {"SHA-384", core::HashAlgorithm::kSha384, 48},
      {"sha-512", core::HashAlgorithm::kSha512, 64},
      {"SHA512", core::HashAlgorithm::kSha512, 64},
  };
  for (const auto& row : kRows) {
    const auto order = ReadOrder(
        Route(std::string("hashAlgorithm=") + row.text), Request(row.octets));
    ASSERT_OK(order) << row.text;
    EXPECT_EQ(order->content.hash, row.hash) << row.text;
  }
}

TEST(ReadOrder, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    const char* query;
    const char* says;
  } kRows[] = {
      {"", "hashAlgorithm is missing"},
      {"hashAlgorithm=MD5", "MD5 is not accepted: use SHA-256"},
      {"hashAlgorithm=SHA-1", "use SHA-256"},
      {"hashAlgorithm=SHA-224", "\"SHA-224\" is not accepted; use SHA-256"},
      {"hashAlgorithm=MD5%2BSHA1", "is not accepted"},
      {"hashAlgorithm=RIPEMD-160", "is not accepted"},
      {"hashAlgorithm=UNHASHED", "is not accepted"},
      {"hashAlgorithm=", "is not accepted"},
      {"hashAlgorithm=SHA-256&hashAlgorithm=SHA-256", "twice"},
      {"hashAlgorithm=SHA-384", "holds 32 octets, but a SHA-384 digest has 48"},
      {"hashAlgorithm=SHA-256&descripton=x",
       "descripton is no parameter of the query; there are hashAlgorithm, "
       "description, label and context.KEY"},
      {"hashAlgorithm=SHA-256&label=%4", "is no escape"},
  };
  for (const auto& row : kRows) {
    const auto order = ReadOrder(Route(row.query), Request());
    ASSERT_FALSE(order.ok()) << row.query;
    EXPECT_EQ(order.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(order.status().message()), HasSubstr(row.says))
        << row.query;
  }
}

TEST(ReadOrder, TellsAllThatIsWrongAtOnce) {
  HttpRequest request = Request(3);
  request.accept = "text/html";
  const auto order =
      ReadOrder(Route("hashAlgorithm=SHA-256&colour=red"), request);
  EXPECT_THAT(std::string(order.status().message()),
              testing::AllOf(HasSubstr("colour"), HasSubstr("Accept"),
                             HasSubstr("3 octets")));
}

TEST(ChooseFormat, TakesWhatTheOperationCanGive) {
  core::Operation plain;
  core::Operation detached;
  detached.type = core::OperationType::kDetachedSignature;
  SignOrder any;
  any.formats = {AnswerFormat::kPem, AnswerFormat::kHex};
  EXPECT_EQ(ChooseFormat(any, detached), AnswerFormat::kPem);
  EXPECT_EQ(ChooseFormat(any, plain), AnswerFormat::kHex);
  SignOrder pem;
  pem.formats = {AnswerFormat::kPem};
  EXPECT_EQ(ChooseFormat(pem, plain), AnswerFormat::kPem);
}

}  // namespace
}  // namespace countersign::server
