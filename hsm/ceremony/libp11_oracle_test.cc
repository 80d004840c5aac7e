// libp11 as a second, independent reader of the same token: it lists the keys
// that our own calls list, and signatures of either side verify alike.
#include <set>
#include <utility>

#include "base/openssl.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "gtest/gtest.h"
#include "hsm/ceremony/libp11.h"
#include "hsm/ceremony/message_signer.h"
#include "hsm/ceremony/open_token.h"
#include "hsm/ceremony/token_key.h"
#include "hsm/key_pair.h"
#include "hsm/mechanism.h"
#include "hsm/softhsm_token.h"

namespace countersign::hsm {
namespace {

using core::KeyType;

constexpr KeyType kTypes[] = {KeyType::kRsa2048, KeyType::kEcP256,
                              KeyType::kEcP384, KeyType::kEcP521};

const char* HashName(core::HashAlgorithm hash) {
  switch (hash) {
    case core::HashAlgorithm::kSha384:
      return "SHA384";
    case core::HashAlgorithm::kSha512:
      return "SHA512";
    default:
      return "SHA256";
  }
}

class Libp11OracleTest : public testing::Test {
 protected:
  void SetUp() override {
    auto softhsm = SoftHsmToken::Create();
    ASSERT_OK(softhsm);
    softhsm_ = *std::move(softhsm);
    auto token = OpenToken::Open({kSoftHsmModule, ""}, {"test", "", {}},
                                 Session::Mode::kReadWrite);
    ASSERT_OK(token);
    token_ = *std::move(token);
    auto pin = base::ReadSecretFile(softhsm_->pin_file());
    ASSERT_OK(pin);
    ASSERT_OK(
        token_->libp11().LogIn(token_->info().id, Libp11::Role::kUser, *pin));
    for (const KeyType type : kTypes) {
      const core::KeyRef ref = Ref(type);
      ASSERT_OK(GenerateKeyPair(token_->session(), ref));
    }
  }

  static core::KeyRef Ref(KeyType type) {
    core::KeyRef ref;
    ref.label = std::string("oracle ") + std::string(core::ToString(type));
    ref.key_id = "\x01" + ref.label;
    ref.type = type;
    return ref;
  }

