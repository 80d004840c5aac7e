// libp11, owned: the module that it loads, its slots, and what it does on a
// token: log in, initialise, set PINs, list keys and certificates, give keys to
// OpenSSL. For what a person watches: version 0.4.12 waits for ever where a
// token is away at login. It cannot make EC keys, read attributes or know
// Ed25519; that is done by our own calls on the same module (open_token.h).
//
// libp11 loads the module first, finalises it last, and nobody else does.
#ifndef COUNTERSIGN_HSM_CEREMONY_LIBP11_H_
#define COUNTERSIGN_HSM_CEREMONY_LIBP11_H_

#include <libp11.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "base/secret_bytes.h"

namespace countersign::hsm {

// What the token says of a PIN before it is tried (PKCS#11 2.40 3.2,
// CK_TOKEN_INFO).
struct PinState {
  bool set = false;
  bool count_low = false;
  bool final_try = false;
  bool locked = false;
  bool to_be_changed = false;
};

struct SlotInfo {
  unsigned long id = 0;
  std::string description;
  bool has_token = false;
  bool initialised = false;
  std::string label;
  std::string serial;
  std::string manufacturer;
  std::string model;
  PinState user_pin;
  PinState so_pin;
};

// An object as libp11 sees it. `der` of certificates only.
struct Libp11Object {
  std::string label;
  std::string id;
  std::string der;
};

// Single-thread. Every method blocks; errors of the module are those of
// ReturnCodeStatus. A slot is named by its number.
class Libp11 {
 public:
  enum class Role { kUser, kSecurityOfficer };

  // `path` is absolute. NOT_FOUND MODULE_NOT_FOUND, INVALID_ARGUMENT
  // NOT_A_MODULE, or what C_Initialize says.
  static absl::StatusOr<std::unique_ptr<Libp11>> Load(
      const std::string& path, const std::string& init_args);
  ~Libp11();
  Libp11(const Libp11&) = delete;
  Libp11& operator=(const Libp11&) = delete;

  // As they were when the module was loaded or since Refresh.
  std::vector<SlotInfo> Slots() const;
  // Looks again. Objects and keys from before are void.
  absl::Status Refresh();

  // Before LogIn, and before anyone else opens sessions on the slot: libp11
  // closes all of them when it changes its mode.
  absl::Status OpenSession(unsigned long slot, bool read_write);
  // One try. BAD_PIN where the PIN cannot be one.
  absl::Status LogIn(unsigned long slot, Role role,
                     const base::SecretBytes& pin);

  // Destroys all that is on it. `label` of 1..32 octets.
  absl::Status InitToken(unsigned long slot, const base::SecretBytes& so_pin,
                         const std::string& label);
  // Logged in as the security officer.
  absl::Status SetUserPin(unsigned long slot, const base::SecretBytes& pin);
  // Of the user; logged in, read-write.
  absl::Status ChangePin(unsigned long slot, const base::SecretBytes& from,
                         const base::SecretBytes& to);

  // Private keys, public keys: RSA and EC only. Logged in.
  absl::StatusOr<std::vector<Libp11Object>> PrivateKeys(unsigned long slot);
  absl::StatusOr<std::vector<Libp11Object>> PublicKeys(unsigned long slot);
  // The private key as OpenSSL takes it; it signs in the token. Must be gone
  // before this is. NOT_FOUND where libp11 does not see exactly one.
  absl::StatusOr<base::EvpPkeyPtr> PrivateKey(unsigned long slot,
                                              absl::string_view id,
                                              absl::string_view label);

  absl::StatusOr<std::vector<Libp11Object>> Certificates(unsigned long slot);
  // Read-write.
  absl::Status StoreCertificate(unsigned long slot, absl::string_view der,
                                absl::string_view id, std::string label);

 private:
  struct FreeContext {
    void operator()(PKCS11_CTX* context) const { PKCS11_CTX_free(context); }
  };

  explicit Libp11(PKCS11_CTX* context) : context_(context) {}
  void ReleaseSlots();
  PKCS11_SLOT* Find(unsigned long slot) const;
  // NOT_FOUND where the slot has no token.
  absl::StatusOr<PKCS11_SLOT*> WithToken(unsigned long slot) const;

  const std::unique_ptr<PKCS11_CTX, FreeContext> context_;
  bool loaded_ = false;
  PKCS11_SLOT* slots_ = nullptr;
  unsigned int count_ = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_LIBP11_H_
