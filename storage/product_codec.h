// Stored form of a product with its operations and keys: writes version 2,
// reads 1 and 2. Golden octets in the test: what was written once must stay
// readable. signatures_used is no part of it. Called by SqliteStore. Pure.
#ifndef COUNTERSIGN_STORAGE_PRODUCT_CODEC_H_
#define COUNTERSIGN_STORAGE_PRODUCT_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/product.h"

namespace countersign::storage {

std::string EncodeProduct(const core::Product& product);
// INTERNAL, reason BAD_RECORD, where `record` is none or is damaged.
absl::StatusOr<core::Product> DecodeProduct(absl::string_view record);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_PRODUCT_CODEC_H_
