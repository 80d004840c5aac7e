#include "server/key_check.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/fake_clock.h"
#include "base/log.h"
#include "base/status_matchers.h"
#include "core/fake_signer.h"
#include "core/fake_store.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KeyCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    base::SetLogSink(
        [this](const std::string& line) { lines_.push_back(line); });
    signer_.SetTokens({"main"});
  }
  ~KeyCheckTest() override { base::SetLogSink(nullptr); }

  // A product with one key in state `state`, which is in the token.
  core::KeyVersion AddProduct(const std::string& id,
                              core::KeyState state = core::KeyState::kEnabled) {
    core::Product product = core::SampleProduct(id);
    product.operations.resize(1);
    product.operations[0].key_versions.resize(1);
    core::KeyVersion& key = product.operations[0].key_versions[0];
    key.type = core::KeyType::kEcP256;
    key.state = state;
    key.tokens = {"main"};
    key.spki.clear();
    const auto spki = signer_.AddKey(core::RefOf(key));
    EXPECT_OK(spki);
    key.spki = spki.value_or("");
    core::ChangeSet change;
    change.products.push_back(product);
    EXPECT_OK(store_.Commit({change}));
    return key;
  }

  base::FakeClock clock_;
  core::FakeStore store_;
  core::FakeSigner signer_{clock_};
  std::vector<std::string> lines_;
};

TEST_F(KeyCheckTest, SaysNothingOfKeysThatAreThere) {
  AddProduct("one");
  AddProduct("two");
  EXPECT_TRUE(KeyCheck(store_, signer_).Run());
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(KeyCheckTest, NamesAKeyThatIsGone) {
  AddProduct("one");
  const core::KeyVersion gone = AddProduct("two");
  ASSERT_OK(signer_.DestroyKey(core::RefOf(gone)));
  EXPECT_TRUE(KeyCheck(store_, signer_).Run());
  EXPECT_THAT(lines_,
              ElementsAre(AllOf(HasSubstr("key_unusable"), HasSubstr("ERROR"),
                                HasSubstr(gone.name.Format()))));
}

TEST_F(KeyCheckTest, AsksForNoKeyThatDoesNotSign) {
  const core::KeyVersion off = AddProduct("one", core::KeyState::kDisabled);
  ASSERT_OK(signer_.DestroyKey(core::RefOf(off)));
  EXPECT_TRUE(KeyCheck(store_, signer_).Run());
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(KeyCheckTest, WaitsForATokenThatIsAwayAndSaysItOnce) {
  const core::KeyVersion gone = AddProduct("one");
  ASSERT_OK(signer_.DestroyKey(core::RefOf(gone)));
  signer_.SetAway("main", true);
  KeyCheck check(store_, signer_);
  EXPECT_FALSE(check.Run());
  EXPECT_FALSE(check.Run());
  EXPECT_THAT(lines_, IsEmpty());
  signer_.SetAway("main", false);
  EXPECT_TRUE(check.Run());
  EXPECT_TRUE(check.Run());
  EXPECT_EQ(lines_.size(), 1u);
}

}  // namespace
}  // namespace countersign::server
