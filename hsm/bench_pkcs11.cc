#include "hsm/bench_pkcs11.h"

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "hsm/connection.h"
#include "hsm/errors.h"
#include "hsm/key_pair.h"
#include "hsm/mechanism.h"
#include "hsm/session.h"

namespace countersign::hsm {
namespace {

// One session with its loop; its figures are read after the thread has ended.
struct Lane {
  Session session;
  CK_OBJECT_HANDLE key;
  int64_t signatures = 0;
  absl::Duration busy;
  absl::Status status;
};

void SignUntil(absl::Duration end, const Mechanism& mechanism,
               const std::string& digest, Lane& lane) {
  const absl::Duration begin = base::SteadyNow();
  absl::Duration now;
  // At least one, so that there is a mean.
  do {
    lane.status = lane.session.Sign(mechanism, lane.key, digest).status();
    ++lane.signatures;
    now = base::SteadyNow();
  } while (now < end && lane.status.ok());
  lane.busy = now - begin;
}

}  // namespace

absl::StatusOr<BarePkcs11Rate> MeasureBarePkcs11(
    const BarePkcs11Options& options) {
  if (options.sessions < 1 || options.duration <= absl::ZeroDuration() ||
      !core::Fits(options.key.type, options.algorithm)) {
    return error::BadOptions(
        "at least one session, some time, and an algorithm that fits the key");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> token,
                   Connection::Open(options.token));
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < options.sessions; ++i) {
    ASSIGN_OR_RETURN(Session session,
                     token->OpenSession(Session::Mode::kReadOnly));
    ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE key,
                     FindPinnedKey(session, options.key));
    lanes.push_back(
        std::unique_ptr<Lane>(new Lane{std::move(session), key, 0, {}, {}}));
  }
  const Mechanism& mechanism = MechanismFor(options.algorithm, options.hash);
  const std::string digest(core::DigestSize(options.hash), '\x5a');
  const absl::Duration begin = base::SteadyNow();
  std::vector<std::thread> threads;
  for (const auto& lane : lanes) {
    threads.emplace_back([&, lane = lane.get()] {
      SignUntil(begin + options.duration, mechanism, digest, *lane);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::Duration wall = base::SteadyNow() - begin;

  int64_t signatures = 0;
  absl::Duration busy;
  for (const auto& lane : lanes) {
    RETURN_IF_ERROR(lane->status);
    signatures += lane->signatures;
    busy += lane->busy;
  }
  return BarePkcs11Rate{
      static_cast<double>(signatures) / absl::ToDoubleSeconds(wall),
      busy / signatures};
}

}  // namespace countersign::hsm
