// What the token says about a private key: the attributes that prove that it
// was made inside and cannot leave, and a verdict on them. Auditors call it
// attestation; but only the module's word stands behind it.
#ifndef COUNTERSIGN_HSM_KEY_FINDINGS_H_
#define COUNTERSIGN_HSM_KEY_FINDINGS_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/session.h"

namespace countersign::hsm {

// nullopt: the module does not know the attribute, which proves neither way.
struct KeyFindings {
  std::optional<bool> sign;
  std::optional<bool> sensitive;
  std::optional<bool> always_sensitive;
  std::optional<bool> extractable;
  std::optional<bool> never_extractable;
  std::optional<bool> local;
  std::optional<bool> decrypt;
  std::optional<bool> unwrap;
  std::optional<bool> always_authenticate;
  std::optional<bool> is_private;
  std::optional<bool> modifiable;  // told, not judged
};

// Blocks. Errors of the module other than "unknown attribute".
absl::StatusOr<KeyFindings> ReadKeyFindings(Session& session,
                                            CK_OBJECT_HANDLE private_key);

// One attribute and what is thought of it.
struct JudgedAttribute {
  const char* name;  // "CKA_SIGN"
  std::optional<bool> found;
  bool wanted;
  // Unknown is good, but for SIGN, SENSITIVE and EXTRACTABLE, which every
  // module knows.
  bool good;
  const char* why;  // what is wrong with another value; may be empty
};

// All that are judged, in a fixed order. What is in `accepted` is good whatever
// its value.
std::vector<JudgedAttribute> Judge(
    const KeyFindings& findings, const std::vector<std::string>& accepted = {});

// FAILED_PRECONDITION KEY_UNSAFE names every attribute that is not good, and
// why where it is not plain.
absl::Status CheckKeyFindings(absl::string_view label,
                              const KeyFindings& findings,
                              const std::vector<std::string>& accepted = {});

// INVALID_ARGUMENT BAD_SIGNER_OPTIONS where `accepted` holds another attribute
// than those that may be waived: CKA_LOCAL, which some modules do not tell
// right. The others keep the key from leaving or from doing more than sign.
absl::Status CheckAcceptedAttributes(const std::vector<std::string>& accepted);

// As core::TokenFindings has them: "CKA_SIGN" -> "true", "false", "unknown".
std::map<std::string, std::string> AttributesOf(const KeyFindings& findings);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_FINDINGS_H_
