// Randomness as an argument. Only random.cc asks the operating system.
#ifndef COUNTERSIGN_BASE_RANDOM_H_
#define COUNTERSIGN_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace countersign::base {

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // `size` unpredictable octets.
  virtual std::string Bytes(size_t size) = 0;
};

// OpenSSL's generator; ends the process if it fails.
class SystemRandom final : public Random {
 public:
  std::string Bytes(size_t size) override;
};

// Octets of `source`, fetched a page at a time: OpenSSL's generator takes some
// microseconds for each call, however short. For names and salts, not for keys.
// Octets that were handed out are wiped. Not across fork: both sides would draw
// the same.
class PooledRandom final : public Random {
 public:
  // `source` outlives it.
  explicit PooledRandom(Random& source) : source_(source) {}
  ~PooledRandom() override;
  std::string Bytes(size_t size) override;

 private:
  Random& source_;
  Mutex mutex_;
  std::string pool_ ABSL_GUARDED_BY(mutex_);
  size_t used_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Repeatable octets for tests (splitmix64 from `seed`).
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}
  std::string Bytes(size_t size) override;

 private:
  Mutex mutex_;
  uint64_t state_ ABSL_GUARDED_BY(mutex_);
};

// A version 7 UUID (RFC 9562 5.7): 36 characters, ordered by `now` at
// millisecond grain, 74 random bits. Time order keeps database indexes local.
std::string MakeUuid7(absl::Time now, Random& random);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_RANDOM_H_
