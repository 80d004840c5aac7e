// At start: does each key that signs stand in its tokens as it was pinned? What
// does not is named in the log at once, and not only when the next pipeline
// needs it. It stops nothing: other keys go on. app.cc gives it a thread.
#ifndef COUNTERSIGN_SERVER_KEY_CHECK_H_
#define COUNTERSIGN_SERVER_KEY_CHECK_H_

#include <optional>
#include <vector>

#include "core/product.h"
#include "core/signer.h"
#include "core/store.h"

namespace countersign::server {

// The key versions of `products` that sign, now or from their start time on.
std::vector<core::KeyVersion> KeysThatSign(
    const std::vector<core::Product>& products);

// Single-thread.
class KeyCheck {
 public:
  // Both outlive it.
  KeyCheck(core::Store& store, core::Signer& signer)
      : store_(store), signer_(signer) {}

  // Looks at the keys that have no answer yet: a token may be away. True when
  // each has one. Blocks as core::Signer::CheckKey.
  bool Run();

 private:
  core::Store& store_;
  core::Signer& signer_;
  std::optional<std::vector<core::KeyVersion>> left_;  // nullopt: not yet read
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_KEY_CHECK_H_
