// For `countersignd --check`: whether what the configuration names is there,
// tokens, keys, database and token issuers. Beside app.cc the one place that
// names concrete adapters, as it asks the very ones that the server would use;
// it makes nothing of them. main.cc calls it.
#ifndef COUNTERSIGN_SERVER_CHECK_SITE_H_
#define COUNTERSIGN_SERVER_CHECK_SITE_H_

#include <string>
#include <vector>

#include "server/config/server_config.h"

namespace countersign::server {

// What --check says of tokens, keys and issuers, a sentence for each.
struct SiteCheck {
  std::vector<std::string> mistakes;
  // Keys of which nothing can be said without a login; issuers that cannot be
  // reached now.
  std::vector<std::string> notes;
};

// Each module loads and has its token, and that shows the keys of the products
// on record. It does not log in, so no try of the PIN is spent, and writes
// nothing: a server may be running. Blocks.
SiteCheck CheckSite(const ServerConfig& config);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CHECK_SITE_H_
