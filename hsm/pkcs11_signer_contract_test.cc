// The contract of core::Signer, kept by Pkcs11Signer on SoftHSM.
#include <memory>
#include <utility>

#include "base/clock.h"
#include "core/signer.h"
#include "core/signer_contract.h"
#include "gtest/gtest.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/softhsm_token.h"

namespace countersign::core {
namespace {

// The signer, and what it stands on.
struct OnSoftHsm {
  std::unique_ptr<hsm::SoftHsmToken> token;
  base::SystemClock clock;
  std::unique_ptr<hsm::Pkcs11Signer> signer;
};

std::shared_ptr<Signer> MakeSoftHsmSigner() {
  auto world = std::make_shared<OnSoftHsm>();
  auto token = hsm::SoftHsmToken::Create();
  if (!token.ok()) return nullptr;
  world->token = *std::move(token);
  auto signer =
      hsm::Pkcs11Signer::Create(world->token->Options(), world->clock);
  if (!signer.ok()) return nullptr;
  world->signer = *std::move(signer);
  Signer* const port = world->signer.get();
  return std::shared_ptr<Signer>(std::move(world), port);
}

INSTANTIATE_TEST_SUITE_P(SoftHsm, SignerContract,
                         testing::Values(SignerContractParam{
                             "Pkcs11Signer", MakeSoftHsmSigner}),
                         SignerContractName);

}  // namespace
}  // namespace countersign::core
