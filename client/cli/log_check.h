// The log, checked as an auditor: every leaf is fetched, the root computed
// again, the checkpoint's signature verified, and a checkpoint kept from before
// shown to be its beginning. The server is believed in nothing but, without
// `key`, the first sight of its key. Called by `audit verify`.
#ifndef COUNTERSIGN_CLIENT_CLI_LOG_CHECK_H_
#define COUNTERSIGN_CLIENT_CLI_LOG_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/api/audit_client.h"

namespace countersign::client {

struct LogCheck {
  uint64_t size = 0;
  std::string root;  // 32 octets
  std::string origin;
  std::string verifier_key;
  uint64_t newer = 0;  // leaves after the checkpoint
  std::optional<uint64_t> previous_size;
};

// `key`: the log's verifier line; empty: the server's. `previous`: a signed
// note; empty: none. Blocks. DATA_LOSS (LOG_NOT_VERIFIED) lists what is wrong.
absl::StatusOr<LogCheck> CheckLog(AuditClient& client, const std::string& key,
                                  const std::string& previous);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_LOG_CHECK_H_
