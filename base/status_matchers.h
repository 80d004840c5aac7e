// gmock matchers for absl::Status and StatusOr that print the status when they
// fail: IsOk(), StatusIs(code, message), HasReason("..."), IsOkAndHolds(m).
#ifndef COUNTERSIGN_BASE_STATUS_MATCHERS_H_
#define COUNTERSIGN_BASE_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"
#include "gmock/gmock.h"

namespace countersign::base {

inline const absl::Status& ToStatus(const absl::Status& s) { return s; }
template <typename T>
const absl::Status& ToStatus(const absl::StatusOr<T>& s) {
  return s.status();
}

MATCHER(IsOk, "is OK") {
  const absl::Status status = ToStatus(arg);
  if (!status.ok()) *result_listener << "which is " << status.ToString();
  return status.ok();
}

MATCHER_P2(StatusIs, code, message,
           "has code " + testing::PrintToString(code) + " and its message " +
               testing::DescribeMatcher<std::string>(message)) {
  const absl::Status status = ToStatus(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         testing::ExplainMatchResult(message, std::string(status.message()),
                                     result_listener);
}

MATCHER_P(HasCode, code, "has code " + testing::PrintToString(code)) {
  const absl::Status status = ToStatus(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code;
}

MATCHER_P(HasReason, reason, std::string("has reason ") + reason) {
  const absl::Status status = ToStatus(arg);
  *result_listener << "which is " << status.ToString() << " with reason "
                   << GetReason(status);
  return GetReason(status) == reason;
}

MATCHER_P(IsOkAndHolds, matcher, "is OK and holds a fitting value") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  return testing::ExplainMatchResult(matcher, *arg, result_listener);
}

}  // namespace countersign::base

#define ASSERT_OK(expr) ASSERT_THAT(expr, ::countersign::base::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::countersign::base::IsOk())

// ASSERT_OK_AND_ASSIGN(auto x, F()): in a test body or a void function.
#define ASSERT_OK_AND_ASSIGN(lhs, expr)                                       \
  ASSERT_OK_AND_ASSIGN_IMPL_(COUNTERSIGN_MATCHER_CONCAT_(so_, __LINE__), lhs, \
                             expr)
#define COUNTERSIGN_MATCHER_CONCAT_INNER_(a, b) a##b
#define COUNTERSIGN_MATCHER_CONCAT_(a, b) \
  COUNTERSIGN_MATCHER_CONCAT_INNER_(a, b)
#define ASSERT_OK_AND_ASSIGN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                               \
  ASSERT_OK(tmp);                                  \
  lhs = *std::move(tmp)

#endif  // COUNTERSIGN_BASE_STATUS_MATCHERS_H_
