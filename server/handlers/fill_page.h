// One page of a list that shows only what the caller may see: reads on until
// the page is full or the list ends, so that hidden resources leave no gaps
// that could be counted, and bounds the answer's octets. Pure but for `fetch`.
#ifndef COUNTERSIGN_SERVER_HANDLERS_FILL_PAGE_H_
#define COUNTERSIGN_SERVER_HANDLERS_FILL_PAGE_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "core/store.h"

namespace countersign::server {

// Well below the 4 MiB that a gRPC client takes by default.
inline constexpr size_t kMaxPageOctets = 3 << 20;
// The largest that one resource is expected to be: 1,000 digests with labels.
inline constexpr size_t kLargestItem = 512 << 10;
// Reads for one page. A page may end early (AIP-158); its token goes on.
inline constexpr int kMaxReads = 100;

// `fetch(limit, cursor)` reads; `add(item)` puts what may be seen into the
// answer and returns its octets, or 0 where it may not be seen. Returns the
// cursor of the next page, empty at the end.
template <typename T>
absl::StatusOr<std::string> FillPage(
    int page_size, std::string cursor,
    const std::function<absl::StatusOr<core::Page<T>>(
        int limit, const std::string& cursor)>& fetch,
    const std::function<size_t(const T&)>& add) {
  int missing = page_size;
  size_t octets = 0;
  size_t largest = kLargestItem;  // until we have seen some
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const size_t fit = (kMaxPageOctets - octets) / largest;
    const int limit = static_cast<int>(
        std::clamp<size_t>(fit, 1, static_cast<size_t>(missing)));
    ASSIGN_OR_RETURN(core::Page<T> page, fetch(limit, cursor));
    size_t largest_here = 1;
    for (const T& item : page.items) {
      const size_t size = add(item);
      if (size == 0) continue;
      --missing;
      octets += size;
      largest_here = std::max(largest_here, size);
    }
    largest = reads == 0 ? largest_here : std::max(largest, largest_here);
    cursor = std::move(page.next_cursor);
    if (cursor.empty() || missing <= 0 || octets + largest > kMaxPageOctets) {
      break;
    }
  }
  return cursor;
}

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_FILL_PAGE_H_
