// The commands of the ceremony tool, one function for each group.
#ifndef COUNTERSIGN_HSM_CEREMONY_COMMANDS_H_
#define COUNTERSIGN_HSM_CEREMONY_COMMANDS_H_

#include "hsm/ceremony/run.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::hsm {

// token list|init|set-pin
void AddTokenCommands(CLI::App& root, Run& run);
// key list|inspect, key export|csr|test-sign, key generate|delete
void AddKeyCommands(CLI::App& root, Run& run);
void AddKeyUseCommands(CLI::App& group, Run& run);
void AddKeyChangeCommands(CLI::App& group, Run& run);
// certificate list|read|store
void AddCertificateCommands(CLI::App& root, Run& run);
// ca self-sign|csr
void AddCaCommands(CLI::App& root, Run& run);
// latch show|clear
void AddLatchCommands(CLI::App& root, Run& run);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_COMMANDS_H_
