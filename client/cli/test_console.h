// One run of the command line tool against a server in the same process. Tests
// only.
#ifndef COUNTERSIGN_CLIENT_CLI_TEST_CONSOLE_H_
#define COUNTERSIGN_CLIENT_CLI_TEST_CONSOLE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "client/api/test_server.h"
#include "client/cli/app.h"
#include "client/oci/registry.h"

namespace countersign::client {

struct TestRun {
  int code = 0;
  std::string out;
  std::string err;
};

class TestConsole {
 public:
  TestServer& server() { return server_; }
  Answers& answers() { return server_.answers(); }

  // What is typed at the terminal, once there is one.
  void Interactive(const std::string& typed) {
    interactive_ = true;
    typed_ = typed;
  }
  void Input(const std::string& text) { typed_ = text; }
  // What is reached instead of real registries.
  void Registries(std::function<std::unique_ptr<OciRegistries>()> registries) {
    registries_ = std::move(registries);
  }
  // Ctrl-C, from then on.
  void Interrupt() { interrupted_ = true; }

  TestRun Run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in(typed_);
    Console console{
        out,
        err,
        in,
        interactive_,
        [this](const std::string& name) { return Variable(name); },
        clock_,
        random_,
        [this] { return interrupted_.load(); },
        [this](const Settings& settings) { return Connect(settings); },
        registries_};
    TestRun run;
    run.code = static_cast<int>(RunCli(arguments, console));
    run.out = out.str();
    run.err = err.str();
    return run;
  }

 private:
  // Complete settings; what stands in the files is not read.
  std::optional<std::string> Variable(const std::string& name) {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }

  absl::StatusOr<std::unique_ptr<Connection>> Connect(const Settings&) {
    ConnectionOptions options;
    options.interrupted = [this] { return interrupted_.load(); };
    options.sleep = [](absl::Duration) {};
    return std::make_unique<Connection>(server_.Channel(), options, clock_,
                                        random_);
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::atomic<bool> interrupted_{false};
  bool interactive_ = false;
  std::function<std::unique_ptr<OciRegistries>()> registries_;
  std::string typed_;
  std::map<std::string, std::string> variables_ = {
      {"COUNTERSIGN_SERVER", "localhost:1"},
      {"COUNTERSIGN_CA_FILE", "ca.pem"},
      {"COUNTERSIGN_CERTIFICATE_FILE", "c.pem"},
      {"COUNTERSIGN_PRIVATE_KEY_FILE", "c.key"}};
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_TEST_CONSOLE_H_
