#include "server/config/config_watcher.h"

#include <sys/stat.h>

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/log.h"
#include "server/config/config.h"

namespace countersign::server {
namespace {

int64_t Nanoseconds(const timespec& t) {
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

}  // namespace

ConfigWatcher::ConfigWatcher(std::string path, ServerConfig running,
                             const base::Clock& clock, Apply apply)
    : path_(std::move(path)),
      running_(std::move(running)),
      clock_(clock),
      apply_(std::move(apply)) {}

ConfigWatcher::Stamp ConfigWatcher::StampOf(const std::string& path) {
  struct stat info = {};
  // A file that is away for a moment is a state like others: size -1.
  if (stat(path.c_str(), &info) != 0) return Stamp();
  return {info.st_dev, info.st_ino, int64_t{info.st_size},
          Nanoseconds(info.st_mtim), Nanoseconds(info.st_ctim)};
}

bool ConfigWatcher::Poll() {
  // Before reading: a change during the reading shows at the next poll.
  const Stamp now = StampOf(path_);
  if (now == last_ && refused_.empty()) return false;
  last_ = now;
  absl::StatusOr<ServerConfig> fresh = LoadConfig(path_, clock_.Now());
  if (!fresh.ok()) {
    std::string why(fresh.status().message());
    if (why == refused_) return false;
    refused_ = std::move(why);
    base::Log(base::Severity::kError, "config_refused",
              {{"path", base::Json(path_)}, {"error", base::Json(refused_)}});
    return false;
  }
  refused_.clear();
  const std::vector<std::string> restart =
      ChangesThatNeedRestart(running_, *fresh);
  if (!restart.empty()) {
    base::Log(base::Severity::kWarning, "config_needs_restart",
              {{"path", base::Json(path_)},
               {"fields", base::Json(absl::StrJoin(restart, ", "))}});
  }
  auth::AccessSnapshot access = *fresh->access;
  // The signer has the tokens that it was started with.
  access.policy.tokens = running_.access->policy.tokens;
  access.policy.default_token = running_.access->policy.default_token;
  access.policy.issuing_cas = running_.access->policy.issuing_cas;
  // TLS was started for certificates alone, or for tokens too.
  if (running_.access->token_issuers.empty()) access.token_issuers.clear();
  apply_(std::make_shared<const auth::AccessSnapshot>(std::move(access)));
  base::Log(base::Severity::kInfo, "config_reloaded",
            {{"path", base::Json(path_)}});
  return true;
}

}  // namespace countersign::server
