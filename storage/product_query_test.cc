// Pages of products are a part of core/store_contract.h; here stands what only
// a file can tell: reading it without a store.
#include "storage/product_query.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/sqlite.h"
#include "storage/sqlite_store.h"

namespace countersign::storage {
namespace {

using base::HasReason;
using core::ChangeSet;
using core::Product;
using core::SampleProduct;

std::string NewPath() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return absl::StrCat(mkdtemp(pattern.data()), "/store.db");
}

// A store with one product for each id, which still holds its lock.
std::unique_ptr<SqliteStore> Filled(const std::string& path,
                                    const std::vector<std::string>& ids) {
  auto store = SqliteStore::Open(path);
  EXPECT_OK(store);
  if (!store.ok()) return nullptr;
  ChangeSet changes;
  for (const std::string& id : ids) {
    changes.products.push_back(SampleProduct(id));
  }
  EXPECT_OK((*store)->Commit({changes}));
  return *std::move(store);
}

absl::Status Execute(const std::string& path, const std::string& sql) {
  auto db = Database::Open(path, Database::Mode::kReadWriteCreate);
  return db.ok() ? db->Execute(sql) : db.status();
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReadProducts, FindsNoneWhereThereIsNoFileAndMakesNone) {
  const std::string path = NewPath();
  EXPECT_THAT(ReadProducts(path), base::IsOkAndHolds(testing::IsEmpty()));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ReadProducts, FindsNoneInANewStore) {
  const std::string path = NewPath();
  Filled(path, {}).reset();
  EXPECT_THAT(ReadProducts(path), base::IsOkAndHolds(testing::IsEmpty()));
}

TEST(ReadProducts, ReadsEveryPageInTheOrderOfIds) {
  // More than two pages, neither made in order nor a whole number of pages.
  const int count = 2 * core::ProductQuery().limit + 7;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(absl::StrCat("p", 1000 + (i * 37) % count));
  }
  const std::string path = NewPath();
  Filled(path, ids).reset();
  ASSERT_OK_AND_ASSIGN(const std::vector<Product> products, ReadProducts(path));
  ASSERT_EQ(products.size(), ids.size());
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(products[i], SampleProduct(absl::StrCat("p", 1000 + i))) << i;
  }
}

TEST(ReadProducts, ReadsAWholePageAndNothingTwice) {
  std::vector<std::string> ids;
  for (int i = 0; i < core::ProductQuery().limit; ++i) {
    ids.push_back(absl::StrCat("p", 1000 + i));
  }
  const std::string path = NewPath();
  Filled(path, ids).reset();
  EXPECT_THAT(ReadProducts(path),
              base::IsOkAndHolds(testing::SizeIs(ids.size())));
}

TEST(ReadProducts, ReadsBesideAServerWhatIsCommittedAndChangesNothing) {
  const std::string path = NewPath();
  const auto store = Filled(path, {"a"});
  const std::string before = Content(path);
  EXPECT_THAT(ReadProducts(path),
              base::IsOkAndHolds(testing::ElementsAre(SampleProduct("a"))));
  ChangeSet changes;
  changes.products.push_back(SampleProduct("b"));
  ASSERT_OK(store->Commit({changes}));
  EXPECT_THAT(ReadProducts(path), base::IsOkAndHolds(testing::ElementsAre(
                                      SampleProduct("a"), SampleProduct("b"))));
  EXPECT_EQ(Content(path), before);
}

TEST(ReadProducts, FindsNoneInAnEmptyFile) {
  const std::string path = NewPath();
  std::ofstream(path).flush();
  EXPECT_THAT(ReadProducts(path), base::IsOkAndHolds(testing::IsEmpty()));
}

// An upgrade is looked at with --check before it starts.
TEST(ReadProducts, ReadsAnOlderSchema) {
  const std::string path = NewPath();
  Product limited = SampleProduct("b");
  limited.operations[0].key_versions[0].max_signatures = 10;
  ChangeSet changes;
  changes.products.push_back(limited);
  ASSERT_OK((*SqliteStore::Open(path))->Commit({changes}));
  ASSERT_OK(Execute(path, "DROP TABLE key_usage; PRAGMA user_version = 1"));
  EXPECT_THAT(ReadProducts(path),
              base::IsOkAndHolds(testing::ElementsAre(limited)));
}

TEST(ReadProducts, RefusesANewerSchema) {
  const std::string path = NewPath();
  Filled(path, {"a"}).reset();
  ASSERT_OK(Execute(path, "PRAGMA user_version = 99"));
  EXPECT_THAT(ReadProducts(path), HasReason("NEWER_DATABASE"));
}

TEST(ReadProducts, ReportsWhatIsNoDatabase) {
  const std::string path = NewPath();
  std::ofstream(path) << std::string(10000, 'x');
  const auto products = ReadProducts(path);
  EXPECT_THAT(products, HasReason("DATABASE_FAILED"));
  EXPECT_EQ(SqliteCodeOf(products.status()), "SQLITE_NOTADB");
}

TEST(ReadProducts, ReportsADatabaseOfSomethingElse) {
  const std::string path = NewPath();
  ASSERT_OK(Execute(path, "CREATE TABLE theirs (x)"));
  EXPECT_THAT(ReadProducts(path), HasReason("FOREIGN_DATABASE"));
}

TEST(ReadProducts, ReportsADamagedProduct) {
  const std::string path = NewPath();
  Filled(path, {"a", "b"}).reset();
  ASSERT_OK(Execute(path,
                    "UPDATE products SET value = x'0102'"
                    " WHERE id = 'b'"));
  EXPECT_THAT(ReadProducts(path), HasReason("BAD_RECORD"));
}

}  // namespace
}  // namespace countersign::storage
