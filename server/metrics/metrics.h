// What the server counts, as Prometheus reads it. The rooms own small observer
// ports and know nothing of Prometheus; this is their one implementation, and
// the only place that sees the library. Names:
// countersign_<room>_<noun>_<unit>; labels come from closed sets.
#ifndef COUNTERSIGN_SERVER_METRICS_METRICS_H_
#define COUNTERSIGN_SERVER_METRICS_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/signer_observer.h"
#include "server/http/http_observer.h"
#include "server/issuer_level.h"
#include "server/pipeline/observer.h"
#include "server/rpc_observer.h"

namespace countersign::server {

// Gauges that somebody has to go and read: set every few seconds.
struct Levels {
  // Requests that wait for people, by how long they have waited.
  int64_t pending_under_hour = 0;
  int64_t pending_under_day = 0;
  int64_t pending_under_week = 0;
  int64_t pending_older = 0;
  uint64_t log_leaves = 0;   // numbered
  uint64_t tree_leaves = 0;  // integrated
  int64_t open_watches = 0;
  int64_t remembered_credentials = 0;
  bool signer_ready = false;  // at least one token
  std::vector<core::TokenHealth> tokens;
  std::vector<IssuerLevel> issuers;
};

// Thread-safe.
class Metrics final : public PipelineObserver,
                      public RpcObserver,
                      public HttpObserver,
                      public hsm::SignerObserver {
 public:
  // Serves on "host:port" by its own threads; an empty address serves nothing
  // and counts all the same. UNAVAILABLE where the address cannot be had.
  static absl::StatusOr<std::unique_ptr<Metrics>> Start(
      const std::string& address);
  ~Metrics() override;

  void OnCommit(size_t change_sets, absl::Duration took, bool ok) override;
  void OnLoad(int64_t in_flight, int64_t digests_at_signer) override;
  void OnRpc(absl::string_view method, absl::StatusCode code,
             absl::Duration took) override;
  void OnAuthentication(absl::string_view credential,
                        absl::string_view result) override;
  void OnUnrecordedDenial() override;
  void OnHttpCall(absl::string_view kind, int code,
                  absl::Duration took) override;
  void OnWaitingCalls(int64_t waiting) override;
  void OnSigned(absl::string_view key_label, core::SignatureAlgorithm algorithm,
                absl::Duration hsm_time, bool ok) override;
  void OnQueueDepth(size_t digests) override;

  void Set(const Levels& levels);

  // 0 where nothing is served.
  int port() const;
  // The text that a scrape gets.
  std::string Text() const;

 private:
  struct Families;
  Metrics();
  void SetIssuers(const std::vector<IssuerLevel>& issuers);
  const std::unique_ptr<Families> families_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_METRICS_METRICS_H_
