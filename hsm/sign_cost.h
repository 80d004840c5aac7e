// What a digest costs a session, by key type: a guess until it was measured,
// then a moving average. For shares and for the bound on waiting, not for the
// record. Asks no clock.
#ifndef COUNTERSIGN_HSM_SIGN_COST_H_
#define COUNTERSIGN_HSM_SIGN_COST_H_

#include <array>
#include <cstddef>

#include "absl/time/time.h"
#include "core/algorithms.h"

namespace countersign::hsm {

// Key types in core/algorithms.h.
inline constexpr size_t kKeyTypes = 7;
// How many there are of each type.
using CountByType = std::array<size_t, kKeyTypes>;

inline constexpr size_t TypeIndex(core::KeyType type) {
  return static_cast<size_t>(type);
}
static_assert(TypeIndex(core::KeyType::kEd25519) == kKeyTypes - 1);

// Thread-compatible.
class SignCost {
 public:
  SignCost();

  // Positive.
  absl::Duration Of(core::KeyType type) const {
    return rows_[TypeIndex(type)].cost;
  }
  // Of so many digests.
  absl::Duration Sum(const CountByType& counts) const;
  // Of the costliest type that is there; zero where none is.
  absl::Duration Largest(const CountByType& counts) const;

  // Moves the average of that type. One call that hung moves it little.
  void Record(core::KeyType type, absl::Duration taken);

 private:
  struct Row {
    absl::Duration cost;
    int measured = 0;  // up to the window
  };
  std::array<Row, kKeyTypes> rows_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SIGN_COST_H_
