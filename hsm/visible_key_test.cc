// What `countersignd --check` says of keys: by what a token shows to somebody
// who is not logged in.
#include "hsm/visible_key.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/check_token.h"
#include "hsm/key_life.h"
#include "hsm/key_pair.h"
#include "hsm/session_fixture.h"
#include "hsm/token_options.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;

// What a token shows of the keys that it should have.
class VisibleKeyTest : public SessionFixture {
 protected:
  // As a key of ours is made and pinned.
  NamedKey Made(const std::string& label) {
    core::KeyRef key = Key(label, core::KeyType::kEcP256);
    const auto made = MakeKeyInToken(*session_, key, {});
    EXPECT_OK(made);
    if (made.ok()) key.spki = made->spki;
    return {absl::StrCat("name of ", label), key};
  }

  void DestroyPublicHalf(const core::KeyRef& key) {
    ASSERT_OK_AND_ASSIGN(const KeyHalves halves, FindHalves(*session_, key));
    EXPECT_OK(session_->DestroyObject(halves.public_key.value()));
  }

  // Logged out, and the module as a process finds it that has just begun.
  std::vector<TokenCheck> Check(const Pkcs11SignerOptions& options,
                                const std::vector<NamedKey>& keys) {
    session_.reset();
    module_.reset();
    faults_.Reset();
    std::vector<TokenCheck> checks = CheckTokens(options, keys);
    EXPECT_EQ(faults_.calls(FaultPoint::kLogin), 0);
    return checks;
  }
  // Of one key, in the one token.
  absl::Status CheckOne(const NamedKey& key) {
    const std::vector<TokenCheck> checks = Check(FaultyOptions(), {key});
    EXPECT_OK(FirstError(checks));
    EXPECT_EQ(checks.front().keys.size(), 1u);
    if (checks.front().keys.size() != 1) return absl::UnknownError("no answer");
    EXPECT_EQ(checks.front().keys.front().key, key.name);
    return checks.front().keys.front().status;
  }
};

TEST_F(VisibleKeyTest, SeesEachKeyThatIsAsItWasPinned) {
  const NamedKey a = Made("a");
  const NamedKey b = Made("b");
  const auto checks = Check(FaultyOptions(), {b, a});
  ASSERT_EQ(checks.size(), 1u);
  ASSERT_EQ(checks[0].keys.size(), 2u);
  EXPECT_EQ(checks[0].keys[0].key, "name of b");
  EXPECT_EQ(checks[0].keys[1].key, "name of a");
  EXPECT_OK(checks[0].keys[0].status);
  EXPECT_OK(checks[0].keys[1].status);
}

TEST_F(VisibleKeyTest, MissesAKeyWhereOthersAreSeen) {
  NamedKey key = Made("there");
  key.ref.label = "gone";
  const absl::Status status = CheckOne(key);
  EXPECT_THAT(status, base::HasReason("KEY_MISSING"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"gone\""));
}

TEST_F(VisibleKeyTest, MissesAKeyOfAnotherId) {
  NamedKey key = Made("k");
  key.ref.key_id += "1";
  EXPECT_THAT(CheckOne(key), base::HasReason("KEY_MISSING"));
}

TEST_F(VisibleKeyTest, RefusesAKeyThatIsThereTwice) {
  const NamedKey key = Made("k");
  ASSERT_OK(GenerateKeyPair(*session_, key.ref));
  EXPECT_THAT(CheckOne(key), base::HasReason("KEY_DOUBLED"));
}

TEST_F(VisibleKeyTest, RefusesAKeyOfAnotherType) {
  NamedKey key = Made("k");
  for (const core::KeyType type :
       {core::KeyType::kEcP384, core::KeyType::kRsa2048}) {
    key.ref.type = type;
    EXPECT_THAT(CheckOne(key), base::HasReason("KEY_OF_OTHER_TYPE"));
  }
}

TEST_F(VisibleKeyTest, RefusesAnotherPublicKeyThanThePinnedOne) {
  NamedKey key = Made("k");
  key.ref.spki = Made("other").ref.spki;
  EXPECT_THAT(CheckOne(key), base::HasReason("KEY_NOT_PINNED"));
}

// Its private half is there, but nobody without a login sees that.
TEST_F(VisibleKeyTest, CannotTellWhereTheTokenShowsNoPublicKey) {
  const NamedKey key = Made("k");
  DestroyPublicHalf(key.ref);
  const absl::Status status = CheckOne(key);
  EXPECT_THAT(status, base::HasReason("KEY_NOT_VISIBLE"));
  EXPECT_THAT(status, base::HasCode(absl::StatusCode::kNotFound));
}

TEST_F(VisibleKeyTest, LooksForAKeyInItsTokens) {
  ASSERT_OK(softhsm_->AddToken("second"));
  NamedKey both = Made("both");
  both.ref.tokens = {"second", "test"};
  NamedKey second = Made("of second");
  second.ref.tokens = {"second"};
  const NamedKey of_default = Made("of default");
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens.push_back(FaultyToken("second"));
  const auto checks = Check(options, {both, second, of_default});
  ASSERT_EQ(checks.size(), 2u);
  ASSERT_EQ(checks[0].keys.size(), 2u);
  EXPECT_EQ(checks[0].keys[0].key, both.name);
  EXPECT_OK(checks[0].keys[0].status);
  EXPECT_EQ(checks[0].keys[1].key, of_default.name);
  EXPECT_OK(checks[0].keys[1].status);
  // Nothing was put into that one.
  ASSERT_EQ(checks[1].keys.size(), 2u);
  EXPECT_EQ(checks[1].keys[0].key, both.name);
  EXPECT_EQ(checks[1].keys[1].key, second.name);
  for (const KeyCheck& key : checks[1].keys) {
    EXPECT_THAT(key.status, base::HasReason("KEY_NOT_VISIBLE"));
  }
}

TEST_F(VisibleKeyTest, SaysNothingOfKeysWhereTheTokenIsNotThere) {
  const NamedKey key = Made("k");
  Pkcs11SignerOptions options = FaultyOptions();
  options.tokens[0].token_label = "tset";
  const auto checks = Check(options, {key});
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_THAT(checks[0].status, base::HasReason("TOKEN_NOT_FOUND"));
  EXPECT_THAT(checks[0].keys, testing::IsEmpty());
}

}  // namespace
}  // namespace countersign::hsm
