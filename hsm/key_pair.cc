#include "hsm/key_pair.h"

#include <utility>

#include "base/error.h"
#include "base/openssl.h"
#include "base/signature_verifier.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_findings.h"
#include "hsm/mechanism.h"
#include "hsm/object_spki.h"
#include "hsm/object_template.h"
#include "hsm/public_key.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// F4, the one exponent that every module makes.
constexpr absl::string_view kExponent("\x01\x00\x01", 3);
// Signed in place of a comparison; it can be taken for nothing else.
constexpr absl::string_view kSelfTest =
    "countersign compares this key with its pinned public key";

// At most two of them: a second one is enough to refuse.
absl::StatusOr<std::optional<CK_OBJECT_HANDLE>> FindHalf(
    Session& session, CK_OBJECT_CLASS object_class, const core::KeyRef& key) {
  ObjectTemplate wanted;
  wanted.Number(CKA_CLASS, object_class)
      .Octets(CKA_ID, key.key_id)
      .Octets(CKA_LABEL, key.label);
  ASSIGN_OR_RETURN(const auto found, session.FindObjects(wanted, 2));
  if (found.size() > 1) return error::KeyDoubled(key.label, key.key_id);
  if (found.empty()) return std::optional<CK_OBJECT_HANDLE>();
  return std::optional<CK_OBJECT_HANDLE>(found.front());
}

// What both halves have in common.
void AddIdentity(const core::KeyRef& key, ObjectTemplate& object) {
  object.Bool(CKA_TOKEN, true)
      .Octets(CKA_ID, key.key_id)
      .Octets(CKA_LABEL, key.label);
}

// Every attribute is said: modules differ in their defaults, and some leave a
// new RSA key able to decrypt and unwrap.
void FillPrivate(const core::KeyRef& key, ObjectTemplate& object) {
  AddIdentity(key, object);
  object.Bool(CKA_PRIVATE, true)
      .Bool(CKA_SENSITIVE, true)
      .Bool(CKA_EXTRACTABLE, false)
      .Bool(CKA_SIGN, true)
      .Bool(CKA_DECRYPT, false)
      .Bool(CKA_UNWRAP, false)
      .Bool(CKA_SIGN_RECOVER, false);
}

// `curve` is CKA_EC_PARAMS; of no meaning for RSA.
void FillPublic(const core::KeyRef& key, absl::string_view curve,
                ObjectTemplate& object) {
  AddIdentity(key, object);
  object.Bool(CKA_VERIFY, true).Bool(CKA_ENCRYPT, false).Bool(CKA_WRAP, false);
  if (core::IsRsa(key.type)) {
    object.Number(CKA_MODULUS_BITS, core::KeyBits(key.type))
        .Octets(CKA_PUBLIC_EXPONENT, kExponent);
  } else {
    object.Octets(CKA_EC_PARAMS, curve);
  }
}

CK_MECHANISM_TYPE MakingMechanism(core::KeyType type) {
  if (core::IsRsa(type)) return CKM_RSA_PKCS_KEY_PAIR_GEN;
  return type == core::KeyType::kEd25519 ? CKM_EC_EDWARDS_KEY_PAIR_GEN
                                         : CKM_EC_KEY_PAIR_GEN;
}

absl::StatusOr<KeyPairHandles> Generate(Session& session,
                                        const core::KeyRef& key,
                                        absl::string_view curve) {
  ObjectTemplate public_key;
  FillPublic(key, curve, public_key);
  ObjectTemplate private_key;
  FillPrivate(key, private_key);
  return session.GenerateKeyPair(MakingMechanism(key.type), public_key,
                                 private_key);
}

bool IsMechanismAbsent(const absl::Status& status) {
  const std::string code = ReturnCodeNameOf(status);
  return code == "CKR_MECHANISM_INVALID" ||
         code == "CKR_FUNCTION_NOT_SUPPORTED";
}

absl::StatusOr<KeyPairHandles> GenerateUnchecked(Session& session,
                                                 const core::KeyRef& key) {
  if (core::IsRsa(key.type)) return Generate(session, key, "");
  const auto pair = Generate(session, key, CurveOid(key.type));
  if (pair.ok() || key.type != core::KeyType::kEd25519 ||
      IsMechanismAbsent(pair.status())) {
    return pair;
  }
  // Modules differ in how an Edwards curve is named (PKCS#11 3.0 2.3.5 takes
  // both), and in the code that they have for the other way.
  const auto named = Generate(session, key, CurveName(key.type));
  return named.ok() ? named : pair;
}

absl::Status ProveBy(const Mechanism& mechanism, Session& session,
                     CK_OBJECT_HANDLE private_key, const core::KeyRef& key,
                     absl::string_view spki, absl::string_view challenge) {
  const std::string digest =
      mechanism.hash == core::HashAlgorithm::kUnhashed
          ? std::string(challenge)
          : base::Digest(mechanism.openssl_hash, challenge);
  ASSIGN_OR_RETURN(std::string raw,
                   session.Sign(mechanism, private_key, digest));
  const auto signature = EncodeSignature(key.type, std::move(raw));
  if (!signature.ok()) {
    return error::KeyNotProved(key.label, key.key_id, signature.status());
  }
  ASSIGN_OR_RETURN(auto verifier,
                   base::SignatureVerifier::Create(spki, mechanism.scheme,
                                                   mechanism.openssl_hash));
  const absl::Status good = verifier.Verify(digest, *signature);
  if (!good.ok()) return error::KeyNotProved(key.label, key.key_id, good);
  return absl::OkStatus();
}

