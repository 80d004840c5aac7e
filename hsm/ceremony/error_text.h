// An error as people read it and as programs read it. Pure. Called once, by
// app.cc.
#ifndef COUNTERSIGN_HSM_CEREMONY_ERROR_TEXT_H_
#define COUNTERSIGN_HSM_CEREMONY_ERROR_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "base/json.h"

namespace countersign::hsm {

// "countersign-hsm: message" and "(CODE, REASON)" on a line of its own. Safe to
// show.
std::string ErrorText(const absl::Status& status);

// {"error": {"code", "reason", "message", "exitCode", "metadata"}}.
base::Json ErrorJson(const absl::Status& status);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_ERROR_TEXT_H_
