// What metrics show of a token issuer: written by issuer_thread.h, read by
// metrics/metrics.h. A plain value.
#ifndef COUNTERSIGN_SERVER_ISSUER_LEVEL_H_
#define COUNTERSIGN_SERVER_ISSUER_LEVEL_H_

#include <string>

#include "absl/time/time.h"

namespace countersign::server {

struct IssuerLevel {
  std::string issuer;  // its configured name
  bool up = false;     // it answers, with keys that count
  absl::Duration key_age = absl::InfiniteDuration();  // infinite: never had
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_ISSUER_LEVEL_H_