  std::unique_ptr<SoftHsmToken> softhsm_;
  std::unique_ptr<OpenToken> token_;
};

using Names = std::set<std::pair<std::string, std::string>>;

Names NamesOf(const std::vector<Libp11Object>& objects) {
  Names names;
  for (const Libp11Object& one : objects) names.insert({one.label, one.id});
  return names;
}

TEST_F(Libp11OracleTest, ListsTheSameKeys) {
  ASSERT_OK_AND_ASSIGN(const auto keys, ListKeys(token_->session()));
  Names ours;
  for (const KeySummary& key : keys) {
    EXPECT_EQ(key.private_keys.size(), 1u);
    EXPECT_EQ(key.public_keys.size(), 1u);
    ours.insert({key.label, key.id});
  }
  EXPECT_EQ(ours.size(), std::size(kTypes));
  const unsigned long slot = token_->info().id;
  ASSERT_OK_AND_ASSIGN(const auto privates, token_->libp11().PrivateKeys(slot));
  ASSERT_OK_AND_ASSIGN(const auto publics, token_->libp11().PublicKeys(slot));
  EXPECT_EQ(NamesOf(privates), ours);
  EXPECT_EQ(NamesOf(publics), ours);
}

TEST_F(Libp11OracleTest, ReadsTheSamePublicKeys) {
  for (const KeyType type : kTypes) {
    ASSERT_OK_AND_ASSIGN(const TokenKey key,
                         LoadKey(token_->session(), {Ref(type).label, ""}));
    ASSERT_OK_AND_ASSIGN(const base::EvpPkeyPtr theirs,
                         token_->libp11().PrivateKey(
                             token_->info().id, key.ref.key_id, key.ref.label));
    // What libp11 gives is the private key; OpenSSL writes its public half.
    ASSERT_OK_AND_ASSIGN(const std::string spki, base::SpkiDer(theirs.get()));
    EXPECT_EQ(spki, key.ref.spki) << key.ref.label;
    EXPECT_EQ(key.ref.type, type);
  }
}

TEST_F(Libp11OracleTest, SignaturesOfBothVerifyAlike) {
  const std::string message = "one message";
  for (const KeyType type : kTypes) {
    ASSERT_OK_AND_ASSIGN(const TokenKey key,
                         LoadKey(token_->session(), {Ref(type).label, ""}));
    // libp11's.
    ASSERT_OK_AND_ASSIGN(MessageSigner signer,
                         MessageSigner::Create(*token_, key));
    ASSERT_TRUE(signer.by_libp11());
    ASSERT_OK_AND_ASSIGN(const std::string theirs, signer.Sign(message));
    EXPECT_OK(VerifyMessage(key.ref, signer.hash(), message, theirs));
    // The engine's, by its own row of mechanisms.
    ASSERT_OK_AND_ASSIGN(
        std::string raw,
        token_->session().Sign(
            MechanismFor(core::AlgorithmsFor(type).front(), signer.hash()),
            key.handles.private_key,
            base::Digest(HashName(signer.hash()), message)));
    ASSERT_OK_AND_ASSIGN(const std::string ours,
                         EncodeSignature(type, std::move(raw)));
    EXPECT_OK(VerifyMessage(key.ref, signer.hash(), message, ours));
    // Deterministic, so the very same octets.
    if (core::IsRsa(type)) {
      EXPECT_EQ(ours, theirs);
    }
    // The check can fail.
    EXPECT_THAT(VerifyMessage(key.ref, signer.hash(), message + "x", theirs),
                base::HasReason("WRONG_SIGNATURE"));
    EXPECT_THAT(VerifyMessage(key.ref, signer.hash(), message + "x", ours),
                base::HasReason("WRONG_SIGNATURE"));
  }
}

// What version 0.4.12 cannot, and what it does not keep us from.
TEST_F(Libp11OracleTest, StopsListingBesideAnEd25519KeyAndWeGoOn) {
  ASSERT_OK(GenerateKeyPair(token_->session(), Ref(KeyType::kEd25519)));
  for (const KeyType type :
       {KeyType::kEd25519, KeyType::kEcP256, KeyType::kRsa2048}) {
    ASSERT_OK_AND_ASSIGN(const TokenKey key,
                         LoadKey(token_->session(), {Ref(type).label, ""}));
    ASSERT_OK_AND_ASSIGN(MessageSigner signer,
                         MessageSigner::Create(*token_, key));
    ASSERT_OK_AND_ASSIGN(const std::string made, signer.Sign("message"));
    EXPECT_OK(VerifyMessage(key.ref, signer.hash(), "message", made));
    EXPECT_THAT(VerifyMessage(key.ref, signer.hash(), "massage", made),
                base::HasReason("WRONG_SIGNATURE"));
  }
  ASSERT_OK_AND_ASSIGN(const auto keys, ListKeys(token_->session()));
  EXPECT_EQ(keys.size(), std::size(kTypes) + 1);
}

TEST_F(Libp11OracleTest, SeesWhatWeDestroy) {
  ASSERT_OK_AND_ASSIGN(
      const TokenKey key,
      LoadKey(token_->session(), {Ref(KeyType::kEcP256).label, ""}));
  ASSERT_OK(token_->session().DestroyObject(key.handles.private_key));
  ASSERT_OK(token_->session().DestroyObject(key.handles.public_key));
  ASSERT_OK_AND_ASSIGN(const auto left,
                       token_->libp11().PrivateKeys(token_->info().id));
  EXPECT_EQ(NamesOf(left).count({key.ref.label, key.ref.key_id}), 0u);
  EXPECT_EQ(left.size(), std::size(kTypes) - 1);
}

}  // namespace
}  // namespace countersign::hsm
