// sigstore-kms-countersign: the cosign KMS plugin. Gives kms_plugin.h the real
// world. Standard output belongs to the protocol; people read standard error.
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "client/cli/process.h"
#include "client/cli/text_table.h"
#include "client/plugins/kms_plugin.h"

int main(int argc, char** argv) {
  namespace client = countersign::client;
  const absl::Status prepared = client::PrepareProcess();
  if (!prepared.ok()) {
    std::cerr << "sigstore-kms-countersign: " << prepared.ToString() << "\n";
    return 1;
  }
  std::ios::sync_with_stdio(false);
  const countersign::base::SystemClock clock;
  countersign::base::SystemRandom random;
  const client::PluginWorld world{
      client::EnvironmentVariable,
      clock,
      random,
      client::Interrupted,
      [](absl::string_view line) {
        std::cerr << client::EscapeLines(line) << "\n" << std::flush;
      },
      {}};
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const int code = client::RunKmsPlugin(arguments, std::cin, std::cout, world);
  std::cout.flush();
  return code;
}
