// Pages of lists (AIP-158): how many, and a token that says where to go on. A
// token is opaque, holds the store's cursor and a digest of the query that made
// it, and grants nothing: the caller is authorised again. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_PAGE_H_
#define COUNTERSIGN_SERVER_CONVERT_PAGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

inline constexpr int32_t kDefaultPageSize = 50;
inline constexpr int32_t kMaxPageSize = 1000;

// 0 means 50, more than 1000 means 1000; negative: INVALID_ARGUMENT
// BAD_REQUEST.
absl::StatusOr<int> PageSize(int32_t page_size);

// `query` is the query's other arguments in one text (a serialised request
// without page size and token). Empty where `cursor` is.
std::string PageToken(absl::string_view cursor, absl::string_view query);

// The cursor; "" for an empty token. INVALID_ARGUMENT BAD_PAGE_TOKEN where the
// token is none of ours or another query's.
absl::StatusOr<std::string> CursorOf(absl::string_view token,
                                     absl::string_view query);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_PAGE_H_
