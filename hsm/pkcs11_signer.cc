#include "hsm/pkcs11_signer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "hsm/check_options.h"
#include "hsm/errors.h"
#include "hsm/key_life.h"
#include "hsm/key_pair.h"
#include "hsm/mechanism.h"
#include "hsm/queue_room.h"

namespace countersign::hsm {
namespace {

// Where the default token is, the first in lanes_.
size_t DefaultIndex(const Pkcs11SignerOptions& options) {
  for (size_t i = 0; i < options.tokens.size(); ++i) {
    if (options.tokens[i].name == options.default_token) return i;
  }
  return 0;
}

void Finish(const SignTask& task, absl::Status status) {
  if (task.key_uses > 0) status = core::WithKeyUseUnknown(status);
  task.batch->Finish(task.index, std::move(status));
}

// Another token would say the same.
bool IsFinal(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) || absl::IsInvalidArgument(status) ||
         absl::IsAborted(status);
}

// What of one job goes to one token.
struct Share {
  TokenSigner* signer;
  absl::Duration done_at;
  absl::Duration step;
  std::vector<SignTask> tasks;
};

// Each task to the token that will be done with it first.
void Divide(std::vector<SignTask> tasks, std::vector<Share>& shares) {
  for (SignTask& task : tasks) {
    Share* best = &shares.front();
    for (Share& share : shares) {
      if (share.done_at + share.step < best->done_at + best->step) {
        best = &share;
      }
    }
    best->done_at += best->step;
    best->tasks.push_back(std::move(task));
  }
}

// What one has no room for goes to another that has. An error where none took
// anything; where some did, the job fails by what is left.
absl::Status PushAll(const std::vector<Share>& shares, SignQueue::Entry entry) {
  std::vector<SignTask> left;
  absl::Status why;
  TokenSigner* taker = nullptr;
  for (const Share& share : shares) {
    if (share.tasks.empty()) continue;
    const absl::Status pushed = share.signer->Push(share.tasks, entry);
    if (pushed.ok()) {
      taker = share.signer;
    } else {
      why = pushed;
      left.insert(left.end(), share.tasks.begin(), share.tasks.end());
    }
  }
  if (left.empty()) return absl::OkStatus();
  if (taker == nullptr) return why;
  if (taker->Push(left, entry).ok()) return absl::OkStatus();
  for (const SignTask& task : left) Finish(task, why);
  return absl::OkStatus();
}

absl::Status CheckNamed(const core::KeyRef& key) {
  if (!key.key_id.empty() && !key.label.empty()) return absl::OkStatus();
  return error::JobDoesNotFit("a key is named by CKA_ID and label");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::Create(
    const Pkcs11SignerOptions& options, const base::Clock& clock) {
  RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<Pkcs11Signer> signer(new Pkcs11Signer(options));
  RETURN_IF_ERROR(signer->Start(options, clock));
  return signer;
}

Pkcs11Signer::Pkcs11Signer(const Pkcs11SignerOptions& options)
    : observer_(options.observer) {}

absl::Status Pkcs11Signer::Start(const Pkcs11SignerOptions& options,
                                 const base::Clock& clock) {
  std::vector<TokenOptions> tokens = options.tokens;
  std::rotate(tokens.begin(), tokens.begin() + DefaultIndex(options),
              tokens.begin() + DefaultIndex(options) + 1);
  // All are sought at once, and then waited for.
  for (const TokenOptions& token : tokens) {
    ASSIGN_OR_RETURN(std::shared_ptr<Module> module,
                     modules_.Get(token.module_path, token.init_args));
    ASSIGN_OR_RETURN(
        std::unique_ptr<TokenSigner> signer,
        TokenSigner::Create(
            token, std::move(module), clock, observer_,
            [this, name = token.name](SignTask task, absl::Status why) {
              Reroute(name, std::move(task), std::move(why));
            }));
    auto keys = std::make_unique<KeyWork>(signer->share());
    lanes_.push_back({std::move(signer), std::move(keys)});
  }
  const absl::Duration begin = base::SteadyNow();
  std::map<std::tuple<std::string, std::string, std::string>, std::string> seen;
  for (const Lane& lane : lanes_) {
    Token& token = lane.signer->token();
    RETURN_IF_ERROR(token.AwaitFirstTry(begin + token.options().call_timeout -
                                        base::SteadyNow()));
    const std::optional<TokenInfo> info = token.info();
    if (!info.has_value()) continue;
    const auto [other, is_new] =
        seen.emplace(std::tuple(info->label, info->serial, info->model),
                     lane.signer->name());
    if (!is_new) {
      return error::TokenTwice(other->second, lane.signer->name(),
                               "label, serial number and model are equal");
    }
  }
  return absl::OkStatus();
}

Pkcs11Signer::~Pkcs11Signer() {
  stopping_ = true;
  // All end before any is gone: one may just be giving a task to another.
  for (Lane& lane : lanes_) lane.signer->Stop();
  lanes_.clear();
  modules_.Shutdown();
}

absl::StatusOr<std::vector<const Pkcs11Signer::Lane*>> Pkcs11Signer::LanesOf(
    const core::KeyRef& key) const {
  std::vector<const Lane*> found;
  if (key.tokens.empty()) {
    found.push_back(&lanes_.front());
    return found;
  }
  for (const std::string& name : key.tokens) {
    const auto lane = std::find_if(
        lanes_.begin(), lanes_.end(),
        [&name](const Lane& l) { return l.signer->name() == name; });
    if (lane == lanes_.end()) {
      std::vector<std::string> names;
      for (const Lane& l : lanes_) names.push_back(l.signer->name());
      return error::UnknownToken(name, names);
    }
    found.push_back(&*lane);
  }
  return found;
}

void Pkcs11Signer::Sign(core::SignJob job,
                        std::function<void(core::SignResult)> done) {
  absl::Status status = CheckSignJob(job);
  absl::StatusOr<std::vector<const Lane*>> lanes = LanesOf(job.key);
  if (status.ok()) status = lanes.status();
  if (!status.ok()) {
    done(std::move(status));
    return;
  }
  // Kept until the tasks are counted by the queues themselves.
  const core::RoomPtr room = std::exchange(job.room, nullptr);
  const SignQueue::Entry entry = room == nullptr ? SignQueue::Entry::kUnreserved
                                                 : SignQueue::Entry::kReserved;
  // A batch whose tasks were all refused is never finished; `done` is called
  // here then, and nowhere else.
  auto batch = std::make_shared<SignBatch>(std::move(job), done);
  std::vector<SignTask> tasks(batch->size());
  for (size_t i = 0; i < tasks.size(); ++i) tasks[i] = {batch, i, 0, 0};
  status = Distribute(std::move(tasks), entry, *lanes);
  if (!status.ok()) {
    done(std::move(status));
    return;
  }
  if (observer_ != nullptr) observer_->OnQueueDepth(QueuedDigests());
}

absl::Status Pkcs11Signer::Distribute(std::vector<SignTask> tasks,
                                      SignQueue::Entry entry,
                                      const std::vector<const Lane*>& lanes) {
  if (stopping_) return error::SignerStopping();
  if (lanes.size() == 1) {
    return lanes[0]->signer->Push(std::move(tasks), entry);
  }
  const core::KeyType type = tasks.front().batch->job().key.type;
  std::vector<Share> shares;
  absl::Status why;
  // Those that wait equally long take turns.
  const size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  for (size_t i = 0; i < lanes.size(); ++i) {
    TokenSigner& signer = *lanes[(first + i) % lanes.size()]->signer;
    const absl::Status usable = signer.CheckUsable();
    if (usable.ok()) {
      shares.push_back(
          {&signer, signer.ExpectedWait(), signer.StepFor(type), {}});
    } else {
      why = usable;
    }
  }
  if (shares.empty()) return why;
  Divide(std::move(tasks), shares);
  return PushAll(shares, entry);
}

void Pkcs11Signer::Reroute(const std::string& name, SignTask task,
                           absl::Status why) {
  if (stopping_) return Finish(task, error::SignerStopping());
  // A key that is signed with names tokens that there are.
  const auto lanes = LanesOf(task.batch->job().key);
  TokenSigner* best = nullptr;
  for (size_t i = 0; lanes.ok() && i < lanes->size(); ++i) {
    TokenSigner& signer = *(*lanes)[i]->signer;
    if (signer.name() == name) task.tried |= 1u << i;
    const absl::Status usable = signer.CheckUsable();
    if (!usable.ok()) {
      // It may do later what the others cannot at all.
      if (!IsFinal(why)) why = usable;
      continue;
    }
    if ((task.tried & (1u << i)) != 0) continue;
    if (best == nullptr || signer.ExpectedWait() < best->ExpectedWait()) {
      best = &signer;
    }
  }
  if (best != nullptr && !IsFinal(why) && !task.batch->failed() &&
      best->PushBack(task).ok()) {
    return;
  }
  Finish(task, std::move(why));
}

absl::Status Pkcs11Signer::WorkOnKey(const Lane& lane, const core::KeyRef& key,
                                     const KeyStep& step,
                                     core::KeyReport& report) {
  // Shared with a thread that may outlive this call.
  const auto checked = std::make_shared<CheckedKey>();
  RETURN_IF_ERROR(
      lane.keys->Run([checked, step, key, token = lane.signer->share()->token](
                         Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(*checked, step(session, token->options(), key));
        if (const auto info = token->info(); info.has_value()) {
          checked->findings.token_label = info->label;
          checked->findings.token_serial = info->serial;
          checked->findings.token_model = info->model;
        }
        return absl::OkStatus();
      }));
  if (!report.spki.empty() && report.spki != checked->spki) {
    return error::KeyNotPinned(key.label, key.key_id);
  }
  report.spki = checked->spki;
  checked->findings.token = lane.signer->name();
  report.findings.push_back(std::move(checked->findings));
  return absl::OkStatus();
}

absl::StatusOr<core::KeyReport> Pkcs11Signer::MakeKey(const core::KeyRef& key) {
  RETURN_IF_ERROR(CheckNamed(key));
  ASSIGN_OR_RETURN(const std::vector<const Lane*> lanes, LanesOf(key));
  if (lanes.size() != 1) {
    return error::JobDoesNotFit("a key is made in one token, not in several");
  }
  core::KeyReport report;
  RETURN_IF_ERROR(WorkOnKey(
      *lanes[0], key,
      [](Session& session, const TokenOptions& token, const core::KeyRef& k) {
        return MakeKeyInToken(session, k, token.accept_attributes);
      },
      report));
  return report;
}

absl::StatusOr<core::KeyReport> Pkcs11Signer::RegisterKey(
    const core::KeyRef& key) {
  RETURN_IF_ERROR(CheckNamed(key));
  ASSIGN_OR_RETURN(const std::vector<const Lane*> lanes, LanesOf(key));
  core::KeyReport report;
  report.spki = key.spki;
  for (const Lane* lane : lanes) {
    RETURN_IF_ERROR(WorkOnKey(
        *lane, key,
        [](Session& session, const TokenOptions& token, const core::KeyRef& k) {
          base::SystemRandom random;
          return RegisterKeyInToken(session, k, token.accept_attributes,
                                    random);
        },
        report));
  }
  return report;
}

absl::Status Pkcs11Signer::DestroyKey(const core::KeyRef& key) {
  RETURN_IF_ERROR(CheckNamed(key));
  ASSIGN_OR_RETURN(const std::vector<const Lane*> lanes, LanesOf(key));
  absl::Status first_error;
  for (const Lane* lane : lanes) {
    const absl::Status status = lane->keys->Run(
        [key](Session& session) { return DestroyKeyInToken(session, key); });
    if (first_error.ok()) first_error = status;
  }
  return first_error;
}

absl::Status Pkcs11Signer::CheckKey(const core::KeyRef& key) {
  RETURN_IF_ERROR(CheckNamed(key));
  ASSIGN_OR_RETURN(const std::vector<const Lane*> lanes, LanesOf(key));
  for (const Lane* lane : lanes) {
    RETURN_IF_ERROR(lane->keys->Run([key](Session& session) {
      return FindPinnedKey(session, key).status();
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<core::RoomPtr> Pkcs11Signer::Reserve(const core::KeyRef& key,
                                                    size_t digests) {
  ASSIGN_OR_RETURN(const std::vector<const Lane*> lanes, LanesOf(key));
  std::vector<std::shared_ptr<SignQueue>> queues;
  for (const Lane* lane : lanes) {
    if (lane->signer->CheckUsable().ok()) {
      queues.push_back(lane->signer->queue());
    }
  }
  // While all are away, Sign says so; that is no lack of room.
  if (queues.empty()) queues.push_back(lanes.front()->signer->queue());
  return ReserveRoom(queues, key.type, digests);
}

core::SignerHealth Pkcs11Signer::Health() const {
  core::SignerHealth health;
  std::vector<std::string> away;
  for (const Lane& lane : lanes_) {
    core::TokenHealth token = lane.signer->Health();
    health.ready = health.ready || token.ready;
    if (!token.ready) away.push_back(token.message);
    health.tokens.push_back(std::move(token));
  }
  health.message = absl::StrJoin(away, "; ");
  return health;
}

absl::Duration Pkcs11Signer::CpuTime() const {
  absl::Duration sum;
  for (const Lane& lane : lanes_) sum += lane.signer->CpuTime();
  return sum;
}

size_t Pkcs11Signer::QueuedDigests() const {
  size_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.signer->QueuedDigests();
  return sum;
}

}  // namespace countersign::hsm
