// ocm-signing-countersign: the signing handler of the OCM CLI (the one with
// plugins), as one function. `capabilities` says what it is; `--config JSON`
// serves HTTP on a socket until the CLI ends it. main gives it the real world.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_OCM_PLUGIN_H_
#define COUNTERSIGN_CLIENT_PLUGINS_OCM_PLUGIN_H_

#include <deque>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "client/plugins/http_request.h"
#include "client/plugins/plugin_world.h"

namespace countersign::client {

// "DEBUG", "INFO", "WARN", "ERROR" and a text. Thread-safe.
using OcmLog = std::function<void(const char* level, absl::string_view)>;

// The routes. Thread-safe.
class OcmRoutes {
 public:
  // All must outlive it.
  OcmRoutes(const PluginWorld& world, const OcmLog& log)
      : world_(world), log_(log) {}

  HttpResponse Handle(const HttpRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<std::string> Dispatch(const HttpRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> SignIdentity(const HttpRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> Sign(const HttpRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> VerifyIdentity(const HttpRequest& request);
  absl::StatusOr<std::string> Verify(const HttpRequest& request);

  const PluginWorld& world_;
  const OcmLog& log_;
  base::Mutex mutex_;
  // Names by what is signed: /sign does not say them again. The newest last.
  std::deque<std::pair<std::string, std::string>> names_
      ABSL_GUARDED_BY(mutex_);
};

struct OcmConfig {
  std::string id;
  bool tcp = false;
  absl::Duration idle_timeout = absl::Hours(1);
};
// INVALID_ARGUMENT (OCM_PROTOCOL).
absl::StatusOr<OcmConfig> ParseOcmConfig(absl::string_view text);

// What `capabilities` prints.
std::string OcmCapabilities();

// `arguments` without the program's name. Exit codes are the command line
// tool's.
int RunOcmPlugin(const std::vector<std::string>& arguments, std::ostream& out,
                 const PluginWorld& world, const OcmLog& log);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_OCM_PLUGIN_H_
