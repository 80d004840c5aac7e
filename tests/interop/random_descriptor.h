// A random component descriptor that the OCM tools mostly take, with whatever
// the formats allow in it. The same for the same seed. Called by differential
// and its tests.
#ifndef COUNTERSIGN_TESTS_INTEROP_RANDOM_DESCRIPTOR_H_
#define COUNTERSIGN_TESTS_INTEROP_RANDOM_DESCRIPTOR_H_

#include <cstdint>
#include <string>

namespace countersign::interop {

struct RandomDescriptor {
  std::string component;  // its name; the version is 1.0.0
  std::string text;
  bool json = false;
};

// `seed` and `number` decide everything.
RandomDescriptor MakeRandomDescriptor(uint64_t seed, int number);

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_RANDOM_DESCRIPTOR_H_
