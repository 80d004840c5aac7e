// For tests of what needs a session and no signer: one that is logged in and
// may write, on a fresh SoftHSM token behind the fault module.
#ifndef COUNTERSIGN_HSM_SESSION_FIXTURE_H_
#define COUNTERSIGN_HSM_SESSION_FIXTURE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gtest/gtest.h"
#include "hsm/fault_desk.h"
#include "hsm/hsm_fixture.h"
#include "hsm/module.h"
#include "hsm/object_template.h"
#include "hsm/public_key.h"
#include "hsm/session.h"
#include "hsm/slot.h"

namespace countersign::hsm {

class SessionFixture : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    const absl::Status opened = OpenSession();
    ASSERT_OK(opened);
  }

  absl::Status OpenSession() {
    ASSIGN_OR_RETURN(module_, Module::Load(FaultModulePath()));
    ASSIGN_OR_RETURN(const TokenInfo token, FindToken(*module_, "test"));
    ASSIGN_OR_RETURN(Session session, Session::Open(module_, token.slot,
                                                    Session::Mode::kReadWrite));
    ASSIGN_OR_RETURN(const base::SecretBytes pin,
                     base::ReadSecretFile(softhsm_->pin_file()));
    RETURN_IF_ERROR(session.LogIn(pin));
    session_.emplace(std::move(session));
    return absl::OkStatus();
  }

  // A P-256 pair made with other attributes than ours.
  absl::StatusOr<KeyPairHandles> GenerateBadly(const core::KeyRef& key,
                                               bool sensitive,
                                               bool extractable) {
    ObjectTemplate public_key;
    public_key.Bool(CKA_TOKEN, true)
        .Octets(CKA_ID, key.key_id)
        .Octets(CKA_LABEL, key.label)
        .Octets(CKA_EC_PARAMS, CurveOid(core::KeyType::kEcP256));
    ObjectTemplate private_key;
    private_key.Bool(CKA_TOKEN, true)
        .Bool(CKA_PRIVATE, true)
        .Octets(CKA_ID, key.key_id)
        .Octets(CKA_LABEL, key.label)
        .Bool(CKA_SENSITIVE, sensitive)
        .Bool(CKA_EXTRACTABLE, extractable)
        .Bool(CKA_SIGN, true);
    return session_->GenerateKeyPair(CKM_EC_KEY_PAIR_GEN, public_key,
                                     private_key);
  }

  std::shared_ptr<Module> module_;
  std::optional<Session> session_;  // dies before the module
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SESSION_FIXTURE_H_
