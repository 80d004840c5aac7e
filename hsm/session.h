// One PKCS#11 session, closed when it dies, and the calls that this room makes
// on it. It carries the epoch of its module: after a new initialisation every
// call answers like a closed session, without touching the module.
#ifndef COUNTERSIGN_HSM_SESSION_H_
#define COUNTERSIGN_HSM_SESSION_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret_bytes.h"
#include "hsm/mechanism.h"
#include "hsm/module.h"
#include "hsm/object_template.h"

namespace countersign::hsm {

struct KeyPairHandles {
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
};

// Single-thread: one session carries one operation. Every method blocks and
// answers errors of ReturnCodeStatus.
class Session {
 public:
  enum class Mode { kReadOnly, kReadWrite };

  static absl::StatusOr<Session> Open(std::shared_ptr<Module> module,
                                      CK_SLOT_ID slot, Mode mode);
  ~Session();
  Session(Session&& other) noexcept;
  Session& operator=(Session&&) = delete;

  uint64_t epoch() const { return epoch_; }

  // For the whole process and token (PKCS#11 2.40 5.6). OK where it is logged
  // in already.
  absl::Status LogIn(const base::SecretBytes& pin);

  // A question that costs little (C_GetSessionInfo), so that nothing between
  // here and the device takes the session for dead.
  absl::Status KeepAlive();

  // At most `limit` handles.
  absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindObjects(
      ObjectTemplate& wanted, size_t limit);

  // The octets of one attribute.
  absl::StatusOr<std::string> GetAttribute(CK_OBJECT_HANDLE object,
                                           CK_ATTRIBUTE_TYPE type);

  absl::StatusOr<KeyPairHandles> GenerateKeyPair(CK_MECHANISM_TYPE mechanism,
                                                 ObjectTemplate& public_key,
                                                 ObjectTemplate& private_key);

  absl::Status DestroyObject(CK_OBJECT_HANDLE object);

  // C_SignInit and C_Sign, nothing else. After an error the session may hold an
  // unfinished operation and must be dropped. `begun`, where it is given, is
  // set before C_Sign: from then on the key may have been used. Also
  // FAILED_PRECONDITION MECHANISM_ABSENT.
  absl::StatusOr<std::string> Sign(const Mechanism& mechanism,
                                   CK_OBJECT_HANDLE key,
                                   absl::string_view digest,
                                   std::atomic<bool>* begun = nullptr);

 private:
  Session(std::shared_ptr<Module> module, CK_SESSION_HANDLE handle,
          uint64_t epoch)
      : module_(std::move(module)), handle_(handle), epoch_(epoch) {}
  // Enters the module, unless it was initialised anew since.
  absl::StatusOr<Module::Entry> Enter();

  std::shared_ptr<Module> module_;  // null after a move
  CK_SESSION_HANDLE handle_;
  uint64_t epoch_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SESSION_H_
