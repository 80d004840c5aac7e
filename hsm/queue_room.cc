#include "hsm/queue_room.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace countersign::hsm {
namespace {

class QueueRoom final : public core::Room {
 public:
  explicit QueueRoom(core::KeyType type) : type_(type) {}
  QueueRoom(const QueueRoom&) = delete;
  QueueRoom& operator=(const QueueRoom&) = delete;
  ~QueueRoom() override {
    for (const Part& part : parts_) part.queue->Unreserve(type_, part.digests);
  }

  absl::Status Add(std::shared_ptr<SignQueue> queue, size_t digests) {
    parts_.reserve(parts_.size() + 1);
    RETURN_IF_ERROR(queue->Reserve(type_, digests));
    parts_.push_back({std::move(queue), digests});
    return absl::OkStatus();
  }

 private:
  struct Part {
    std::shared_ptr<SignQueue> queue;
    size_t digests;
  };
  const core::KeyType type_;
  std::vector<Part> parts_;
};

absl::StatusOr<core::RoomPtr> ReserveIn(const std::shared_ptr<SignQueue>& queue,
                                        core::KeyType type, size_t digests) {
  auto room = std::make_shared<QueueRoom>(type);
  RETURN_IF_ERROR(room->Add(queue, digests));
  return room;
}

absl::StatusOr<core::RoomPtr> ReserveDivided(
    const std::vector<std::shared_ptr<SignQueue>>& queues, core::KeyType type,
    size_t digests) {
  struct Share {
    absl::Duration done_at;  // with one more
    absl::Duration step;
    size_t digests = 0;
  };
  std::vector<Share> shares;
  for (const auto& queue : queues) {
    const absl::Duration step = queue->StepFor(type);
    shares.push_back({queue->BookedWait() + step, step});
  }
  for (size_t i = 0; i < digests; ++i) {
    Share& first = *std::min_element(
        shares.begin(), shares.end(),
        [](const Share& a, const Share& b) { return a.done_at < b.done_at; });
    first.done_at += first.step;
    ++first.digests;
  }
  auto room = std::make_shared<QueueRoom>(type);
  for (size_t i = 0; i < queues.size(); ++i) {
    if (shares[i].digests == 0) continue;
    RETURN_IF_ERROR(room->Add(queues[i], shares[i].digests));
  }
  return room;
}

}  // namespace

absl::StatusOr<core::RoomPtr> ReserveRoom(
    const std::vector<std::shared_ptr<SignQueue>>& queues, core::KeyType type,
    size_t digests) {
  if (queues.size() == 1) return ReserveIn(queues.front(), type, digests);
  absl::StatusOr<core::RoomPtr> room = ReserveDivided(queues, type, digests);
  for (size_t i = 0; i < queues.size() && !room.ok(); ++i) {
    room = ReserveIn(queues[i], type, digests);
  }
  return room;
}

}  // namespace countersign::hsm
