// Chance that is the same on every machine for the same seed. Not
// base/random.h, which is for names and salts. Used by the generator of random
// descriptors.
#ifndef COUNTERSIGN_TESTS_INTEROP_DICE_H_
#define COUNTERSIGN_TESTS_INTEROP_DICE_H_

#include <cstddef>
#include <cstdint>
#include <random>

namespace countersign::interop {

// Single-thread. Without <random>'s distributions: their results differ from
// one library to the next.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // 0 to sides-1; sides > 0.
  int Roll(int sides) {
    return static_cast<int>(engine_() % static_cast<uint64_t>(sides));
  }
  bool Chance(int percent) { return Roll(100) < percent; }

  template <typename T, size_t n>
  const T& Pick(const T (&list)[n]) {
    return list[Roll(static_cast<int>(n))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_DICE_H_
