#include "storage/product_query.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "core/errors.h"
#include "storage/product_codec.h"
#include "storage/schema.h"
#include "storage/usage_counter.h"

namespace countersign::storage {

// The cursor is "p" and the last id: it fits every query of products.
absl::StatusOr<core::Page<core::Product>> SelectProducts(
    Database& db, const core::ProductQuery& query) {
  absl::string_view after = query.cursor;
  if (!after.empty() &&
      (!absl::ConsumePrefix(&after, "p") || !core::IsValidId(after))) {
    return core::error::BadPageToken();
  }
  ASSIGN_OR_RETURN(Statement select,
                   db.Prepare("SELECT value FROM products WHERE id > ?"
                              " ORDER BY id LIMIT ?"));
  RETURN_IF_ERROR(select.BindText(1, after));
  RETURN_IF_ERROR(select.Bind(2, int64_t{query.limit} + 1));
  core::Page<core::Product> page;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return page;
    if (static_cast<int>(page.items.size()) == query.limit) break;
    ASSIGN_OR_RETURN(core::Product product, DecodeProduct(select.Octets(0)));
    RETURN_IF_ERROR(ReadUsage(db, product));
    page.items.push_back(std::move(product));
  }
  page.next_cursor = absl::StrCat("p", page.items.back().name.product);
  return page;
}

absl::StatusOr<std::vector<core::Product>> ReadProducts(
    const std::string& path) {
  std::vector<core::Product> products;
  if (access(path.c_str(), F_OK) != 0) return products;
  ASSIGN_OR_RETURN(Database db,
                   Database::Open(path, Database::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const int64_t version, SchemaVersionOf(db));
  if (version == 0) return products;
  ASSIGN_OR_RETURN(Statement select,
                   db.Prepare("SELECT value FROM products ORDER BY id"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return products;
    ASSIGN_OR_RETURN(core::Product product, DecodeProduct(select.Octets(0)));
    products.push_back(std::move(product));
  }
}

}  // namespace countersign::storage
