// The details of an error that the client itself finds: its reason, and what
// else there is to say. Called by client/api and client/cli. Pure.
#ifndef COUNTERSIGN_CLIENT_API_CLIENT_ERROR_H_
#define COUNTERSIGN_CLIENT_API_CLIENT_ERROR_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace countersign::client {

inline base::ErrorDetails Because(
    std::string reason, std::map<std::string, std::string> metadata = {},
    std::vector<base::FieldViolation> violations = {}) {
  base::ErrorDetails details;
  details.reason = std::move(reason);
  details.metadata = std::move(metadata);
  details.field_violations = std::move(violations);
  return details;
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CLIENT_ERROR_H_
