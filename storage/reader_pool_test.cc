#include "storage/reader_pool.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "storage/sqlite.h"

namespace countersign::storage {
namespace {

std::string NewDatabase() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  const std::string path = absl::StrCat(mkdtemp(pattern.data()), "/test.db");
  Database db = Database::Open(path, Database::Mode::kReadWriteCreate).value();
  EXPECT_OK(db.Execute("CREATE TABLE t (x); INSERT INTO t VALUES (7)"));
  return path;
}

TEST(ReaderPool, LendsAConnectionAgainAfterItCameBack) {
  ReaderPool pool(NewDatabase(), 1);
  Database* first = nullptr;
  {
    ASSERT_OK_AND_ASSIGN(ReaderPool::Lease lease, pool.Borrow());
    first = &*lease;
    EXPECT_THAT(lease->Int64("SELECT x FROM t"), base::IsOkAndHolds(7));
  }
  ASSERT_OK_AND_ASSIGN(ReaderPool::Lease again, pool.Borrow());
  EXPECT_EQ(&*again, first);
}

TEST(ReaderPool, KeepsTheCachesOfReadersSmall) {
  ReaderPool pool(NewDatabase(), 1);
  ASSERT_OK_AND_ASSIGN(ReaderPool::Lease lease, pool.Borrow());
  EXPECT_THAT(lease->Int64("PRAGMA cache_size"), base::IsOkAndHolds(-512));
}

TEST(ReaderPool, LendsEachConnectionToOneThreadAtATime) {
  constexpr int kSize = 2;
  ReaderPool pool(NewDatabase(), kSize);
  std::atomic<int> lent{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        auto lease = pool.Borrow();
        ASSERT_OK(lease);
        EXPECT_LE(++lent, kSize);
        EXPECT_THAT((*lease)->Int64("SELECT x FROM t"), base::IsOkAndHolds(7));
        --lent;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ReaderPool, FailsAgainAndAgainWhereTheFileCannotBeOpened) {
  ReaderPool pool("/nonexistent/test.db", 1);
  // The second would wait for ever, were the first still counted.
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(pool.Borrow(), base::HasReason("DATABASE_FAILED"));
  }
}

}  // namespace
}  // namespace countersign::storage
