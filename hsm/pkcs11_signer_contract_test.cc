// The contract of core::Signer, kept by Pkcs11Signer on two implementations of
// PKCS#11 that have nothing in common: SoftHSM and NSS softokn.
#include <memory>
#include <utility>

#include "base/clock.h"
#include "core/signer.h"
#include "core/signer_contract.h"
#include "gtest/gtest.h"
#include "hsm/nss_token.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/softhsm_token.h"

namespace countersign::core {
namespace {

// The signer, and what it stands on.
template <typename Token>
struct World {
  std::unique_ptr<Token> token;
  base::SystemClock clock;
  std::unique_ptr<hsm::Pkcs11Signer> signer;
};

template <typename Token>
std::shared_ptr<Signer> MakeSignerOn() {
  auto world = std::make_shared<World<Token>>();
  auto token = Token::Create();
  EXPECT_OK(token);
  if (!token.ok()) return nullptr;
  world->token = *std::move(token);
  auto signer =
      hsm::Pkcs11Signer::Create(world->token->Options(), world->clock);
  EXPECT_OK(signer);
  if (!signer.ok()) return nullptr;
  world->signer = *std::move(signer);
  Signer* const port = world->signer.get();
  return std::shared_ptr<Signer>(std::move(world), port);
}

INSTANTIATE_TEST_SUITE_P(
    Pkcs11Signer, SignerContract,
    testing::Values(SignerContractParam{"SoftHsm",
                                        MakeSignerOn<hsm::SoftHsmToken>,
                                        /*ed25519=*/true},
                    SignerContractParam{"Nss", MakeSignerOn<hsm::NssToken>}),
    SignerContractName);

}  // namespace
}  // namespace countersign::core
