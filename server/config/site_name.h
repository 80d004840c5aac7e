// Names that a site gives to its tokens, issuers and authorities: one alphabet,
// since they stand in URLs, metrics and the record. Pure.
#ifndef COUNTERSIGN_SERVER_CONFIG_SITE_NAME_H_
#define COUNTERSIGN_SERVER_CONFIG_SITE_NAME_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "server/config/mistakes.h"

namespace countersign::server {

// 1 to 63 of a-z, 0-9 and "-". An empty one is passed over: the reader has
// complained.
void CheckSiteName(const std::string& field, absl::string_view name,
                   Mistakes& mistakes);

// Entries of one list that must differ in something, in the list's order.
class Distinct {
 public:
  // `list` is "identity.token_issuers", `what` the field of an entry.
  Distinct(std::string list, std::string what, std::string why);

  // A mistake at entry `i` where `value` was seen before; `why` ends it. Empty
  // values are passed over.
  void See(const std::string& value, size_t i, Mistakes& mistakes);

 private:
  const std::string list_;
  const std::string what_;
  const std::string why_;
  std::map<std::string, size_t> seen_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_SITE_NAME_H_
