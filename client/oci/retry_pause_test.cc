#include "client/oci/retry_pause.h"

#include <set>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(RetryPauseTest, DoublesAndSpreads) {
  base::FakeRandom random;
  std::vector<absl::Duration> pauses;
  const RetryPause pause{random,
                         [&](absl::Duration d) { pauses.push_back(d); }};
  for (int attempt = 0; attempt < 4; ++attempt) {
    pauses.clear();
    for (int i = 0; i < 100; ++i) pause.Wait(absl::Seconds(1), attempt);
    const absl::Duration whole = absl::Seconds(1 << attempt);
    for (const absl::Duration d : pauses) {
      EXPECT_GE(d, whole / 2);
      EXPECT_LE(d, whole);
    }
    EXPECT_GT(std::set<absl::Duration>(pauses.begin(), pauses.end()).size(),
              10u);
  }
}

}  // namespace
}  // namespace countersign::client
