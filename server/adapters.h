// What the server stands on: the two ports to the outside that hold state. Made
// by app.cc from the configuration, or by a test.
#ifndef COUNTERSIGN_SERVER_ADAPTERS_H_
#define COUNTERSIGN_SERVER_ADAPTERS_H_

#include <memory>

#include "core/signer.h"
#include "core/store.h"

namespace countersign::server {

struct Adapters {
  std::unique_ptr<core::Store> store;
  std::unique_ptr<core::Signer> signer;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ADAPTERS_H_
