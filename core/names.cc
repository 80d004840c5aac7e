#include "core/names.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxId = 63;
// Longer than any name can be: two ids, a UUID and the words between.
constexpr size_t kMaxName = 256;

constexpr char kProductPattern[] = "products/{product}";
constexpr char kOperationPattern[] =
    "products/{product}/operations/{operation}";
constexpr char kKeyVersionPattern[] =
    "products/{product}/operations/{operation}/keyVersions/{number}";
constexpr char kRequestPattern[] =
    "products/{product}/operations/{operation}/signingRequests/{uuid}";

bool IsIdCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
}

// A UUID of version 7 in its one canonical spelling (RFC 9562 4, 5.7): lower
// case, so that a request has one name.
bool IsUuid7(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? c != '-' : !absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) {
      return false;
    }
  }
  return text[14] == '7' &&
         absl::string_view("89ab").find(text[19]) != absl::string_view::npos;
}

// The values of a name that alternates `collections` and values; nullopt where
// it is of another form.
std::optional<std::vector<std::string>> Values(
    absl::string_view name, const std::vector<absl::string_view>& collections) {
  if (name.size() > kMaxName) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 * collections.size()) return std::nullopt;
  std::vector<std::string> values;
  for (size_t i = 0; i < collections.size(); ++i) {
    if (parts[2 * i] != collections[i]) return std::nullopt;
    // Products and operations; what stands below has a form of its own.
    if (i < 2 && !IsValidId(parts[2 * i + 1])) return std::nullopt;
    values.emplace_back(parts[2 * i + 1]);
  }
  return values;
}

}  // namespace

bool IsValidId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxId || id.front() == '-' ||
      id.back() == '-') {
    return false;
  }
  for (const char c : id) {
    if (!IsIdCharacter(c)) return false;
  }
  return true;
}

std::string IdFromDisplayName(absl::string_view display_name) {
  std::string id;
  for (const char c : display_name) {
    const char lower = absl::ascii_tolower(c);
    if (IsIdCharacter(lower) && lower != '-') {
      id.push_back(lower);
    } else if (!id.empty() && id.back() != '-') {
      id.push_back('-');
    }
    if (id.size() == kMaxId) break;
  }
  if (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

absl::StatusOr<ProductName> ProductName::Parse(absl::string_view name) {
  const auto values = Values(name, {"products"});
  if (!values) return error::MalformedName(name, kProductPattern);
  return ProductName{(*values)[0]};
}

std::string ProductName::Format() const {
  return absl::StrCat("products/", product);
}

absl::StatusOr<OperationName> OperationName::Parse(absl::string_view name) {
  const auto values = Values(name, {"products", "operations"});
  if (!values) return error::MalformedName(name, kOperationPattern);
  return OperationName{{(*values)[0]}, (*values)[1]};
}

std::string OperationName::Format() const {
  return absl::StrCat("products/", product.product, "/operations/", operation);
}

absl::StatusOr<KeyVersionName> KeyVersionName::Parse(absl::string_view name) {
  const auto values = Values(name, {"products", "operations", "keyVersions"});
  int64_t version = 0;
  // Formatted again, because "01" and "+1" are other names for 1.
  if (!values || !absl::SimpleAtoi((*values)[2], &version) || version < 1 ||
      absl::StrCat(version) != (*values)[2]) {
    return error::MalformedName(name, kKeyVersionPattern);
  }
  return KeyVersionName{{{(*values)[0]}, (*values)[1]}, version};
}

std::string KeyVersionName::Format() const {
  return absl::StrCat(operation.Format(), "/keyVersions/", version);
}

absl::StatusOr<RequestName> RequestName::Parse(absl::string_view name) {
  const auto values =
      Values(name, {"products", "operations", "signingRequests"});
  if (!values || !IsUuid7((*values)[2])) {
    return error::MalformedName(name, kRequestPattern);
  }
  return RequestName{{{(*values)[0]}, (*values)[1]}, (*values)[2]};
}

std::string RequestName::Format() const {
  return absl::StrCat(operation.Format(), "/signingRequests/", id);
}

}  // namespace countersign::core
