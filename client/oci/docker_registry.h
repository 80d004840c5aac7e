// Debian's docker-registry on loopback for tests, with an empty folder of its
// own under TEST_TMPDIR.
#ifndef COUNTERSIGN_CLIENT_OCI_DOCKER_REGISTRY_H_
#define COUNTERSIGN_CLIENT_OCI_DOCKER_REGISTRY_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

class DockerRegistry {
 public:
  // `htpasswd`: lines of a password file with bcrypt; empty: anybody may.
  // nullptr, after a line that says why, where it does not start. Blocks until
  // it answers.
  static std::unique_ptr<DockerRegistry> Start(absl::string_view htpasswd = "");
  // The same over TLS alone; both PEM.
  static std::unique_ptr<DockerRegistry> StartTls(
      absl::string_view certificate, absl::string_view private_key);
  // Kills it; its folder goes with TEST_TMPDIR.
  ~DockerRegistry();
  DockerRegistry(const DockerRegistry&) = delete;
  DockerRegistry& operator=(const DockerRegistry&) = delete;

  // "127.0.0.1:PORT"
  std::string host() const;

 private:
  DockerRegistry(pid_t pid, int port) : pid_(pid), port_(port) {}

  const pid_t pid_;
  const int port_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_DOCKER_REGISTRY_H_
