#include "core/product.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/algorithms.h"
#include "core/names.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

// An operation with key versions 1, 2, ... in these states; "c": with a chain.
Operation WithKeys(OperationType type,
                   const std::vector<std::pair<KeyState, bool>>& keys) {
  Operation operation;
  operation.type = type;
  int64_t version = 0;
  for (const auto& [state, chain] : keys) {
    KeyVersion key;
    key.name.version = ++version;
    key.state = state;
    if (chain) key.chain = CertificateChain{{"leaf"}, SampleTime()};
    operation.key_versions.push_back(key);
  }
  return operation;
}

int64_t Version(const KeyVersion* key) {
  return key == nullptr ? 0 : key->name.version;
}

TEST(ProductTest, SignsWithTheNewestKeyThatCan) {
  constexpr KeyState kOn = KeyState::kEnabled;
  constexpr KeyState kOff = KeyState::kDisabled;
  constexpr KeyState kSoon = KeyState::kGenerating;
  struct Row {
    std::vector<std::pair<KeyState, bool>> keys;
    int64_t digest;    // SigningKey of DIGEST_SIGNING
    int64_t detached;  // SigningKey of DETACHED_SIGNATURE
    int64_t newest;
  };
  const Row rows[] = {
      {{}, 0, 0, 0},
      {{{kSoon, false}}, 0, 0, 0},
      {{{kOff, true}}, 0, 0, 0},
      {{{kOn, false}}, 1, 0, 1},
      {{{kOn, true}}, 1, 1, 1},
      {{{kOn, true}, {kOn, false}}, 2, 1, 2},
      {{{kOn, true}, {kOn, true}}, 2, 2, 2},
      {{{kOn, true}, {kOff, true}}, 1, 1, 1},
      {{{kOn, true}, {kSoon, false}}, 1, 1, 1},
      {{{kOff, true}, {kOn, false}, {kSoon, true}}, 2, 0, 2},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    SCOPED_TRACE(i);
    const Operation digest =
        WithKeys(OperationType::kDigestSigning, rows[i].keys);
    const Operation detached =
        WithKeys(OperationType::kDetachedSignature, rows[i].keys);
    EXPECT_EQ(Version(digest.SigningKey(SampleTime())), rows[i].digest);
    EXPECT_EQ(Version(detached.SigningKey(SampleTime())), rows[i].detached);
    EXPECT_EQ(Version(digest.NewestKey()), rows[i].newest);
    EXPECT_EQ(Version(detached.NewestKey()), rows[i].newest);
  }
}

TEST(ProductTest, FindsOperationsAndKeyVersions) {
  Product product = SampleProduct();
  Operation* detached = product.FindOperation("detached");
  ASSERT_NE(detached, nullptr);
  EXPECT_EQ(detached->name.operation, "detached");
  EXPECT_EQ(product.FindOperation("detache"), nullptr);
  EXPECT_EQ(product.FindOperation(""), nullptr);
  EXPECT_EQ(Version(detached->FindKeyVersion(2)), 2);
  EXPECT_EQ(detached->FindKeyVersion(4), nullptr);
  EXPECT_EQ(detached->FindKeyVersion(0), nullptr);
}

TEST(ProductTest, ComparesEachField) {
  const std::vector<std::function<void(Product&)>> changes = {
      [](Product& p) { p.name.product += "x"; },
      [](Product& p) { p.display_name += "x"; },
      [](Product& p) { p.description += "x"; },
      [](Product& p) { p.product_type += "x"; },
      [](Product& p) { p.state = ProductState::kRejected; },
      [](Product& p) { p.enabled_on_approval = true; },
      [](Product& p) { p.creator.subject += "x"; },
      [](Product& p) { p.decision.reset(); },
      [](Product& p) { p.decision->approver.groups.clear(); },
      [](Product& p) { p.decision->reason += "x"; },
      [](Product& p) { p.decision->time += absl::Nanoseconds(1); },
      [](Product& p) { p.operations.pop_back(); },
      [](Product& p) { p.create_time += absl::Nanoseconds(1); },
      [](Product& p) { p.update_time += absl::Nanoseconds(1); },
      [](Product& p) { p.request_id += "x"; },
      [](Product& p) { p.content_digest += "x"; },
      [](Product& p) { ++p.revision; },
      [](Product& p) { p.operations[1].name.operation += "x"; },
      [](Product& p) { p.operations[1].display_name += "x"; },
      [](Product& p) { p.operations[1].description += "x"; },
      [](Product& p) { p.operations[1].type = OperationType::kDigestSigning; },
      [](Product& p) { p.operations[1].key_type = KeyType::kEcP521; },
      [](Product& p) { p.operations[1].key_display_name += "x"; },
      [](Product& p) { p.operations[1].key_description += "x"; },
      [](Product& p) { p.operations[1].certificate.reset(); },
      [](Product& p) { p.operations[1].certificate->common_name += "x"; },
      [](Product& p) { p.operations[1].certificate->description += "x"; },
      [](Product& p) { p.operations[1].certificate->external_root = true; },
      [](Product& p) { p.operations[1].certificate->use_case += "x"; },
      [](Product& p) { p.operations[1].certificate->certificate_type += "x"; },
      [](Product& p) { p.operations[1].certificate->profile_id += "x"; },
      [](Product& p) { p.operations[1].allowed_hashes.clear(); },
      [](Product& p) { p.operations[1].allowed_algorithms.clear(); },
      [](Product& p) { p.operations[1].rule.description += "x"; },
      [](Product& p) { p.operations[1].enabled = true; },
      [](Product& p) { p.operations[1].key_versions.pop_back(); },
      [](Product& p) { p.operations[1].key_versions[0].name.version = 9; },
      [](Product& p) {
        p.operations[1].key_versions[0].state = KeyState::kDisabled;
      },
      [](Product& p) {
        p.operations[1].key_versions[0].type = KeyType::kRsa2048;
      },
      [](Product& p) { p.operations[1].key_versions[0].key_id += "x"; },
      [](Product& p) { p.operations[1].key_versions[0].spki += "x"; },
      [](Product& p) { p.operations[1].key_versions[0].chain.reset(); },
      [](Product& p) {
        p.operations[1].key_versions[0].chain->certificates[1] += "x";
      },
      [](Product& p) {
        p.operations[1].key_versions[0].chain->not_after += absl::Seconds(1);
      },
      [](Product& p) {
        p.operations[1].key_versions[0].create_time += absl::Seconds(1);
      },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Product product = SampleProduct();
    EXPECT_TRUE(product == SampleProduct());
    changes[i](product);
    EXPECT_FALSE(product == SampleProduct()) << "change " << i;
  }
}

TEST(ProductTest, NamesTypesAndStates) {
  EXPECT_EQ(ToString(OperationType::kDigestSigning), "DIGEST_SIGNING");
  EXPECT_EQ(ToString(OperationType::kDetachedSignature), "DETACHED_SIGNATURE");
  EXPECT_EQ(ToString(ProductState::kPendingApproval), "PENDING_APPROVAL");
  EXPECT_EQ(ToString(ProductState::kActive), "ACTIVE");
  EXPECT_EQ(ToString(ProductState::kDisabled), "DISABLED");
  EXPECT_EQ(ToString(ProductState::kRejected), "REJECTED");
  EXPECT_EQ(ToString(KeyState::kGenerating), "GENERATING");
  EXPECT_EQ(ToString(KeyState::kEnabled), "ENABLED");
  EXPECT_EQ(ToString(KeyState::kDisabled), "DISABLED");
}

}  // namespace
}  // namespace countersign::core
