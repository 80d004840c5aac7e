#include "server/convert/product.h"

#include <functional>
#include <string>

#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

using base::HasReason;
using testing::ElementsAre;

// All keys of the sample sign by then.
const absl::Time kLater = core::SampleTime() + absl::Hours(1);

v1::CreateProductRequest Good() {
  v1::CreateProductRequest request;
  v1::Product& product = *request.mutable_product();
  product.set_display_name("OCI Tools");
  v1::Operation* operation = product.add_operations();
  operation->set_display_name("Digest signing");
  operation->set_type(v1::Operation::DIGEST_SIGNING);
  operation->set_key_type(v1::EC_P384);
  operation->mutable_approval_rule()->add_allowed_groups("ci");
  return request;
}

absl::StatusOr<core::Product> Convert(const v1::CreateProductRequest& r) {
  return FromWire(r, core::SamplePolicy());
}

TEST(ProductConvertTest, MakesIdsFromDisplayNames) {
  ASSERT_OK_AND_ASSIGN(const core::Product product, Convert(Good()));
  EXPECT_EQ(product.name.Format(), "products/oci-tools");
  EXPECT_EQ(product.operations[0].name.Format(),
            "products/oci-tools/operations/digest-signing");
  EXPECT_TRUE(product.enabled_on_approval);
}

TEST(ProductConvertTest, TakesIdsThatAreGiven) {
  v1::CreateProductRequest request = Good();
  request.set_product_id("p");
  request.mutable_product()->mutable_operations(0)->set_name(
      "products/p/operations/o");
  ASSERT_OK_AND_ASSIGN(const core::Product product, Convert(request));
  EXPECT_EQ(product.operations[0].name.Format(), "products/p/operations/o");
}

TEST(ProductConvertTest, FillsInWhatTheContractSaysOfEmptyLists) {
  ASSERT_OK_AND_ASSIGN(const core::Product product, Convert(Good()));
  EXPECT_THAT(
      product.operations[0].allowed_hashes,
      ElementsAre(core::HashAlgorithm::kSha384, core::HashAlgorithm::kSha512));
  EXPECT_THAT(product.operations[0].allowed_algorithms,
              ElementsAre(core::SignatureAlgorithm::kEcdsa));
}

TEST(ProductConvertTest, FillsInTheRulesDefaults) {
  v1::CreateProductRequest request = Good();
  ASSERT_OK_AND_ASSIGN(const core::Product none, Convert(request));
  EXPECT_EQ(none.operations[0].rule.required_approvals, 0);
  EXPECT_EQ(none.operations[0].rule.request_expiry,
            core::SamplePolicy().default_request_expiry);
  v1::ApprovalRule* rule =
      request.mutable_product()->mutable_operations(0)->mutable_approval_rule();
  rule->add_approval_groups("release-approvers");
  rule->mutable_request_expiry()->set_seconds(60);
  ASSERT_OK_AND_ASSIGN(const core::Product one, Convert(request));
  EXPECT_EQ(one.operations[0].rule.required_approvals, 1);
  EXPECT_EQ(one.operations[0].rule.request_expiry, absl::Seconds(60));
}

TEST(ProductConvertTest, NamesTheFieldThatIsWrong) {
  struct Row {
    const char* field;
    std::function<void(v1::CreateProductRequest*)> spoil;
  };
  using R = v1::CreateProductRequest;
  const auto operation = [](R* r) {
    return r->mutable_product()->mutable_operations(0);
  };
  const Row rows[] = {
      {"product.display_name",
       [](R* r) { r->mutable_product()->set_display_name("!!"); }},
      {"product_id", [](R* r) { r->set_product_id("Not An Id"); }},
      {"product.operations[0].display_name",
       [&](R* r) { operation(r)->set_display_name(""); }},
      {"product.operations[0].name",
       [&](R* r) { operation(r)->set_name("products/other/operations/o"); }},
      {"product.operations[0].type", [&](R* r) { operation(r)->clear_type(); }},
      {"product.operations[0].key_type",
       [&](R* r) { operation(r)->set_key_type(static_cast<v1::KeyType>(99)); }},
      {"product.operations[0].existing_key.key_id",
       [&](R* r) {
         operation(r)->mutable_existing_key()->set_key_id("0x12");
         operation(r)->mutable_existing_key()->set_label("l");
       }},
      {"product.operations[0].allowed_hashes[0]",
       [&](R* r) {
         operation(r)->add_allowed_hashes(v1::HASH_ALGORITHM_UNSPECIFIED);
       }},
      {"product.operations[0].allowed_algorithms[0]",
       [&](R* r) {
         operation(r)->add_allowed_algorithms(
             static_cast<v1::SignatureAlgorithm>(99));
       }},
      {"product.operations[0].approval_rule.request_expiry",
       [&](R* r) {
         auto* expiry =
             operation(r)->mutable_approval_rule()->mutable_request_expiry();
         expiry->set_seconds(1);
         expiry->set_nanos(-1);
       }},
  };
  for (const Row& row : rows) {
    R request = Good();
    row.spoil(&request);
    const auto product = Convert(request);
    ASSERT_THAT(product, HasReason("BAD_REQUEST")) << row.field;
    const auto details = base::GetErrorDetails(product.status());
    ASSERT_EQ(details->field_violations.size(), 1u) << row.field;
    EXPECT_EQ(details->field_violations[0].field, row.field);
  }
}

