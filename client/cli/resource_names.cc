#include "client/cli/resource_names.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

absl::Status Malformed(absl::string_view text, absl::string_view right) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("\"", base::EscapeForDisplay(text),
                                      "\" is no name here; right is ", right),
                         Because("MALFORMED_NAME"));
}

bool IsId(absl::string_view id) {
  if (id.empty() || id.size() > 63 || id[0] == '-') return false;
  for (const char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') {
      return false;
    }
  }
  return true;
}

// The ids of `text`, whole (collection/id/...) or short (id/id/...), where it
// has that many of them; empty otherwise.
std::vector<std::string> Ids(absl::string_view text,
                             const std::vector<std::string>& collections) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  std::vector<std::string> ids;
  if (parts.size() == collections.size()) {
    ids = parts;
  } else if (parts.size() == 2 * collections.size()) {
    for (size_t i = 0; i < collections.size(); ++i) {
      if (parts[2 * i] != collections[i]) return {};
      ids.push_back(parts[2 * i + 1]);
    }
  }
  for (const std::string& id : ids) {
    if (!IsId(id)) return {};
  }
  return ids;
}

std::string Join(const std::vector<std::string>& collections,
                 const std::vector<std::string>& ids) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < ids.size(); ++i) {
    parts.push_back(collections[i]);
    parts.push_back(ids[i]);
  }
  return absl::StrJoin(parts, "/");
}

absl::StatusOr<std::string> NameFrom(
    absl::string_view text, const std::vector<std::string>& collections,
    absl::string_view right) {
  const std::vector<std::string> ids = Ids(text, collections);
  if (ids.empty()) return Malformed(text, right);
  return Join(collections, ids);
}

const std::vector<std::string> kKeyVersion = {"products", "operations",
                                              "keyVersions"};

constexpr char kOperationForm[] =
    "products/PRODUCT/operations/OPERATION or PRODUCT/OPERATION, each of a-z, "
    "0-9 and hyphen";

}  // namespace

absl::StatusOr<std::string> ProductNameFrom(absl::string_view text) {
  return NameFrom(text, {"products"},
                  "products/PRODUCT or PRODUCT, of a-z, 0-9 and hyphen");
}

absl::StatusOr<std::string> OperationNameFrom(absl::string_view text) {
  return NameFrom(text, {"products", "operations"}, kOperationForm);
}

absl::StatusOr<std::string> KeyNameFrom(absl::string_view text) {
  const absl::StatusOr<std::string> version = NameFrom(text, kKeyVersion, "");
  if (version.ok()) return version;
  return NameFrom(text, {"products", "operations"},
                  "PRODUCT/OPERATION, PRODUCT/OPERATION/VERSION, or the whole "
                  "name");
}

absl::StatusOr<std::string> KeyVersionNameFrom(absl::string_view text) {
  return NameFrom(text, kKeyVersion,
                  "a key version, PRODUCT/OPERATION/VERSION or the whole name, "
                  "as `countersign key list PRODUCT/OPERATION` prints it");
}

std::string ShortKeyName(absl::string_view name) {
  const std::vector<std::string> ids = Ids(name, kKeyVersion);
  return ids.empty() ? std::string(name) : absl::StrJoin(ids, "/");
}

absl::StatusOr<std::string> ParentNameFrom(absl::string_view text) {
  if (text == "products/-" || text == "-") return std::string("products/-");
  const absl::StatusOr<std::string> product = ProductNameFrom(text);
  // "products/p" has two parts like "p/o": the collection's word decides.
  if (product.ok()) return product;
  const absl::StatusOr<std::string> operation = OperationNameFrom(text);
  if (operation.ok()) return operation;
  return Malformed(text, "products/-, a product or an operation");
}

absl::StatusOr<std::string> RequestNameFrom(absl::string_view text) {
  const std::vector<std::string> collections = {"products", "operations",
                                                "signingRequests"};
  const std::vector<std::string> ids = Ids(text, collections);
  if (ids.empty() || Join(collections, ids) != text) {
    return Malformed(text,
                     "products/PRODUCT/operations/OPERATION/signingRequests/"
                     "REQUEST, as `countersign request list` prints it");
  }
  return std::string(text);
}

}  // namespace countersign::client
