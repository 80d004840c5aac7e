#include "server/convert/page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "core/errors.h"

namespace countersign::server {
namespace {

// Enough to tell queries apart; a token is no secret and proves nothing.
constexpr size_t kDigestOctets = 8;
constexpr size_t kMaxTokenOctets = 4096;

std::string Fingerprint(absl::string_view cursor, absl::string_view query) {
  return base::Sha256(absl::StrCat("page\n", query.size(), "\n", query, cursor))
      .substr(0, kDigestOctets);
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t page_size) {
  if (page_size < 0) {
    return core::error::BadRequest(
        {{"page_size", "must not be negative; 0 means 50"}});
  }
  if (page_size == 0) return kDefaultPageSize;
  return std::min(page_size, kMaxPageSize);
}

std::string PageToken(absl::string_view cursor, absl::string_view query) {
  if (cursor.empty()) return "";
  return base::Base64Encode(absl::StrCat(Fingerprint(cursor, query), cursor));
}

absl::StatusOr<std::string> CursorOf(absl::string_view token,
                                     absl::string_view query) {
  if (token.empty()) return std::string();
  if (token.size() > kMaxTokenOctets) return core::error::BadPageToken();
  const auto octets = base::Base64Decode(token);
  if (!octets.ok() || octets->size() <= kDigestOctets) {
    return core::error::BadPageToken();
  }
  std::string cursor = octets->substr(kDigestOctets);
  if (octets->substr(0, kDigestOctets) != Fingerprint(cursor, query)) {
    return core::error::BadPageToken();
  }
  return cursor;
}

}  // namespace countersign::server
