// Numbers and durations of a configuration within their bounds, said in the
// words that all sections share. Pure.
#ifndef COUNTERSIGN_SERVER_CONFIG_BOUNDS_H_
#define COUNTERSIGN_SERVER_CONFIG_BOUNDS_H_

#include <string>

#include "absl/time/time.h"
#include "server/config/mistakes.h"

namespace countersign::server {

// `value` as it is; a mistake at `field` where it is outside `min`..`max`.
int NumberWithin(const std::string& field, int value, int min, int max,
                 Mistakes& mistakes);

// `text` ("200ms", "1h30m") as a duration; a mistake at `field` where it is
// none or outside `min`..`max`.
absl::Duration DurationWithin(const std::string& field, const std::string& text,
                              absl::Duration min, absl::Duration max,
                              Mistakes& mistakes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_BOUNDS_H_
