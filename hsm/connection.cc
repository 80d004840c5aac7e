#include "hsm/connection.h"

#include "base/status_macros.h"
#include "hsm/errors.h"

namespace countersign::hsm {

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    std::shared_ptr<Module> module, const TokenOptions& options, Login& login) {
  ASSIGN_OR_RETURN(TokenInfo info, FindToken(*module, options.token_label));
  ASSIGN_OR_RETURN(Session pinned,
                   Session::Open(module, info.slot, Session::Mode::kReadOnly));
  RETURN_IF_ERROR(login.LogIn(pinned, info));
  return std::unique_ptr<Connection>(
      new Connection(std::move(module), std::move(info), std::move(pinned)));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const TokenOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<Module> module,
                   Module::Load(options.module_path, options.init_args));
  Login login(options);
  return Open(std::move(module), options, login);
}

absl::StatusOr<Session> Connection::OpenSession(Session::Mode mode) const {
  // The slot's number belongs to the epoch.
  if (module_->epoch() != epoch()) return error::ModuleClosed();
  ASSIGN_OR_RETURN(Session session, Session::Open(module_, info_.slot, mode));
  if (session.epoch() != epoch()) return error::ModuleClosed();
  return session;
}

}  // namespace countersign::hsm
