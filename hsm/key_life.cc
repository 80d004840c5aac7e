#include "hsm/key_life.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_findings.h"
#include "hsm/key_pair.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

constexpr size_t kChallengeSize = 32;

absl::StatusOr<core::TokenFindings> CheckAttributes(
    Session& session, const core::KeyRef& key, CK_OBJECT_HANDLE private_key,
    const std::vector<std::string>& accept_attributes) {
  ASSIGN_OR_RETURN(const KeyFindings findings,
                   ReadKeyFindings(session, private_key));
  RETURN_IF_ERROR(CheckKeyFindings(key.label, findings, accept_attributes));
  core::TokenFindings told;
  told.attributes = AttributesOf(findings);
  return told;
}

// OK where a look shows that it is gone: some modules take the public half away
// with the private one.
absl::Status Destroy(Session& session, CK_OBJECT_HANDLE object) {
  const absl::Status destroyed = session.DestroyObject(object);
  if (ReturnCodeNameOf(destroyed) == "CKR_OBJECT_HANDLE_INVALID") {
    const auto still = session.GetAttribute(object, CKA_CLASS);
    if (ReturnCodeNameOf(still.status()) == "CKR_OBJECT_HANDLE_INVALID") {
      return absl::OkStatus();
    }
  }
  return destroyed;
}

}  // namespace

absl::StatusOr<CheckedKey> MakeKeyInToken(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes) {
  ASSIGN_OR_RETURN(KeyHalves halves, FindHalves(session, key));
  if (!halves.private_key.has_value() && !halves.public_key.has_value()) {
    ASSIGN_OR_RETURN(const KeyPairHandles pair,
                     GenerateKeyPair(session, key, accept_attributes));
    halves = {pair.private_key, pair.public_key};
  }
  if (!halves.private_key.has_value()) {
    return error::KeyIncomplete(key.label, key.key_id, "private key");
  }
  CheckedKey checked;
  ASSIGN_OR_RETURN(
      checked.findings,
      CheckAttributes(session, key, *halves.private_key, accept_attributes));
  ASSIGN_OR_RETURN(std::optional<std::string> spki,
                   ReadSpki(session, halves, key));
  if (!spki.has_value()) return error::PublicKeyUnknown(key.label, key.key_id);
  checked.spki = *std::move(spki);
  return checked;
}

absl::StatusOr<CheckedKey> RegisterKeyInToken(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes, base::Random& random) {
  ASSIGN_OR_RETURN(const KeyHalves halves, FindHalves(session, key));
  if (!halves.private_key.has_value()) {
    if (!halves.public_key.has_value()) {
      return error::KeyMissing(key.label, key.key_id);
    }
    return error::KeyIncomplete(key.label, key.key_id, "private key");
  }
  ASSIGN_OR_RETURN(std::optional<std::string> spki,
                   ReadSpki(session, halves, key));
  if (!spki.has_value()) {
    if (key.spki.empty()) {
      return error::PublicKeyUnknown(key.label, key.key_id);
    }
    RETURN_IF_ERROR(CheckSpkiType(key.spki, key));
    spki = key.spki;
  }
  if (!key.spki.empty() && *spki != key.spki) {
    return error::KeyNotPinned(key.label, key.key_id);
  }
  CheckedKey checked;
  ASSIGN_OR_RETURN(
      checked.findings,
      CheckAttributes(session, key, *halves.private_key, accept_attributes));
  RETURN_IF_ERROR(ProveKey(session, *halves.private_key, key, *spki,
                           random.Bytes(kChallengeSize)));
  checked.spki = *std::move(spki);
  return checked;
}

absl::Status DestroyKeyInToken(Session& session, const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const KeyHalves halves, FindHalves(session, key));
  if (halves.public_key.has_value()) {
    ASSIGN_OR_RETURN(const std::string spki,
                     ReadSpki(session, *halves.public_key, key));
    if (spki != key.spki) return error::KeyNotPinned(key.label, key.key_id);
  }
  if (halves.private_key.has_value()) {
    // Compares also what the private half tells.
    ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE pinned,
                     FindPinnedKey(session, key));
    RETURN_IF_ERROR(Destroy(session, pinned));
  }
  if (halves.public_key.has_value())
    return Destroy(session, *halves.public_key);
  return absl::OkStatus();
}

}  // namespace countersign::hsm
