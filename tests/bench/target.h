// Which server the bench talks to, and how: one connection for each simulated
// client, as separate pipelines have, not one shared by all.
#ifndef COUNTERSIGN_TESTS_BENCH_TARGET_H_
#define COUNTERSIGN_TESTS_BENCH_TARGET_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace countersign::bench {

struct Target {
  std::string site;    // folder: tests/demo/environment.sh made it
  std::string server;  // host:port
  std::string ca_pem;
  std::string certificate_pem;  // empty: connections show none
  std::string private_key_pem;
  pid_t server_pid = 0;  // for CPU time, threads, memory
};

// The server of a site, as the identity "ci". Blocks on the disk.
absl::StatusOr<Target> ReadTarget(const std::string& site);

// A connection of its own, mTLS.
std::shared_ptr<grpc::Channel> OpenChannel(const Target& target);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_TARGET_H_
