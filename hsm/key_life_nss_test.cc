// The life of keys in a second PKCS#11 implementation, whose attributes, codes
// and points differ from SoftHSM's.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/key_life.h"
#include "hsm/key_pair.h"
#include "hsm/module.h"
#include "hsm/nss_token.h"
#include "hsm/session.h"
#include "hsm/slot.h"
#include "hsm/token_options.h"

namespace countersign::hsm {
namespace {

using core::KeyType;

class KeyLifeNssTest : public testing::TestWithParam<KeyType> {
 protected:
  void SetUp() override {
    const absl::Status opened = Open();
    ASSERT_OK(opened);
  }

  absl::Status Open() {
    ASSIGN_OR_RETURN(nss_, NssToken::Create());
    options_ = nss_->Token();
    ASSIGN_OR_RETURN(module_,
                     Module::Load(options_.module_path, options_.init_args));
    ASSIGN_OR_RETURN(const TokenInfo token,
                     FindToken(*module_, options_.token_label));
    ASSIGN_OR_RETURN(Session session, Session::Open(module_, token.slot,
                                                    Session::Mode::kReadWrite));
    ASSIGN_OR_RETURN(const base::SecretBytes pin,
                     base::ReadSecretFile(options_.pin_file));
    RETURN_IF_ERROR(session.LogIn(pin));
    session_.emplace(std::move(session));
    return absl::OkStatus();
  }

  absl::StatusOr<CheckedKey> Register(const core::KeyRef& key) {
    return RegisterKeyInToken(*session_, key, options_.accept_attributes,
                              random_);
  }

  std::unique_ptr<NssToken> nss_;
  TokenOptions options_;
  std::shared_ptr<Module> module_;
  std::optional<Session> session_;
  base::FakeRandom random_;
};

TEST_P(KeyLifeNssTest, GoesFromMakingOverRegistrationToDestruction) {
  core::KeyRef key = {"id", "label", GetParam(), "", {}};
  EXPECT_THAT(MakeKeyInToken(*session_, key, {}),
              base::HasReason("KEY_UNSAFE"));
  ASSERT_OK_AND_ASSIGN(
      const CheckedKey made,
      MakeKeyInToken(*session_, key, options_.accept_attributes));
  EXPECT_EQ(made.findings.attributes.at("CKA_LOCAL"), "false");
  EXPECT_EQ(made.findings.attributes.at("CKA_ALWAYS_AUTHENTICATE"), "unknown");
  ASSERT_OK_AND_ASSIGN(const CheckedKey registered, Register(key));
  EXPECT_EQ(registered.spki, made.spki);
  key.spki = made.spki;

  ASSERT_OK_AND_ASSIGN(const KeyHalves halves, FindHalves(*session_, key));
  ASSERT_OK(session_->DestroyObject(halves.public_key.value()));
  EXPECT_OK(Register(key));
  EXPECT_THAT(FindPinnedKey(*session_, key),
              base::IsOkAndHolds(*halves.private_key));
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_OK(DestroyKeyInToken(*session_, key));
  EXPECT_THAT(Register(key), base::HasReason("KEY_MISSING"));
}

INSTANTIATE_TEST_SUITE_P(All, KeyLifeNssTest,
                         testing::Values(KeyType::kRsa2048, KeyType::kEcP256,
                                         KeyType::kEcP384, KeyType::kEcP521),
                         [](const auto& info) {
                           return absl::StrCat("Bits",
                                               core::KeyBits(info.param));
                         });

class NssEd25519Test : public KeyLifeNssTest {};

TEST_P(NssEd25519Test, IsRefusedByTheNameOfTheMechanism) {
  const core::KeyRef key = {"id", "label", GetParam(), "", {}};
  const auto made = MakeKeyInToken(*session_, key, options_.accept_attributes);
  if (made.ok()) GTEST_SKIP() << "this NSS has Ed25519";
  EXPECT_THAT(made, base::HasReason("MECHANISM_ABSENT"));
}

INSTANTIATE_TEST_SUITE_P(All, NssEd25519Test,
                         testing::Values(KeyType::kEd25519));

}  // namespace
}  // namespace countersign::hsm
