#include "hsm/key_pair.h"

#include <vector>

#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_findings.h"
#include "hsm/object_template.h"
#include "hsm/public_key.h"

namespace countersign::hsm {
namespace {

// F4, the one exponent that every module makes.
constexpr absl::string_view kExponent("\x01\x00\x01", 3);

// At most two: a second one is enough to refuse.
absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindHalves(
    Session& session, CK_OBJECT_CLASS object_class, const core::KeyRef& key) {
  ObjectTemplate wanted;
  wanted.Number(CKA_CLASS, object_class)
      .Octets(CKA_ID, key.key_id)
      .Octets(CKA_LABEL, key.label);
  return session.FindObjects(wanted, 2);
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

void FillPublic(const core::KeyRef& key, ObjectTemplate& object) {
  AddIdentity(key, object);
  object.Bool(CKA_VERIFY, true).Bool(CKA_ENCRYPT, false).Bool(CKA_WRAP, false);
  if (core::IsRsa(key.type)) {
    object.Number(CKA_MODULUS_BITS, core::KeyBits(key.type))
        .Octets(CKA_PUBLIC_EXPONENT, kExponent);
  } else {
    object.Octets(CKA_EC_PARAMS, CurveOid(key.type));
  }
}

absl::StatusOr<std::string> SpkiFromAttributes(Session& session,
                                               CK_OBJECT_HANDLE public_key) {
  ASSIGN_OR_RETURN(const std::string type,
                   session.GetAttribute(public_key, CKA_KEY_TYPE));
  CK_KEY_TYPE rsa = CKK_RSA;
  if (type == std::string(reinterpret_cast<char*>(&rsa), sizeof rsa)) {
    ASSIGN_OR_RETURN(const std::string modulus,
                     session.GetAttribute(public_key, CKA_MODULUS));
    ASSIGN_OR_RETURN(const std::string exponent,
                     session.GetAttribute(public_key, CKA_PUBLIC_EXPONENT));
    return RsaSpki(modulus, exponent);
  }
  ASSIGN_OR_RETURN(const std::string params,
                   session.GetAttribute(public_key, CKA_EC_PARAMS));
  ASSIGN_OR_RETURN(const std::string point,
                   session.GetAttribute(public_key, CKA_EC_POINT));
  return EcSpki(params, point);
}

}  // namespace

absl::StatusOr<std::optional<KeyPairHandles>> FindKeyPair(
    Session& session, const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const auto privates,
                   FindHalves(session, CKO_PRIVATE_KEY, key));
  ASSIGN_OR_RETURN(const auto publics,
                   FindHalves(session, CKO_PUBLIC_KEY, key));
  if (privates.size() > 1 || publics.size() > 1) {
    return error::KeyDoubled(key.label, key.key_id);
  }
  if (privates.empty() && publics.empty()) {
    return std::optional<KeyPairHandles>();
  }
  if (privates.empty()) {
    return error::KeyIncomplete(key.label, key.key_id, "private key");
  }
  if (publics.empty()) {
    return error::KeyIncomplete(key.label, key.key_id, "public key");
  }
  return std::optional<KeyPairHandles>({privates.front(), publics.front()});
}

absl::StatusOr<KeyPairHandles> GenerateKeyPair(Session& session,
                                               const core::KeyRef& key) {
  ObjectTemplate public_key;
  FillPublic(key, public_key);
  ObjectTemplate private_key;
  FillPrivate(key, private_key);
  ASSIGN_OR_RETURN(
      const KeyPairHandles pair,
      session.GenerateKeyPair(core::IsRsa(key.type) ? CKM_RSA_PKCS_KEY_PAIR_GEN
                                                    : CKM_EC_KEY_PAIR_GEN,
                              public_key, private_key));
  const auto findings = ReadKeyFindings(session, pair.private_key);
  absl::Status verdict = findings.ok() ? CheckKeyFindings(key.label, *findings)
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

absl::StatusOr<std::string> ReadSpki(Session& session,
                                     CK_OBJECT_HANDLE public_key,
                                     const core::KeyRef& key) {
  ASSIGN_OR_RETURN(std::string spki, SpkiFromAttributes(session, public_key));
  const absl::StatusOr<core::KeyType> type = SpkiKeyType(spki);
  if (!type.ok() || *type != key.type) {
    return error::KeyOfOtherType(
        key.label, core::ToString(key.type),
        type.ok() ? core::ToString(*type) : type.status().message());
  }
  return spki;
}

absl::StatusOr<CK_OBJECT_HANDLE> FindPinnedKey(Session& session,
                                               const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const auto pair, FindKeyPair(session, key));
  if (!pair.has_value()) return error::KeyMissing(key.label, key.key_id);
  ASSIGN_OR_RETURN(const std::string spki,
                   ReadSpki(session, pair->public_key, key));
  if (spki != key.spki) return error::KeyNotPinned(key.label, key.key_id);
  return pair->private_key;
}

}  // namespace countersign::hsm
