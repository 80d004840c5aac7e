#include "hsm/ceremony/open_token.h"

#include "base/status_macros.h"

namespace countersign::hsm {

absl::StatusOr<std::unique_ptr<OpenToken>> OpenToken::Open(
    const ModuleChoice& module, const TokenChoice& choice, Session::Mode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<Libp11> libp11,
                   Libp11::Load(module.path, module.init_args));
  ASSIGN_OR_RETURN(SlotInfo info, ChooseToken(libp11->Slots(), choice));
  const unsigned long slot = info.id;
  std::unique_ptr<OpenToken> token(
      new OpenToken(std::move(libp11), std::move(info)));
  RETURN_IF_ERROR(
      token->libp11_->OpenSession(slot, mode == Session::Mode::kReadWrite));
  // Finds it initialised, and so never finalises it.
  ASSIGN_OR_RETURN(token->module_, Module::Load(module.path, module.init_args));
  ASSIGN_OR_RETURN(Session session, Session::Open(token->module_, slot, mode));
  token->session_.emplace(std::move(session));
  return token;
}

}  // namespace countersign::hsm
