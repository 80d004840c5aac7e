#include "core/errors.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core::error {
namespace {

using C = absl::StatusCode;

struct Row {
  absl::Status status;
  C code;
  std::string reason;
  std::string resource;  // in the metadata; empty: none
  bool retry = false;
};

const absl::Time kTime = absl::FromUnixSeconds(1767225600);

std::vector<Row> Catalogue() {
  return {
      {BadRequest({{"a", "is b"}}), C::kInvalidArgument, "BAD_REQUEST", ""},
      {PermissionDenied("ann", "sign", "r"), C::kPermissionDenied,
       "PERMISSION_DENIED", "r"},
      {UnknownIdentity("no certificate"), C::kUnauthenticated,
       "UNKNOWN_IDENTITY", ""},
      {MalformedName("n", "products/{product}"), C::kInvalidArgument,
       "MALFORMED_NAME", "n"},
      {NotFound("r"), C::kNotFound, "RESOURCE_NOT_FOUND", "r"},
      {AlreadyExists("r"), C::kAlreadyExists, "RESOURCE_EXISTS", "r"},
      {ProductNotActive("r", "DISABLED"), C::kFailedPrecondition,
       "PRODUCT_NOT_ACTIVE", "r"},
      {ProductNotPending("r", "ACTIVE"), C::kFailedPrecondition,
       "PRODUCT_NOT_PENDING", "r"},
      {OperationDisabled("r"), C::kFailedPrecondition, "OPERATION_DISABLED",
       "r"},
      {NoSigningKey("r"), C::kFailedPrecondition, "NO_ENABLED_KEY", "r"},
      {ChainMissing("r"), C::kFailedPrecondition, "CHAIN_MISSING", "r"},
      {ChainExpired("r", kTime), C::kFailedPrecondition, "CHAIN_EXPIRED", "r"},
      {IssuedInside("r"), C::kFailedPrecondition, "ISSUED_INSIDE", "r"},
      {NotIssuedInside("r"), C::kFailedPrecondition, "NOT_ISSUED_INSIDE", "r"},
      {CertificateExists("r"), C::kFailedPrecondition, "CERTIFICATE_EXISTS",
       "r"},
      {CertificateMissing("r"), C::kFailedPrecondition, "CERTIFICATE_MISSING",
       "r"},
      {RenewalPending("r"), C::kFailedPrecondition, "RENEWAL_PENDING", "r"},
      {NoRenewal("r"), C::kFailedPrecondition, "NO_RENEWAL", "r"},
      {AlreadyRevoked("r", "ab"), C::kFailedPrecondition, "ALREADY_REVOKED",
       "r"},
      {KeyCompromised("r"), C::kFailedPrecondition, "KEY_COMPROMISED", "r"},
      {NoProfile("r", "p"), C::kFailedPrecondition, "NO_PROFILE", "r"},
      {OwnRenewal("r"), C::kPermissionDenied, "OWN_RENEWAL", "r"},
      {OwnProduct("r"), C::kPermissionDenied, "OWN_PRODUCT", "r"},
      {HashNotAllowed("SHA-256", "SHA-512"), C::kInvalidArgument,
       "HASH_NOT_ALLOWED", ""},
      {AlgorithmNotAllowed("ECDSA", "RSASSA-PSS"), C::kInvalidArgument,
       "ALGORITHM_NOT_ALLOWED", ""},
      {EncodingNotPossible("r"), C::kInvalidArgument, "ENCODING_NOT_POSSIBLE",
       "r"},
      {UnknownAlgorithm("key type", "x", "RSA2048"), C::kInvalidArgument,
       "UNKNOWN_ALGORITHM", ""},
      {WeakHash("MD5"), C::kInvalidArgument, "WEAK_HASH", ""},
      {RequestNotPending("r", "SIGNED"), C::kFailedPrecondition,
       "REQUEST_NOT_PENDING", "r"},
      {OwnRequest("r"), C::kPermissionDenied, "OWN_REQUEST", "r"},
      {AlreadyDecided("r", "ann"), C::kFailedPrecondition, "ALREADY_DECIDED",
       "r"},
      {StaleEtag("r"), C::kAborted, "STALE_ETAG", "r"},
      {RequestExpired("r", kTime), C::kFailedPrecondition, "REQUEST_EXPIRED",
       "r"},
      {RequestNotExpired("r", kTime), C::kFailedPrecondition,
       "REQUEST_NOT_EXPIRED", "r"},
      {RequestNotApproved("r", "SIGNED"), C::kFailedPrecondition,
       "REQUEST_NOT_APPROVED", "r"},
      {SignaturesIncomplete("r"), C::kInternal, "SIGNATURES_INCOMPLETE", "r"},
      {RuleNotMet("r"), C::kFailedPrecondition, "RULE_NOT_MET", "r"},
      {RequestIdReused("id", "r"), C::kAlreadyExists, "REQUEST_ID_REUSED", "r"},
      {ConcurrentChange("r"), C::kAborted, "CONCURRENT_CHANGE", "r", true},
      {SignerUnavailable("r", absl::UnavailableError("why")), C::kUnavailable,
       "SIGNER_UNAVAILABLE", "r", true},
      {RecordUnavailable(), C::kUnavailable, "RECORD_UNAVAILABLE", "", true},
      {Overloaded(absl::Seconds(2)), C::kResourceExhausted, "OVERLOADED", "",
       true},
      {BadPageToken(), C::kInvalidArgument, "BAD_PAGE_TOKEN", ""},
  };
}

TEST(ErrorsTest, SetsCodeReasonResourceAndRetryOfEach) {
  std::set<std::string> reasons;
  for (const Row& row : Catalogue()) {
    SCOPED_TRACE(row.reason);
    EXPECT_THAT(row.status, base::HasCode(row.code));
    const std::optional<base::ErrorDetails> details =
        base::GetErrorDetails(row.status);
    ASSERT_TRUE(details.has_value());
    EXPECT_EQ(details->reason, row.reason);
    EXPECT_EQ(details->metadata.count("resource"),
              row.resource.empty() ? 0 : 1);
    if (!row.resource.empty()) {
      EXPECT_EQ(details->metadata.at("resource"), row.resource);
    }
    EXPECT_EQ(details->retry_delay.has_value(), row.retry);
    EXPECT_EQ(details->preconditions.size(),
              row.code == C::kFailedPrecondition ? 1u : 0u);
    EXPECT_NE(std::string(row.status.message()), "");
    reasons.insert(row.reason);
  }
  EXPECT_EQ(reasons.size(), Catalogue().size());
}

TEST(ErrorsTest, PutsStatesAndTimesIntoTheMetadata) {
  EXPECT_EQ(base::GetErrorDetails(ProductNotActive("r", "DISABLED"))
                ->metadata.at("state"),
            "DISABLED");
  EXPECT_EQ(base::GetErrorDetails(RequestExpired("r", kTime))
                ->metadata.at("expire_time"),
            "2026-01-01T00:00:00+00:00");
  EXPECT_EQ(base::GetErrorDetails(Overloaded(absl::Seconds(2)))->retry_delay,
            absl::Seconds(2));
}

TEST(ErrorsTest, SaysThatATokenIsAwayOnlyWhereItIs) {
  const struct {
    absl::Status cause;
    std::string message;
  } rows[] = {
      {absl::UnavailableError("why"),
       "the signing token is away (why); r stays APPROVED and is signed when "
       "it is back"},
      {Overloaded(absl::Seconds(2)),
       "too many digests wait for the signing token; r stays APPROVED and is "
       "signed when there is room"},
      {absl::DeadlineExceededError("why"),
       "not signed in time (why); r stays APPROVED and is signed later"},
  };
  for (const auto& row : rows) {
    const absl::Status status = SignerUnavailable("r", row.cause);
    EXPECT_EQ(std::string(status.message()), row.message);
    EXPECT_THAT(status, base::HasCode(C::kUnavailable));
    EXPECT_THAT(status, base::HasReason("SIGNER_UNAVAILABLE"));
  }
}

TEST(ErrorsTest, TellsRetryDelaysToTheMillisecond) {
  EXPECT_EQ(std::string(Overloaded(absl::Microseconds(291129)).message()),
            "the server has too much to do; retry in 292ms");
}

TEST(ErrorsTest, TellsEveryViolationInMessageAndDetails) {
  const std::vector<base::FieldViolation> violations = {{"a", "is b"},
                                                        {"c", "is d"}};
  const absl::Status status = BadRequest(violations);
  EXPECT_EQ(std::string(status.message()), "a is b; c is d");
  EXPECT_EQ(base::GetErrorDetails(status)->field_violations, violations);
}

TEST(ErrorsTest, ShowsWhatCallersSentEscapedAndCut) {
  const std::string evil = "\x1b[2J\xff" + std::string(100000, 'x');
  for (const absl::Status& status :
       {MalformedName(evil, "p"), NotFound(evil), AlreadyExists(evil),
        PermissionDenied(evil, "sign", evil), RequestIdReused(evil, "r"),
        UnknownAlgorithm("hash", evil, "SHA-256"), HashNotAllowed(evil, "x"),
        AlreadyDecided("r", evil)}) {
    EXPECT_LT(status.message().size(), 3000u);
    EXPECT_TRUE(base::IsValidUtf8(status.message()));
    EXPECT_EQ(status.message().find('\x1b'), absl::string_view::npos);
    const auto details = base::GetErrorDetails(status);
    ASSERT_TRUE(details.has_value());
    for (const auto& [key, value] : details->metadata) {
      EXPECT_LT(value.size(), 1500u) << key;
      EXPECT_TRUE(base::IsValidUtf8(value)) << key;
    }
  }
}

// Without a chain such an operation signs nothing at all, RAW included.
TEST(ErrorsTest, MissingChainOffersNoOtherEncoding) {
  EXPECT_THAT(std::string(ChainMissing("r").message()),
              testing::Not(testing::HasSubstr("RAW")));
}

}  // namespace
}  // namespace countersign::core::error
