#include "base/random.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::base {

std::string SystemRandom::Bytes(size_t size) {
  std::string octets(size, '\0');
  // No caller could go on without randomness, and none may go on with zeros.
  // RAND_bytes takes an int; no caller asks for 2 GiB.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()),
                 static_cast<int>(size)) != 1) {
    std::abort();
  }
  return octets;
}

PooledRandom::~PooledRandom() { OPENSSL_cleanse(pool_.data(), pool_.size()); }

std::string PooledRandom::Bytes(size_t size) {
  constexpr size_t kPool = 4096;
  if (size > kPool) return source_.Bytes(size);
  MutexLock lock(mutex_);
  if (pool_.size() - used_ < size) {
    pool_ = source_.Bytes(kPool);
    used_ = 0;
  }
  std::string octets = pool_.substr(used_, size);
  OPENSSL_cleanse(&pool_[used_], size);
  used_ += size;
  return octets;
}

std::string FakeRandom::Bytes(size_t size) {
  MutexLock lock(mutex_);
  std::string octets;
  octets.reserve(size + 8);
  while (octets.size() < size) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    for (int shift = 0; shift < 64; shift += 8) {
      octets.push_back(static_cast<char>(z >> shift));
    }
  }
  octets.resize(size);
  return octets;
}

std::string MakeUuid7(absl::Time now, Random& random) {
  constexpr int64_t kMaxMillis = (int64_t{1} << 48) - 1;
  const uint64_t millis =
      std::clamp<int64_t>(absl::ToUnixMillis(now), 0, kMaxMillis);
  // RFC 9562 5.7: 48 bits of time, version, 12 random bits, variant, 62 random
  // bits, all big-endian.
  std::string octets;
  for (int shift = 40; shift >= 0; shift -= 8) {
    octets.push_back(static_cast<char>(millis >> shift));
  }
  octets += random.Bytes(10);
  octets[6] = static_cast<char>((octets[6] & 0x0f) | 0x70);
  octets[8] = static_cast<char>((octets[8] & 0x3f) | 0x80);
  const std::string hex = absl::BytesToHexString(octets);
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4),
                      "-", h.substr(16, 4), "-", h.substr(20));
}

}  // namespace countersign::base
