#include "server/pipeline/sweeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/certificate_life.h"
#include "core/event.h"
#include "core/flows.h"

namespace countersign::server {
namespace {

// Of each kind in one tick: recovery must leave room for callers.
constexpr int kMaxPerTick = 256;
// Of kMaxPerTick requests each, that one tick reads.
constexpr int kMaxPages = 4;
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

void LogReadFailure(const absl::Status& status) {
  base::Log(base::Severity::kError, "sweep_read_failed",
            {{"cause", status.ToString()}});
}

}  // namespace

bool Sweeper::Attempts::Begin(const std::string& name, absl::Time now) {
  base::MutexLock lock(mutex_);
  State& state = states_[name];
  if (state.running || now < state.next) return false;
  state.running = true;
  return true;
}

void Sweeper::Attempts::End(const std::string& name, bool ok, absl::Time now) {
  base::MutexLock lock(mutex_);
  if (ok) {
    states_.erase(name);
    return;
  }
  State& state = states_[name];
  state.running = false;
  state.pause = std::min(kLongestPause, std::max(kFirstPause, state.pause * 2));
  state.next = now + state.pause;
}

void Sweeper::Attempts::ShortenPauses() {
  base::MutexLock lock(mutex_);
  for (auto& [name, state] : states_) {
    if (state.pause <= kFirstPause) continue;
    state.next -= state.pause - kFirstPause;
    state.pause = kFirstPause;
  }
}

void Sweeper::Tick() {
  Expire();
  LookAtTokens();
  // Without a token each try would only add a leaf that says "resumed".
  if (!any_ready_) return;
  ResumeRequests();
  SweepProducts();
}

void Sweeper::LookAtTokens() {
  const core::SignerHealth health = signer_.Health();
  bool is_back = health.ready && !any_ready_;
  any_ready_ = health.ready;
  known_tokens_.clear();
  std::set<std::string> ready;
  for (const core::TokenHealth& token : health.tokens) {
    known_tokens_.insert(token.token);
    if (!token.ready) continue;
    ready.insert(token.token);
    if (ready_tokens_.count(token.token) == 0) is_back = true;
  }
  ready_tokens_ = std::move(ready);
  if (!is_back) return;
  attempts_->ShortenPauses();
  resume_cursor_.clear();
}

bool Sweeper::IsReady(const std::vector<std::string>& tokens) const {
  if (tokens.empty()) {
    return known_tokens_.count(options_.default_token) == 0 ||
           ready_tokens_.count(options_.default_token) > 0;
  }
  // What is no longer configured is tried, so that somebody is told.
  return std::any_of(tokens.begin(), tokens.end(),
                     [this](const std::string& token) {
                       return known_tokens_.count(token) == 0 ||
                              ready_tokens_.count(token) > 0;
                     });
}

bool Sweeper::HasRoomForFlows() const {
  return pipeline_.in_flight() < options_.max_in_flight;
}

void Sweeper::Start(const std::string& name, core::FlowPtr flow,
                    std::shared_ptr<void> held) {
  const base::Clock* clock = &clock_;
  pipeline_.Run(std::move(flow), [attempts = attempts_, clock, name,
                                  held = std::move(held)](core::Answer answer) {
    if (!answer.ok()) {
      base::Log(base::Severity::kWarning, "sweep_failed",
                {{"resource", name}, {"cause", answer.status().ToString()}});
    }
    attempts->End(name, answer.ok(), clock->Now());
  });
}

void Sweeper::Expire() {
  const absl::Time now = clock_.Now();
  core::RequestQuery query;
  query.limit = kMaxPerTick;
  query.oldest_first = true;
  query.states = {core::RequestState::kPendingApproval};
  query.expire_before = now;
  const auto page = store_.ListRequests(query);
  if (!page.ok()) return LogReadFailure(page.status());
  for (const core::SigningRequest& request : page->items) {
    const std::string name = request.name.Format();
    if (!attempts_->Begin(name, now)) continue;
    core::DecideRequest input;
    input.verb = core::RequestVerb::kExpire;
    input.caller = core::ServerPrincipal();
    input.request = request;
    Start(name, core::MakeDecideRequestFlow(std::move(input)));
  }
}

void Sweeper::ResumeRequests() {
  int started = 0;
  for (int pages = 0; pages < kMaxPages && started < kMaxPerTick; ++pages) {
    core::RequestQuery query;
    query.limit = kMaxPerTick;
    query.oldest_first = true;
    query.states = {core::RequestState::kApproved};
    query.cursor = resume_cursor_;
    const auto page = store_.ListRequests(query);
    if (!page.ok()) return LogReadFailure(page.status());
    for (const core::SigningRequest& listed : page->items) {
      if (!HasRoomForFlows()) return;
      if (ResumeRequest(listed)) ++started;
    }
    resume_cursor_ = page->next_cursor;
    if (resume_cursor_.empty()) return;
  }
}

bool Sweeper::ResumeRequest(const core::SigningRequest& listed) {
  const std::string name = listed.name.Format();
  if (pipeline_.IsActive(name)) return false;
  const auto product = products_.Get(listed.name.operation.product);
  const core::Operation* operation =
      product.ok() && *product != nullptr
          ? (*product)->FindOperation(listed.name.operation.operation)
          : nullptr;
  const core::KeyVersion* key =
      operation == nullptr ? nullptr
                           : operation->FindKeyVersion(listed.key_version);
  // The flow says what is wrong with a request whose key is gone.
  if (key != nullptr) {
    if (!IsReady(key->tokens)) return false;
    // Let go of at once: the flow takes its own when it starts, in Run.
    if (!signer_.Reserve(core::RefOf(*key), listed.content.digests.size())
             .ok()) {
      return false;
    }
  }
  // A flow that ended just now is no longer active, and its result durable:
  // only what is read after the question can be trusted.
  const auto request = store_.GetRequest(listed.name);
  if (!request.ok() || request->state != core::RequestState::kApproved ||
      !attempts_->Begin(name, clock_.Now())) {
    return false;
  }
  Start(name, core::MakeResumeFlow(*request));
  return true;
}

void Sweeper::SweepProducts() {
  core::ProductQuery query;
  query.limit = 1000;
  do {
    const auto page = store_.ListProducts(query);
    if (!page.ok()) return LogReadFailure(page.status());
    for (const core::Product& product : page->items) {
      if (!HasRoomForFlows()) return;
      ResumeProduct(product);
      DestroyDueKeys(product);
      if (options_.certificates != nullptr) {
        IssueCertificates(product);
        RequestRenewals(product);
      }
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
}

void Sweeper::ResumeProduct(const core::Product& product) {
  const std::string name = product.name.Format();
  if (!MakesKeys(product) || pipeline_.IsActive(name)) return;
  for (const core::Operation& operation : product.operations) {
    for (const core::KeyVersion& key : operation.key_versions) {
      if (key.state != core::KeyState::kGenerating || !IsReady(key.tokens)) {
        continue;
      }
      if (attempts_->Begin(name, clock_.Now())) {
        Start(name, core::MakeResumeProductFlow(product.name));
      }
      return;
    }
  }
}

// Those of an approval or a rotation whose call could not have them issued, and
// of one that a crash cut short: a fresh serial each time.
void Sweeper::IssueCertificates(const core::Product& product) {
  const std::vector<core::KeyVersionName> missing =
      core::CertificatesToIssue(product);
  if (missing.empty()) return;
  const auto policy = options_.certificates->policy();
  for (const core::KeyVersionName& name : missing) {
    const core::Operation* operation =
        product.FindOperation(name.operation.operation);
    const core::IssuingCa* ca =
        policy->FindProfile(operation->certificate->profile_id).first;
    if (ca == nullptr || IsReady(ca->key.tokens)) IssueCertificate(name);
  }
}

void Sweeper::IssueCertificate(const core::KeyVersionName& name) {
  const std::string resource = name.Format() + " certificate";
  CertificateIssuer& issuer = *options_.certificates;
  const CertificateIssuer::Turn turn = issuer.TryBegin(name);
  if (turn == nullptr || !attempts_->Begin(resource, clock_.Now())) return;
  absl::StatusOr<core::FlowPtr> flow =
      issuer.First(core::ServerPrincipal(), name);
  if (!flow.ok()) {
    base::Log(base::Severity::kWarning, "sweep_failed",
              {{"resource", resource}, {"cause", flow.status().ToString()}});
  }
  if (!flow.ok() || *flow == nullptr) {
    return attempts_->End(resource, flow.ok(), clock_.Now());
  }
  Start(resource, *std::move(flow), turn);
}

void Sweeper::RequestRenewals(const core::Product& product) {
  const absl::Time now = clock_.Now();
  for (const core::KeyVersionName& name :
       core::RenewalsDue(product, *options_.certificates->policy(), now)) {
    const std::string resource = name.Format() + " renewal";
    if (!attempts_->Begin(resource, now)) continue;
    // Somebody has to agree: the leaf is for auditors, this for operators.
    base::Log(base::Severity::kWarning, "certificate_renewal_due",
              {{"resource", name.Format()}});
    Start(resource,
          core::MakeRequestRenewalFlow({core::ServerPrincipal(), name}));
  }
}

void Sweeper::DestroyDueKeys(const core::Product& product) {
  const absl::Time now = clock_.Now();
  if (!core::HasDueKeys(product, now)) return;
  // Beside what resumes the same product.
  const std::string name = product.name.Format() + " destroy";
  if (!attempts_->Begin(name, now)) return;
  Start(name, core::MakeDestroyDueKeysFlow(product.name));
}

}  // namespace countersign::server
