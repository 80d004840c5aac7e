// The version that --version, the log and the record show.
#ifndef COUNTERSIGN_SERVER_VERSION_H_
#define COUNTERSIGN_SERVER_VERSION_H_

namespace countersign::server {

inline constexpr char kVersion[] = "0.4.0";

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_VERSION_H_
