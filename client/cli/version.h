// The version of the command line tool, as CHANGELOG counts it.
#ifndef COUNTERSIGN_CLIENT_CLI_VERSION_H_
#define COUNTERSIGN_CLIENT_CLI_VERSION_H_

namespace countersign::client {

inline constexpr char kVersion[] = "0.4.0";

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_VERSION_H_
