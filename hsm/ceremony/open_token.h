// One token, open for a ceremony: libp11's view of it, and a session of our own
// beside it for what libp11 cannot do. The login is the application's (PKCS#11
// 2.40 5.6), so libp11's is ours too.
#ifndef COUNTERSIGN_HSM_CEREMONY_OPEN_TOKEN_H_
#define COUNTERSIGN_HSM_CEREMONY_OPEN_TOKEN_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hsm/ceremony/libp11.h"
#include "hsm/ceremony/token_choice.h"
#include "hsm/module.h"
#include "hsm/session.h"

namespace countersign::hsm {

struct ModuleChoice {
  std::string path;
  std::string init_args;
};

// Single-thread. Everything blocks.
class OpenToken {
 public:
  // Finds the token; nobody is logged in. Errors of Libp11::Load and
  // ChooseToken.
  static absl::StatusOr<std::unique_ptr<OpenToken>> Open(
      const ModuleChoice& module, const TokenChoice& choice,
      Session::Mode mode);

  const SlotInfo& info() const { return info_; }
  Libp11& libp11() { return *libp11_; }
  Session& session() { return *session_; }

 private:
  OpenToken(std::unique_ptr<Libp11> libp11, SlotInfo info)
      : libp11_(std::move(libp11)), info_(std::move(info)) {}

  // In this order: libp11 loads first and ends last.
  const std::unique_ptr<Libp11> libp11_;
  const SlotInfo info_;
  std::shared_ptr<Module> module_;
  std::optional<Session> session_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_OPEN_TOKEN_H_
