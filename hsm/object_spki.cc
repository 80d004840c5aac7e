#include "hsm/object_spki.h"

#include <utility>

#include "base/status_macros.h"
#include "hsm/public_key.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

using OptionalOctets = std::optional<std::string>;

// nullopt where the object does not have it, or does not tell it.
absl::StatusOr<OptionalOctets> ReadOffered(Session& session,
                                           CK_OBJECT_HANDLE object,
                                           CK_ATTRIBUTE_TYPE type) {
  absl::StatusOr<std::string> value = session.GetAttribute(object, type);
  const std::string code = ReturnCodeNameOf(value.status());
  if (code == "CKR_ATTRIBUTE_TYPE_INVALID" ||
      code == "CKR_ATTRIBUTE_SENSITIVE") {
    return OptionalOctets();
  }
  RETURN_IF_ERROR(value.status());
  // SoftHSM has CKA_PUBLIC_KEY_INFO, but leaves it empty.
  if (value->empty()) return OptionalOctets();
  return OptionalOctets(*std::move(value));
}

struct Parts {
  CK_ATTRIBUTE_TYPE one;
  CK_ATTRIBUTE_TYPE other;
  absl::StatusOr<std::string> (*spki)(absl::string_view, absl::string_view);
};
constexpr Parts kRsaParts = {CKA_MODULUS, CKA_PUBLIC_EXPONENT, RsaSpki};
constexpr Parts kEcParts = {CKA_EC_PARAMS, CKA_EC_POINT, EcSpki};

absl::StatusOr<OptionalOctets> FromParts(Session& session,
                                         CK_OBJECT_HANDLE object,
                                         const Parts& parts) {
  ASSIGN_OR_RETURN(const OptionalOctets one,
                   ReadOffered(session, object, parts.one));
  if (!one.has_value()) return one;
  ASSIGN_OR_RETURN(const OptionalOctets other,
                   ReadOffered(session, object, parts.other));
  if (!other.has_value()) return other;
  return parts.spki(*one, *other);
}

bool Is(absl::string_view octets, CK_KEY_TYPE type) {
  return octets ==
         absl::string_view(reinterpret_cast<const char*>(&type), sizeof type);
}

}  // namespace

absl::StatusOr<OptionalOctets> ReadObjectSpki(Session& session,
                                              CK_OBJECT_HANDLE object) {
  ASSIGN_OR_RETURN(const std::string type,
                   session.GetAttribute(object, CKA_KEY_TYPE));
  ASSIGN_OR_RETURN(
      const OptionalOctets spki,
      FromParts(session, object, Is(type, CKK_RSA) ? kRsaParts : kEcParts));
  if (spki.has_value()) return spki;
  ASSIGN_OR_RETURN(const OptionalOctets whole,
                   ReadOffered(session, object, CKA_PUBLIC_KEY_INFO));
  if (!whole.has_value()) return whole;
  return CanonicalSpki(*whole);
}

absl::StatusOr<bool> HasKeyType(Session& session, CK_OBJECT_HANDLE object,
                                core::KeyType type) {
  ASSIGN_OR_RETURN(const std::string found,
                   session.GetAttribute(object, CKA_KEY_TYPE));
  if (core::IsRsa(type)) return Is(found, CKK_RSA);
  if (type != core::KeyType::kEd25519) return Is(found, CKK_EC);
  // Before PKCS#11 3.0 they were CKK_EC.
  return Is(found, CKK_EC_EDWARDS) || Is(found, CKK_EC);
}

}  // namespace countersign::hsm
