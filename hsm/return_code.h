// PKCS#11 return codes (PKCS#11 2.40 5.1): their names, what each says about
// the module, and the status that it becomes. One table in return_code.cc; a
// CK_RV goes no further than this room. Pure.
#ifndef COUNTERSIGN_HSM_RETURN_CODE_H_
#define COUNTERSIGN_HSM_RETURN_CODE_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::hsm {

// What is to be done about a code.
enum class Failure {
  kSession,   // this session is spent: open another and try once more
  kLogin,     // the login is gone: connect again
  kHandle,    // the object handle is stale: find the key again, try once more
  kDevice,    // module or token away: initialise the module anew
  kCapacity,  // no room for another session: wait, nothing is broken
  kPin,       // never try again: a token locks after a few wrong PINs
  kRefused,   // never try again: the module said no to what was asked
};

// "CKR_DEVICE_ERROR"; "CKR_VENDOR_DEFINED+0x4e535351" or "CKR_0x12345" where
// the standard has no name.
std::string ReturnCodeName(CK_RV code);

// A code that the table does not hold (a vendor's, as a rule) is kDevice.
Failure FailureOf(CK_RV code);

// Each that the table holds: for tests that go through all of them.
std::vector<CK_RV> ListReturnCodes();

// OK for CKR_OK; otherwise an error with metadata "ckr" and "function".
absl::Status ReturnCodeStatus(CK_RV code, absl::string_view function);

// Of an error that ReturnCodeStatus made; nullopt for any other.
std::optional<Failure> FailureOf(const absl::Status& status);
// "CKR_..." of such an error; empty for any other.
std::string ReturnCodeNameOf(const absl::Status& status);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_RETURN_CODE_H_
