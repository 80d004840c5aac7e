#include "server/metrics/metrics.h"

#include <exception>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/exposer.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "server/grpc_status.h"

namespace countersign::server {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

// Seconds: from a commit on an idle disk to a call that waits for a slow token.
const Buckets& Seconds() {
  static const auto& kBuckets = *new Buckets{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
      0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
  return kBuckets;
}

const Buckets& Sizes() {
  static const auto& kBuckets = *new Buckets{1, 2, 4, 8, 16, 32, 64, 128, 256};
  return kBuckets;
}

std::string Str(absl::string_view text) { return std::string(text); }

// The operation of a key's label, which is the key version's name.
std::string OperationOf(absl::string_view key_label) {
  return Str(key_label.substr(0, key_label.find("/keyVersions/")));
}

// A family whose members are found by a key of ours, so that a hot path builds
// no label map.
template <typename Metric>
class Cached {
 public:
  template <typename Make>
  Metric& Get(const std::string& key, Make make) ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    Metric*& slot = members_[key];
    if (slot == nullptr) slot = &make();
    return *slot;
  }

 private:
  base::Mutex mutex_;
  absl::flat_hash_map<std::string, Metric*> members_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct Metrics::Families {
  template <typename Metric>
  prometheus::Family<Metric>& Make(prometheus::detail::Builder<Metric> builder,
                                   const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(*registry);
  }
  prometheus::Gauge& MakeGauge(const char* name, const char* help) {
    return Make(prometheus::BuildGauge(), name, help).Add({});
  }
  prometheus::Gauge& MakePending(const char* age) {
    return pending.Add({{"age", age}});
  }

  std::shared_ptr<prometheus::Registry> registry =
      std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& rpcs =
      Make(prometheus::BuildCounter(), "countersign_server_rpcs_total",
           "Calls by method and code.");
  prometheus::Family<prometheus::Histogram>& rpc_seconds =
      Make(prometheus::BuildHistogram(), "countersign_server_rpc_seconds",
           "From arrival to answer, by method.");
  prometheus::Family<prometheus::Counter>& authentications =
      Make(prometheus::BuildCounter(), "countersign_authentications_total",
           "Credentials that were judged, by what came (certificate, token, "
           "both, none) and result (ok, or the refusal's reason).");
  prometheus::Counter& unrecorded_denials =
      Make(prometheus::BuildCounter(),
           "countersign_server_unrecorded_denials_total",
           "Refusals of unknown callers beyond the rate that is recorded.")
          .Add({});
  prometheus::Gauge& remembered_credentials =
      MakeGauge("countersign_auth_remembered_credentials",
                "Certificates and tokens that are not read or verified again.");
  prometheus::Family<prometheus::Counter>& http_calls =
      Make(prometheus::BuildCounter(), "countersign_http_calls_total",
           "Calls of the HTTPS door by kind of path and code.");
  prometheus::Family<prometheus::Histogram>& http_seconds =
      Make(prometheus::BuildHistogram(), "countersign_http_call_seconds",
           "From arrival to answer, by kind of path; people's time included.");
  prometheus::Gauge& waiting_calls =
      MakeGauge("countersign_http_waiting_calls",
                "Calls of the HTTPS door that wait for people or a token.");
  prometheus::Family<prometheus::Counter>& signatures =
      Make(prometheus::BuildCounter(), "countersign_hsm_signatures_total",
           "Signatures asked of the token, by operation, algorithm, result.");
  prometheus::Histogram& hsm_seconds =
      Make(prometheus::BuildHistogram(), "countersign_hsm_sign_seconds",
           "C_SignInit and C_Sign of one digest.")
          .Add({}, Seconds());
  prometheus::Gauge& queued = MakeGauge("countersign_hsm_queued_digests",
                                        "Digests that wait for a session.");
  prometheus::Gauge& at_signer =
      MakeGauge("countersign_server_digests_at_signer",
                "Digests of flows that wait for the signer.");
  prometheus::Gauge& in_flight =
      MakeGauge("countersign_server_flows_in_flight", "Changes on their way.");
  prometheus::Histogram& commit_sizes =
      Make(prometheus::BuildHistogram(), "countersign_storage_commit_sizes",
           "Change sets in one durable transaction.")
          .Add({}, Sizes());
  prometheus::Histogram& commit_seconds =
      Make(prometheus::BuildHistogram(), "countersign_storage_commit_seconds",
           "One durable transaction.")
          .Add({}, Seconds());
  prometheus::Counter& commit_failures =
      Make(prometheus::BuildCounter(),
           "countersign_storage_commit_failures_total",
           "Transactions that failed: nothing was signed for them.")
          .Add({});
  prometheus::Family<prometheus::Gauge>& pending =
      Make(prometheus::BuildGauge(), "countersign_core_pending_requests",
           "Signing requests that wait for people, by age.");
  prometheus::Gauge& pending_hour = MakePending("under_1h");
  prometheus::Gauge& pending_day = MakePending("under_1d");
  prometheus::Gauge& pending_week = MakePending("under_7d");
  prometheus::Gauge& pending_older = MakePending("over_7d");
  prometheus::Gauge& log_leaves =
      MakeGauge("countersign_audit_log_leaves", "Leaves that are recorded.");
  prometheus::Gauge& lag_leaves =
      MakeGauge("countersign_audit_integration_lag_leaves",
                "Recorded leaves that are not yet in the tree.");
  prometheus::Gauge& watches =
      MakeGauge("countersign_server_open_watches", "Open Watch streams.");
  prometheus::Gauge& signer_ready =
      MakeGauge("countersign_hsm_ready_state",
                "1 where at least one token can sign, else 0.");
  prometheus::Family<prometheus::Gauge>& token_ready =
      Make(prometheus::BuildGauge(), "countersign_hsm_token_ready",
           "1 where the token can sign, else 0.");
  prometheus::Family<prometheus::Gauge>& stuck_calls =
      Make(prometheus::BuildGauge(), "countersign_hsm_stuck_calls",
           "Calls into the module that did not come back, by token.");
  prometheus::Family<prometheus::Gauge>& issuer_up =
      Make(prometheus::BuildGauge(), "countersign_token_issuer_up",
           "1 where the last try to have a token issuer's keys succeeded, by "
           "issuer.");
  prometheus::Family<prometheus::Gauge>& issuer_key_age =
      Make(prometheus::BuildGauge(), "countersign_token_issuer_key_age_seconds",
           "Since a token issuer's keys were last had, by issuer.");
  std::set<std::string> issuers;  // that have gauges; of Set's thread

  Cached<prometheus::Counter> rpc_counters;
  Cached<prometheus::Histogram> rpc_histograms;
  Cached<prometheus::Counter> authentication_counters;
  Cached<prometheus::Counter> http_counters;
  Cached<prometheus::Histogram> http_histograms;
  Cached<prometheus::Counter> signature_counters;
  std::unique_ptr<prometheus::Exposer> exposer;  // first to go
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

absl::StatusOr<std::unique_ptr<Metrics>> Metrics::Start(
    const std::string& address) {
  std::unique_ptr<Metrics> metrics(new Metrics());
  if (address.empty()) return metrics;
  // The library throws where it cannot listen.
  try {
    metrics->families_->exposer =
        std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception& e) {
    return absl::UnavailableError(absl::StrCat(
        "metrics.address ", address, ": cannot listen there: ", e.what()));
  }
  metrics->families_->exposer->RegisterCollectable(
      metrics->families_->registry);
  return metrics;
}

void Metrics::OnCommit(size_t change_sets, absl::Duration took, bool ok) {
  families_->commit_sizes.Observe(static_cast<double>(change_sets));
  families_->commit_seconds.Observe(absl::ToDoubleSeconds(took));
  if (!ok) families_->commit_failures.Increment();
}

void Metrics::OnLoad(int64_t in_flight, int64_t digests_at_signer) {
  families_->in_flight.Set(static_cast<double>(in_flight));
  families_->at_signer.Set(static_cast<double>(digests_at_signer));
}

void Metrics::OnRpc(absl::string_view method, absl::StatusCode code,
                    absl::Duration took) {
  Families& f = *families_;
  f.rpc_counters
      .Get(absl::StrCat(method, " ", static_cast<int>(code)),
           [&]() -> prometheus::Counter& {
             return f.rpcs.Add(
                 {{"method", Str(method)}, {"code", Str(CodeName(code))}});
           })
      .Increment();
  f.rpc_histograms
      .Get(Str(method),
           [&]() -> prometheus::Histogram& {
             return f.rpc_seconds.Add({{"method", Str(method)}}, Seconds());
           })
      .Observe(absl::ToDoubleSeconds(took));
}

void Metrics::OnAuthentication(absl::string_view credential,
                               absl::string_view result) {
  Families& f = *families_;
  f.authentication_counters
      .Get(absl::StrCat(credential, " ", result),
           [&]() -> prometheus::Counter& {
             return f.authentications.Add(
                 {{"credential", Str(credential)}, {"result", Str(result)}});
           })
      .Increment();
}

void Metrics::OnUnrecordedDenial() {
  families_->unrecorded_denials.Increment();
}

void Metrics::OnHttpCall(absl::string_view kind, int code,
                         absl::Duration took) {
  Families& f = *families_;
  f.http_counters
      .Get(absl::StrCat(kind, " ", code),
           [&]() -> prometheus::Counter& {
             return f.http_calls.Add(
                 {{"kind", Str(kind)}, {"code", absl::StrCat(code)}});
           })
      .Increment();
  f.http_histograms
      .Get(Str(kind),
           [&]() -> prometheus::Histogram& {
             return f.http_seconds.Add({{"kind", Str(kind)}}, Seconds());
           })
      .Observe(absl::ToDoubleSeconds(took));
}

void Metrics::OnWaitingCalls(int64_t waiting) {
  families_->waiting_calls.Set(static_cast<double>(waiting));
}

void Metrics::OnSigned(absl::string_view key_label,
                       core::SignatureAlgorithm algorithm,
                       absl::Duration hsm_time, bool ok) {
  Families& f = *families_;
  f.hsm_seconds.Observe(absl::ToDoubleSeconds(hsm_time));
  f.signature_counters
      .Get(absl::StrCat(key_label, " ", static_cast<int>(algorithm), ok),
           [&]() -> prometheus::Counter& {
             return f.signatures.Add(
                 {{"operation", OperationOf(key_label)},
                  {"algorithm", Str(core::ToString(algorithm))},
                  {"result", ok ? "ok" : "failed"}});
           })
      .Increment();
}

void Metrics::OnQueueDepth(size_t digests) {
  families_->queued.Set(static_cast<double>(digests));
}

void Metrics::Set(const Levels& levels) {
  Families& f = *families_;
  f.pending_hour.Set(static_cast<double>(levels.pending_under_hour));
  f.pending_day.Set(static_cast<double>(levels.pending_under_day));
  f.pending_week.Set(static_cast<double>(levels.pending_under_week));
  f.pending_older.Set(static_cast<double>(levels.pending_older));
  f.log_leaves.Set(static_cast<double>(levels.log_leaves));
  f.lag_leaves.Set(static_cast<double>(levels.log_leaves - levels.tree_leaves));
  f.watches.Set(static_cast<double>(levels.open_watches));
  f.remembered_credentials.Set(
      static_cast<double>(levels.remembered_credentials));
  f.signer_ready.Set(levels.signer_ready ? 1 : 0);
  for (const core::TokenHealth& token : levels.tokens) {
    f.token_ready.Add({{"token", token.token}}).Set(token.ready ? 1 : 0);
    f.stuck_calls.Add({{"token", token.token}}).Set(token.stuck_calls);
  }
  SetIssuers(levels.issuers);
}

void Metrics::SetIssuers(const std::vector<IssuerLevel>& issuers) {
  Families& f = *families_;
  std::set<std::string> gone;
  gone.swap(f.issuers);
  for (const IssuerLevel& level : issuers) {
    const prometheus::Labels labels = {{"issuer", level.issuer}};
    f.issuer_up.Add(labels).Set(level.up ? 1 : 0);
    f.issuer_key_age.Add(labels).Set(absl::ToDoubleSeconds(level.key_age));
    f.issuers.insert(level.issuer);
    gone.erase(level.issuer);
  }
  for (const std::string& issuer : gone) {
    const prometheus::Labels labels = {{"issuer", issuer}};
    f.issuer_up.Remove(&f.issuer_up.Add(labels));
    f.issuer_key_age.Remove(&f.issuer_key_age.Add(labels));
  }
}

int Metrics::port() const {
  if (families_->exposer == nullptr) return 0;
  const std::vector<int> ports = families_->exposer->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(families_->registry->Collect());
}

}  // namespace countersign::server
