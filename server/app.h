// The composition root: the only place that names concrete adapters and starts
// threads (the signer's own excepted). Start builds the server from checked
// values and answers when it serves; Stop ends it in an order that loses no
// answer that can still be given. main.cc and tests call it.
#ifndef COUNTERSIGN_SERVER_APP_H_
#define COUNTERSIGN_SERVER_APP_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "server/adapters.h"
#include "server/config/server_config.h"

namespace countersign::server {

class Metrics;
struct AppParts;

// Thread-compatible.
class App {
 public:
  // SqliteStore and Pkcs11Signer. A token that is away keeps nothing from
  // starting: health tells. `config_path` is polled for new group rules; empty:
  // never. Blocks, until recovery has begun and the port is open.
  static absl::StatusOr<std::unique_ptr<App>> Start(
      const ServerConfig& config, const std::string& config_path,
      const base::Clock& clock, base::Random& random);
  // The same on other adapters.
  static absl::StatusOr<std::unique_ptr<App>> StartWith(
      const ServerConfig& config, const std::string& config_path,
      const base::Clock& clock, base::Random& random, Adapters adapters);

  // Stops, where Stop was not called.
  ~App();

  // Takes no more calls, gives what is under way ten seconds, then abandons
  // what waits for the token (it is resumed by the next start) and ends all
  // threads. Blocks. Once.
  void Stop();

  int port() const;
  // 0 where no metrics are served.
  int metrics_port() const;
  // 0 where there is no HTTPS door.
  int http_port() const;
  std::string metrics_text() const;

 private:
  App(std::unique_ptr<Metrics> metrics, Adapters adapters);

  absl::Status Build(const ServerConfig& config, const std::string& config_path,
                     const base::Clock& clock, base::Random& random);
  absl::Status RecordStart(const base::Clock& clock);
  absl::Status Serve(const ServerConfig& config);
  absl::Status ServeHttp(const ServerConfig& config, const base::Clock& clock);
  void StartThreads(const ServerConfig& config);
  void StartIssuers();
  void StartTimer(const ServerConfig& config, const base::Clock& clock);
  void StartThread(const char* name, std::function<void()> loop);
  // Health, sweeper, configuration, gauges.
  void Tick();

  std::unique_ptr<Metrics> metrics_;
  Adapters adapters_;
  std::unique_ptr<AppParts> parts_;
  std::vector<std::thread> timers_;
  std::vector<std::thread> stages_;
  bool stopped_ = false;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_APP_H_
