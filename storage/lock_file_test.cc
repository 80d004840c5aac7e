#include "storage/lock_file.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::storage {
namespace {

std::string NewPath() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return absl::StrCat(mkdtemp(pattern.data()), "/x.lock");
}

TEST(LockFile, HoldsUntilItDies) {
  const std::string path = NewPath();
  {
    auto first = LockFile::Acquire(path);
    ASSERT_OK(first);
    EXPECT_THAT(LockFile::Acquire(path), base::HasReason("DATABASE_IN_USE"));
    // A moved lock is the same lock.
    const LockFile moved = *std::move(first);
    EXPECT_THAT(LockFile::Acquire(path), base::HasReason("DATABASE_IN_USE"));
  }
  EXPECT_OK(LockFile::Acquire(path));
}

TEST(LockFile, NamesADirectoryThatIsNotThere) {
  EXPECT_THAT(LockFile::Acquire("/nonexistent/x.lock"),
              base::HasCode(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace countersign::storage
