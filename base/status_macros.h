// Propagation of absl::Status without ceremony, and context at a room's edge.
#ifndef COUNTERSIGN_BASE_STATUS_MACROS_H_
#define COUNTERSIGN_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define COUNTERSIGN_CONCAT_INNER_(a, b) a##b
#define COUNTERSIGN_CONCAT_(a, b) COUNTERSIGN_CONCAT_INNER_(a, b)

// Returns from the enclosing function when `expr` is an error.
#define RETURN_IF_ERROR(expr)                  \
  do {                                         \
    absl::Status countersign_status_ = (expr); \
    if (!countersign_status_.ok()) {           \
      return countersign_status_;              \
    }                                          \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()): x is F's value, or F's error is returned.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL_(COUNTERSIGN_CONCAT_(statusor_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                           \
  if (!tmp.ok()) {                             \
    return std::move(tmp).status();            \
  }                                            \
  lhs = *std::move(tmp)

#endif  // COUNTERSIGN_BASE_STATUS_MACROS_H_