// What the token told of the key cannot be read: it is none of ours.
absl::Status Unreadable(const core::KeyRef& key, const absl::Status& cause) {
  if (!absl::IsInvalidArgument(cause)) return cause;
  return error::KeyOfOtherType(key.label, core::ToString(key.type),
                               cause.message());
}

}  // namespace

absl::StatusOr<KeyHalves> FindHalves(Session& session,
                                     const core::KeyRef& key) {
  KeyHalves halves;
  ASSIGN_OR_RETURN(halves.private_key, FindHalf(session, CKO_PRIVATE_KEY, key));
  ASSIGN_OR_RETURN(halves.public_key, FindHalf(session, CKO_PUBLIC_KEY, key));
  return halves;
}

absl::StatusOr<std::optional<KeyPairHandles>> FindKeyPair(
    Session& session, const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const KeyHalves halves, FindHalves(session, key));
  if (!halves.private_key.has_value() && !halves.public_key.has_value()) {
    return std::optional<KeyPairHandles>();
  }
  if (!halves.private_key.has_value()) {
    return error::KeyIncomplete(key.label, key.key_id, "private key");
  }
  if (!halves.public_key.has_value()) {
    return error::KeyIncomplete(key.label, key.key_id, "public key");
  }
  return std::optional<KeyPairHandles>(
      {*halves.private_key, *halves.public_key});
}

absl::StatusOr<KeyPairHandles> GenerateKeyPair(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes) {
  absl::StatusOr<KeyPairHandles> made = GenerateUnchecked(session, key);
  if (IsMechanismAbsent(made.status())) {
    return error::MechanismAbsent(MechanismName(MakingMechanism(key.type)));
  }
  ASSIGN_OR_RETURN(const KeyPairHandles pair, std::move(made));
  const auto findings = ReadKeyFindings(session, pair.private_key);
  const absl::Status verdict =
      findings.ok() ? CheckKeyFindings(key.label, *findings, accept_attributes)
                    : findings.status();
  if (!verdict.ok()) {
    // Never used by anyone: better gone than found again. What the token says
    // to it changes nothing in the answer.
    session.DestroyObject(pair.private_key).IgnoreError();
    session.DestroyObject(pair.public_key).IgnoreError();
    return verdict;
  }
  return pair;
}

absl::Status CheckSpkiType(absl::string_view spki, const core::KeyRef& key) {
  const absl::StatusOr<core::KeyType> type = SpkiKeyType(spki);
  if (type.ok() && *type == key.type) return absl::OkStatus();
  return error::KeyOfOtherType(
      key.label, core::ToString(key.type),
      type.ok() ? core::ToString(*type) : type.status().message());
}

absl::StatusOr<std::string> ReadSpki(Session& session,
                                     CK_OBJECT_HANDLE public_key,
                                     const core::KeyRef& key) {
  const auto spki = ReadObjectSpki(session, public_key);
  RETURN_IF_ERROR(Unreadable(key, spki.status()));
  if (!spki->has_value()) {
    return error::KeyIncomplete(key.label, key.key_id, "readable public key");
  }
  RETURN_IF_ERROR(CheckSpkiType(**spki, key));
  return **spki;
}

absl::StatusOr<std::optional<std::string>> ReadSpki(Session& session,
                                                    const KeyHalves& halves,
                                                    const core::KeyRef& key) {
  const auto spki = ReadObjectSpki(session, *halves.private_key);
  RETURN_IF_ERROR(Unreadable(key, spki.status()));
  if (spki->has_value()) {
    RETURN_IF_ERROR(CheckSpkiType(**spki, key));
    return spki;
  }
  if (halves.public_key.has_value()) {
    return ReadSpki(session, *halves.public_key, key);
  }
  // Some modules answer a mechanism of the wrong kind like a dead device.
  ASSIGN_OR_RETURN(const bool fits,
                   HasKeyType(session, *halves.private_key, key.type));
  if (!fits) {
    return error::KeyOfOtherType(key.label, core::ToString(key.type),
                                 "of another kind");
  }
  return std::optional<std::string>();
}

absl::Status ProveKey(Session& session, CK_OBJECT_HANDLE private_key,
                      const core::KeyRef& key, absl::string_view spki,
                      absl::string_view challenge) {
  absl::Status proved;
  // A token may allow a key some of its algorithms only.
  for (const core::SignatureAlgorithm algorithm :
       core::AlgorithmsFor(key.type)) {
    proved = ProveBy(MechanismFor(algorithm, core::DefaultHash(key.type)),
                     session, private_key, key, spki, challenge);
    if (!IsMechanismAbsent(proved)) break;
  }
  return proved;
}

absl::StatusOr<CK_OBJECT_HANDLE> FindPinnedKey(Session& session,
                                               const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const KeyHalves halves, FindHalves(session, key));
  if (!halves.private_key.has_value()) {
    if (!halves.public_key.has_value()) {
      return error::KeyMissing(key.label, key.key_id);
    }
    return error::KeyIncomplete(key.label, key.key_id, "private key");
  }
  ASSIGN_OR_RETURN(const auto spki, ReadSpki(session, halves, key));
  if (!spki.has_value()) {
    RETURN_IF_ERROR(CheckSpkiType(key.spki, key));
    const absl::Status proved =
        ProveKey(session, *halves.private_key, key, key.spki, kSelfTest);
    if (base::GetReason(proved) == "KEY_NOT_PROVED") {
      return error::KeyNotPinned(key.label, key.key_id);
    }
    RETURN_IF_ERROR(proved);
  } else if (*spki != key.spki) {
    return error::KeyNotPinned(key.label, key.key_id);
  }
  return *halves.private_key;
}

}  // namespace countersign::hsm
