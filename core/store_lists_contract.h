// What every Store must find: requests by each condition, products, page after
// page. A part of core/store_contract.h.
#ifndef COUNTERSIGN_CORE_STORE_LISTS_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_LISTS_CONTRACT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "core/store_contract_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {

TEST_P(StoreContract, FindsRequestsByEachCondition) {
  std::vector<SigningRequest> r;
  for (int number = 0; number < 5; ++number) {
    r.push_back(SampleRequest(number));
  }
  r[1].name.operation.product = {"other"};
  r[2].name.operation.operation = "detached";
  r[3].state = RequestState::kSigned;
  r[4].state = RequestState::kApproved;
  r[4].requester.subject = "email:ann@example.test";
  r[4].requester.issuer = "CN=Other";
  for (SigningRequest& request : r) {
    request.content.operation = request.name.operation;
    Insert(request);
  }

  struct Row {
    std::string name;
    std::function<void(RequestQuery&)> condition;
    std::vector<int> want;
  };
  const Row rows[] = {
      {"none", [](RequestQuery&) {}, {4, 3, 2, 1, 0}},
      {"oldest first",
       [](RequestQuery& q) { q.oldest_first = true; },
       {0, 1, 2, 3, 4}},
      {"product", [](RequestQuery& q) { q.product = "sample"; }, {4, 3, 2, 0}},
      {"operation",
       [](RequestQuery& q) {
         q.product = "sample";
         q.operation = "detached";
       },
       {2}},
      {"absent product", [](RequestQuery& q) { q.product = "sampl"; }, {}},
      {"one state",
       [](RequestQuery& q) { q.states = {RequestState::kPendingApproval}; },
       {2, 1, 0}},
      {"two states",
       [](RequestQuery& q) {
         q.states = {RequestState::kSigned, RequestState::kApproved};
       },
       {4, 3}},
      {"expiry",
       [&](RequestQuery& q) { q.expire_before = r[2].expire_time; },
       {1, 0}},
      {"idempotency key",
       [&](RequestQuery& q) {
         q.requester_subject = r[4].requester.subject;
         q.requester_issuer = r[4].requester.issuer;
         q.request_id = r[4].request_id;
       },
       {4}},
      {"idempotency key of another",
       [&](RequestQuery& q) {
         q.requester_subject = r[3].requester.subject;
         q.requester_issuer = r[3].requester.issuer;
         q.request_id = r[4].request_id;
       },
       {}},
      {"expiry and state, oldest first",
       [&](RequestQuery& q) {
         q.oldest_first = true;
         q.expire_before = absl::InfiniteFuture();
         q.states = {RequestState::kPendingApproval};
       },
       {0, 1, 2}},
  };
  for (const Row& row : rows) {
    for (const int limit : {1, 2, 50}) {
      RequestQuery query;
      query.limit = limit;
      row.condition(query);
      EXPECT_EQ(Ids(query), Uuids(row.want))
          << row.name << " in pages of " << limit;
    }
  }
}

TEST_P(StoreContract, KeepsPagesStableWhileRequestsComeAndChange) {
  for (const int number : {1, 2, 3, 4}) Insert(SampleRequest(number));
  RequestQuery query;
  query.limit = 2;
  ASSERT_OK_AND_ASSIGN(const Page<SigningRequest> first,
                       store_->ListRequests(query));
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[1].name.id, SampleUuid(3));
  // A newer one does not push what was shown onto the next page.
  Insert(SampleRequest(5));
  SigningRequest changed = SampleRequest(4);
  changed.revision = 2;
  Insert(changed);
  query.cursor = first.next_cursor;
  EXPECT_EQ(Ids(query), Uuids({2, 1}));
}

TEST_P(StoreContract, RefusesACursorOfAnotherQuery) {
  for (const int number : {1, 2, 3}) Insert(SampleRequest(number));
  Insert(SampleProduct("a"));
  Insert(SampleProduct("b"));
  RequestQuery query;
  query.limit = 1;
  ASSERT_OK_AND_ASSIGN(const Page<SigningRequest> page,
                       store_->ListRequests(query));
  RequestQuery other = query;
  other.product = "sample";
  other.cursor = page.next_cursor;
  EXPECT_THAT(store_->ListRequests(other),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  for (const char* cursor : {"x", "-1", "' OR 1=1", "\xff"}) {
    query.cursor = cursor;
    EXPECT_THAT(store_->ListRequests(query),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << cursor;
    ProductQuery products;
    products.cursor = cursor;
    EXPECT_THAT(store_->ListProducts(products),
                base::HasCode(absl::StatusCode::kInvalidArgument))
        << cursor;
  }
  ProductQuery products;
  products.cursor = page.next_cursor;
  EXPECT_THAT(store_->ListProducts(products),
              base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_P(StoreContract, ListsEveryProductOnce) {
  std::vector<std::string> want;
  for (const char* id : {"b", "c", "a", "d", "e"}) {
    Insert(SampleProduct(id));
    want.push_back(id);
  }
  for (const int limit : {1, 2, 5, 50}) {
    std::vector<std::string> ids;
    ProductQuery query;
    query.limit = limit;
    do {
      ASSERT_OK_AND_ASSIGN(const Page<Product> page,
                           store_->ListProducts(query));
      ASSERT_LE(page.items.size(), static_cast<size_t>(limit));
      for (const Product& product : page.items) {
        EXPECT_TRUE(product == SampleProduct(product.name.product));
        ids.push_back(product.name.product);
      }
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty() && ids.size() <= want.size());
    EXPECT_THAT(ids, testing::UnorderedElementsAreArray(want)) << limit;
  }
}

TEST_P(StoreContract, ListsNothingWhereNothingIs) {
  EXPECT_THAT(Ids({}), testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const Page<Product> page, store_->ListProducts({}));
  EXPECT_THAT(page.items, testing::IsEmpty());
  EXPECT_EQ(page.next_cursor, "");
  EXPECT_THAT(LeafNumbers({}), testing::IsEmpty());
}

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_STORE_LISTS_CONTRACT_H_
