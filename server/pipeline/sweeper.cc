#include "server/pipeline/sweeper.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "core/event.h"
#include "core/flows.h"

namespace countersign::server {
namespace {

// Of each kind in one tick: recovery must leave room for callers.
constexpr int kMaxPerTick = 256;
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

void Sweeper::Tick() {
  Expire();
  // Without the token each try would only add a leaf that says "resumed".
  if (!signer_.Health().ready) return;
  ResumeRequests();
  ResumeProducts();
}

void Sweeper::Start(const std::string& name, core::FlowPtr flow) {
  const base::Clock* clock = &clock_;
  pipeline_.Run(std::move(flow), [attempts = attempts_, clock,
                                  name](core::Answer answer) {
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
  core::RequestQuery query;
  query.limit = kMaxPerTick;
  query.oldest_first = true;
  query.states = {core::RequestState::kApproved};
  const auto page = store_.ListRequests(query);
  if (!page.ok()) return LogReadFailure(page.status());
  for (const core::SigningRequest& listed : page->items) {
    const std::string name = listed.name.Format();
    if (pipeline_.IsActive(name)) continue;
    // A flow that ended just now is no longer active, and its result durable:
    // only what is read after the question can be trusted.
    const auto request = store_.GetRequest(listed.name);
    if (!request.ok() || request->state != core::RequestState::kApproved) {
      continue;
    }
    if (!attempts_->Begin(name, clock_.Now())) continue;
    Start(name, core::MakeResumeFlow(*request));
  }
}

void Sweeper::ResumeProducts() {
  core::ProductQuery query;
  query.limit = 1000;
  do {
    const auto page = store_.ListProducts(query);
    if (!page.ok()) return LogReadFailure(page.status());
    for (const core::Product& product : page->items) {
      const std::string name = product.name.Format();
      if (!MakesKeys(product) || pipeline_.IsActive(name) ||
          !attempts_->Begin(name, clock_.Now())) {
        continue;
      }
      Start(name, core::MakeResumeProductFlow(product.name));
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
}

}  // namespace countersign::server
