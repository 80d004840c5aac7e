#include "server/pipeline/product_cache.h"

#include "base/status_matchers.h"
#include "core/fake_store.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

core::Product Revision(int64_t revision) {
  core::Product product = core::SampleProduct();
  product.revision = revision;
  return product;
}

class ProductCacheTest : public testing::Test {
 protected:
  void Insert(const core::Product& product) {
    core::ChangeSet changes;
    changes.products.push_back(product);
    ASSERT_OK(store_.Commit({changes}));
  }

  core::FakeStore store_;
  ProductCache cache_{store_};
};

TEST_F(ProductCacheTest, ReadsTheStoreOnceForAProduct) {
  Insert(Revision(1));
  ASSERT_OK_AND_ASSIGN(const ProductSnapshot first,
                       cache_.Get(core::SampleProduct().name));
  store_.FailNextReads(1, absl::InternalError("disk"));
  ASSERT_OK_AND_ASSIGN(const ProductSnapshot second,
                       cache_.Get(core::SampleProduct().name));
  EXPECT_EQ(first, second);
}

TEST_F(ProductCacheTest, LoadsAllAtStart) {
  Insert(Revision(1));
  ASSERT_OK(cache_.LoadAll());
  store_.FailNextReads(1, absl::InternalError("disk"));
  EXPECT_OK(cache_.Get(core::SampleProduct().name));
}

TEST_F(ProductCacheTest, GivesNothingForWhatIsNotThere) {
  EXPECT_THAT(cache_.Get(core::ProductName{"absent"}),
              base::IsOkAndHolds(ProductSnapshot()));
  EXPECT_THAT(cache_.Get(core::ProductName()),
              base::IsOkAndHolds(ProductSnapshot()));
}

TEST_F(ProductCacheTest, PassesTheStoresErrorOn) {
  store_.FailNextReads(1, absl::InternalError("disk"));
  EXPECT_FALSE(cache_.Get(core::ProductName{"absent"}).ok());
}

TEST_F(ProductCacheTest, NeverStepsBack) {
  cache_.Put(Revision(3));
  cache_.Put(Revision(2));
  ASSERT_OK_AND_ASSIGN(const ProductSnapshot now,
                       cache_.Get(core::SampleProduct().name));
  EXPECT_EQ(now->revision, 3);
  cache_.Put(Revision(4));
  EXPECT_EQ(now->revision, 3);  // a snapshot stays what it was
  ASSERT_OK_AND_ASSIGN(const ProductSnapshot later,
                       cache_.Get(core::SampleProduct().name));
  EXPECT_EQ(later->revision, 4);
}

}  // namespace
}  // namespace countersign::server
