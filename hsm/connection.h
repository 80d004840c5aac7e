// One token of one module, logged in: found by its label, with one session that
// stays open, because with the last session the login would end (PKCS#11 2.40
// 5.6). Does nothing by itself and is not taken up again when it breaks: that
// is Token. Used by Token, by the bench and by tests.
#ifndef COUNTERSIGN_HSM_CONNECTION_H_
#define COUNTERSIGN_HSM_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hsm/login.h"
#include "hsm/module.h"
#include "hsm/session.h"
#include "hsm/slot.h"
#include "hsm/token_options.h"

namespace countersign::hsm {

// Thread-compatible; OpenSession is thread-safe.
class Connection {
 public:
  // `module` is started. Blocks without bound. Errors of FindToken, Session and
  // Login.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      std::shared_ptr<Module> module, const TokenOptions& options,
      Login& login);
  // With a module and a login of its own, for who does one thing and ends.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const TokenOptions& options);

  // Blocks. UNAVAILABLE MODULE_CLOSED where the module was started anew since.
  absl::StatusOr<Session> OpenSession(Session::Mode mode) const;

  // On the session that stays. Blocks.
  absl::Status KeepAlive() { return pinned_.KeepAlive(); }

  const TokenInfo& info() const { return info_; }
  uint64_t epoch() const { return pinned_.epoch(); }

 private:
  Connection(std::shared_ptr<Module> module, TokenInfo info, Session pinned)
      : module_(std::move(module)),
        info_(std::move(info)),
        pinned_(std::move(pinned)) {}

  const std::shared_ptr<Module> module_;
  const TokenInfo info_;
  Session pinned_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CONNECTION_H_