TEST(ProductConvertTest, ReportsAllMistakesAtOnce) {
  v1::CreateProductRequest request = Good();
  request.mutable_product()->mutable_operations(0)->clear_type();
  request.mutable_product()->mutable_operations(0)->clear_key_type();
  const auto product = Convert(request);
  EXPECT_EQ(base::GetErrorDetails(product.status())->field_violations.size(),
            2u);
}

TEST(ProductConvertTest, ShowsEveryField) {
  const core::Product product = core::SampleProduct();
  const v1::Product wire = ToWire(product, kLater);
  EXPECT_EQ(wire.name(), product.name.Format());
  EXPECT_EQ(wire.display_name(), product.display_name);
  EXPECT_EQ(wire.state(), v1::Product::ACTIVE);
  EXPECT_EQ(wire.etag(), "1");
  EXPECT_EQ(wire.creator().subject(), product.creator.subject);
  ASSERT_EQ(wire.operations_size(), 2);
  EXPECT_EQ(wire.operations(0).signing_key_version(),
            product.operations[0].key_versions[0].name.Format());
  EXPECT_TRUE(wire.operations(1).has_certificate());
  EXPECT_EQ(wire.operations(0).approval_rule().allowed_groups_size(),
            static_cast<int>(product.operations[0].rule.allowed_groups.size()));
}

TEST(ProductConvertTest, FillsInWhatEd25519Signs) {
  v1::CreateProductRequest request = Good();
  request.mutable_product()->mutable_operations(0)->set_key_type(
      v1::EC_EDWARDS25519);
  ASSERT_OK_AND_ASSIGN(const core::Product product, Convert(request));
  EXPECT_THAT(product.operations[0].allowed_hashes,
              ElementsAre(core::HashAlgorithm::kUnhashed));
  EXPECT_THAT(product.operations[0].allowed_algorithms,
              ElementsAre(core::SignatureAlgorithm::kEd25519));
}

TEST(ProductConvertTest, TakesAndShowsTokenExistingKeyAndLimit) {
  v1::CreateProductRequest request = Good();
  request.mutable_product()->set_token("second");
  v1::Operation* operation = request.mutable_product()->mutable_operations(0);
  operation->set_max_signatures_per_key(1000000);
  v1::ExistingKey* existing = operation->mutable_existing_key();
  existing->set_key_id("00ff7e");
  existing->set_label("a label");
  existing->add_tokens("main");
  existing->add_tokens("second");
  ASSERT_OK_AND_ASSIGN(const core::Product product, Convert(request));
  EXPECT_EQ(product.token, "second");
  EXPECT_EQ(product.operations[0].max_signatures_per_key, 1000000);
  ASSERT_TRUE(product.operations[0].existing_key.has_value());
  EXPECT_EQ(product.operations[0].existing_key->key_id,
            std::string("\0\xff~", 3));
  const v1::Product wire = ToWire(product, core::SampleTime());
  EXPECT_EQ(wire.token(), "second");
  EXPECT_EQ(wire.operations(0).max_signatures_per_key(), 1000000);
  EXPECT_EQ(wire.operations(0).existing_key().SerializeAsString(),
            existing->SerializeAsString());
}

TEST(ProductConvertTest, ShowsTheKeyThatSignsAtTheTime) {
  core::Product product = core::SampleProduct();
  core::Operation& operation = product.operations[0];
  core::KeyVersion next = operation.key_versions[0];
  next.name.version = 2;
  next.start_time = kLater + absl::Hours(1);
  operation.key_versions.push_back(next);
  EXPECT_EQ(ToWire(product, kLater).operations(0).signing_key_version(),
            operation.key_versions[0].name.Format());
  EXPECT_EQ(
      ToWire(product, *next.start_time).operations(0).signing_key_version(),
      next.name.Format());
}

TEST(IdentityConvertTest, TimesComeBackAsTheyWent) {
  for (const absl::Time time :
       {core::SampleTime(), absl::FromUnixNanos(-1), absl::UnixEpoch()}) {
    EXPECT_EQ(FromWire(ToWire(time)), time);
  }
  for (const absl::Duration duration :
       {absl::Nanoseconds(-1), absl::ZeroDuration(), absl::Hours(24 * 400),
        absl::Milliseconds(-1500)}) {
    EXPECT_EQ(FromWire(ToWire(duration)), duration);
  }
}

TEST(IdentityConvertTest, InfiniteTimesShowAsTheEndOfTheRange) {
  EXPECT_EQ(ToWire(absl::InfiniteFuture()).seconds(), 253402300799);
  EXPECT_EQ(ToWire(absl::InfinitePast()).seconds(), -62135596800);
}

TEST(IdentityConvertTest, RefusesTimesOutsideTheWiresRange) {
  google::protobuf::Timestamp time;
  time.set_seconds(253402300800);
  EXPECT_EQ(FromWire(time), std::nullopt);
  time.set_seconds(0);
  time.set_nanos(-1);
  EXPECT_EQ(FromWire(time), std::nullopt);
  google::protobuf::Duration duration;
  duration.set_seconds(-1);
  duration.set_nanos(1);
  EXPECT_EQ(FromWire(duration), std::nullopt);
}

}  // namespace
}  // namespace countersign::server
