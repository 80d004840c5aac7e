#include "hsm/outage_load.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/signature_verifier.h"

namespace countersign::hsm {
namespace {

// Far above what a busy machine needs: no test fails by time alone.
constexpr absl::Duration kPatience = absl::Minutes(1);
// Between two jobs of a thread while the token is away.
constexpr absl::Duration kPause = absl::Milliseconds(1);

// The answer to one job. Shared with `done`, which may come late.
struct Ticket {
  base::Mutex mutex;
  base::CondVar answered;
  std::optional<core::SignResult> result ABSL_GUARDED_BY(mutex);
};

std::optional<core::SignResult> Wait(Ticket& ticket) {
  const absl::Duration until = base::SteadyNow() + kPatience;
  base::MutexLock lock(ticket.mutex);
  while (!ticket.result.has_value() && base::SteadyNow() < until) {
    ticket.answered.WaitFor(ticket.mutex, absl::Seconds(1));
  }
  return ticket.result;
}

bool AllVerify(const core::SignJob& job,
               const std::vector<core::DigestSignature>& signatures) {
  if (signatures.size() != job.digests.size()) return false;
  const base::SignatureScheme scheme = core::IsRsa(job.key.type)
                                           ? base::SignatureScheme::kRsaPkcs1
                                           : base::SignatureScheme::kEcdsa;
  auto verifier =
      base::SignatureVerifier::Create(job.key.spki, scheme, "SHA256");
  if (!verifier.ok()) return false;
  for (size_t i = 0; i < signatures.size(); ++i) {
    if (!verifier->Verify(job.digests[i], signatures[i].value).ok()) {
      return false;
    }
  }
  return true;
}

}  // namespace

OutageLoad::OutageLoad(core::Signer& signer, std::vector<core::KeyRef> keys,
                       int threads)
    : signer_(signer),
      keys_(std::move(keys)),
      last_(static_cast<size_t>(threads)) {
  for (size_t i = 0; i < static_cast<size_t>(threads); ++i) {
    threads_.emplace_back([this, i] { Run(i); });
  }
}

OutageLoad::~OutageLoad() { Stop(); }

OutageTally OutageLoad::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return tally();
}

OutageTally OutageLoad::tally() const {
  base::MutexLock lock(mutex_);
  return tally_;
}

void OutageLoad::Run(size_t thread) {
  for (size_t i = thread; true; ++i) {
    {
      base::MutexLock lock(mutex_);
      if (stopping_) return;
      ++tally_.jobs;
    }
    if (!AskOnce(thread, keys_[i % keys_.size()])) base::SleepFor(kPause);
  }
}

bool OutageLoad::AskOnce(size_t thread, const core::KeyRef& key) {
  core::SignJob job;
  job.key = key;
  job.algorithm = core::AlgorithmsFor(key.type).front();
  for (int i = 0; i < 2; ++i) {
    job.digests.push_back(base::SystemRandom().Bytes(32));
  }
  job.deadline = base::SystemClock().Now() + kPatience;
  const auto ticket = std::make_shared<Ticket>();
  const absl::Duration asked = base::SteadyNow();
  signer_.Sign(job, [this, ticket](core::SignResult result) {
    {
      base::MutexLock lock(mutex_);
      ++tally_.answers;
    }
    base::MutexLock lock(ticket->mutex);
    ticket->result = std::move(result);
    ticket->answered.SignalAll();
  });
  const std::optional<core::SignResult> result = Wait(*ticket);
  if (result.has_value()) {
    Count(thread, asked, job, *result);
    return result->ok();
  }
  base::MutexLock lock(mutex_);
  ++tally_.lost;
  return false;
}

void OutageLoad::Count(size_t thread, absl::Duration asked,
                       const core::SignJob& job,
                       const core::SignResult& result) {
  const absl::Duration answered = base::SteadyNow();
  const bool right = result.ok() && AllVerify(job, *result);
  base::MutexLock lock(mutex_);
  const auto details = base::GetErrorDetails(result.status());
  if (result.ok()) {
    tally_.signatures += static_cast<int64_t>(job.digests.size());
    if (!right) ++tally_.wrong;
    last_[thread].signed_asked = asked;
    last_[thread].signed_answered = answered;
  } else if (absl::IsUnavailable(result.status()) && details.has_value() &&
             details->retry_delay.has_value()) {
    ++tally_.unavailable;
    last_[thread].refused_asked = asked;
  } else {
    ++tally_.other_errors[result.status().ToString()];
  }
  changed_.SignalAll();
}

bool OutageLoad::AwaitAll(bool signed_wanted) {
  const absl::Duration since = base::SteadyNow();
  base::MutexLock lock(mutex_);
  while (base::SteadyNow() < since + kPatience) {
    bool all = true;
    for (const Last& last : last_) {
      all &= (signed_wanted ? last.signed_asked : last.refused_asked) >= since;
    }
    if (all) return true;
    changed_.WaitFor(mutex_, absl::Seconds(1));
  }
  return false;
}

absl::Duration OutageLoad::AwaitFirstSigned(absl::Duration since) {
  base::MutexLock lock(mutex_);
  while (base::SteadyNow() < since + kPatience) {
    absl::Duration first = absl::InfiniteDuration();
    for (const Last& last : last_) {
      if (last.signed_answered >= since) {
        first = std::min(first, last.signed_answered);
      }
    }
    if (first != absl::InfiniteDuration()) return first;
    changed_.WaitFor(mutex_, absl::Seconds(1));
  }
  return absl::InfiniteDuration();
}

}  // namespace countersign::hsm
