// ocm-signing-countersign: the OCM CLI's signing handler. Gives ocm_plugin.h
// the real world. The CLI reads log lines as JSON on standard error.
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/time_text.h"
#include "client/cli/process.h"
#include "client/plugins/ocm_plugin.h"

int main(int argc, char** argv) {
  namespace base = countersign::base;
  namespace client = countersign::client;
  const base::SystemClock clock;
  base::SystemRandom random;
  base::Mutex mutex;
  const client::OcmLog log = [&](const char* level, absl::string_view text) {
    const std::string line = base::CompactJson(
        base::Json::Object{{"time", base::TimeText(clock.Now())},
                           {"level", level},
                           {"msg", text}});
    base::MutexLock lock(mutex);
    std::cerr << line << "\n" << std::flush;
  };
  const absl::Status prepared = client::PrepareProcess();
  if (!prepared.ok()) {
    log("ERROR", prepared.message());
    return 1;
  }
  const client::PluginWorld world{
      client::EnvironmentVariable,
      clock,
      random,
      client::Interrupted,
      [&log](absl::string_view line) { log("INFO", line); },
      {}};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return client::RunOcmPlugin(arguments, std::cout, world, log);
}
