// Notices that the configuration file changed and loads what may change while
// the server runs: group rules, roles, request expiries, the waiting period of
// keys that shall be destroyed. It has no thread: the
// app polls it, every two seconds. A file with mistakes is logged and changes
// nothing; what needs a restart is logged by name.
#ifndef COUNTERSIGN_SERVER_CONFIG_CONFIG_WATCHER_H_
#define COUNTERSIGN_SERVER_CONFIG_CONFIG_WATCHER_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "auth/authenticator.h"
#include "base/clock.h"
#include "server/config/server_config.h"

namespace countersign::server {

// Single-thread.
class ConfigWatcher {
 public:
  // Called with the new rules, on the thread that polls.
  using Apply =
      std::function<void(std::shared_ptr<const auth::AccessSnapshot>)>;

  // `running` was loaded from `path`. The first Poll loads the file again, so
  // that a change between that load and now is not missed. `clock` outlives
  // this.
  ConfigWatcher(std::string path, ServerConfig running,
                const base::Clock& clock, Apply apply);

  // Looks whether the file changed; true where new rules were applied. Reads
  // the file (and those that it names) only then, and each time while it is
  // refused: the fault may be in a file that it names, half replaced just then.
  bool Poll();

 private:
  // Tells one state of a file from another without reading it. An editor that
  // renames gives a new inode; one that writes in place gives a new time.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    int64_t size = -1;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const Stamp& o) const {
      return device == o.device && inode == o.inode && size == o.size &&
             modified_ns == o.modified_ns && changed_ns == o.changed_ns;
    }
  };
  static Stamp StampOf(const std::string& path);

  const std::string path_;
  const ServerConfig running_;  // as the server was started
  const base::Clock& clock_;
  const Apply apply_;
  Stamp last_;
  std::string refused_;  // why the file was refused at the last look
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_CONFIG_WATCHER_H_
