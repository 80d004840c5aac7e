// What the handlers of all services are made of: references, owned by app.cc.
#ifndef COUNTERSIGN_SERVER_HANDLERS_PARTS_H_
#define COUNTERSIGN_SERVER_HANDLERS_PARTS_H_

#include "base/clock.h"
#include "base/random.h"
#include "core/store.h"
#include "server/crl_keeper.h"
#include "server/front_desk.h"
#include "server/pipeline/certificate_issuer.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"
#include "server/pipeline/watch_hub.h"

namespace countersign::server {

struct HandlerParts {
  FrontDesk& desk;
  Pipeline& pipeline;
  core::Store& store;
  ProductCache& products;
  WatchHub& watches;
  const base::Clock& clock;
  base::Random& random;
  // Of the site's own authorities; nullptr: there are none.
  CertificateIssuer* certificates = nullptr;
  CrlKeeper* crls = nullptr;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_PARTS_H_
