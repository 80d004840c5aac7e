// The environment as an argument, so that tests have their own.
#ifndef COUNTERSIGN_CLIENT_TOKEN_ENVIRONMENT_H_
#define COUNTERSIGN_CLIENT_TOKEN_ENVIRONMENT_H_

#include <functional>
#include <optional>
#include <string>

namespace countersign::client {

using Environment =
    std::function<std::optional<std::string>(const std::string&)>;

// An empty variable is not set.
inline std::string ValueOf(const Environment& environment,
                           const std::string& name) {
  return environment(name).value_or("");
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_ENVIRONMENT_H_
