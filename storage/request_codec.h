// Stored form of a signing request: writes version 2, reads 1 and 2. Golden
// octets in the test: what was written once must stay readable. Called by
// SqliteStore. Pure.
#ifndef COUNTERSIGN_STORAGE_REQUEST_CODEC_H_
#define COUNTERSIGN_STORAGE_REQUEST_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/signing_request.h"

namespace countersign::storage {

std::string EncodeRequest(const core::SigningRequest& request);
// INTERNAL, reason BAD_RECORD, where `record` is none or is damaged.
absl::StatusOr<core::SigningRequest> DecodeRequest(absl::string_view record);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_REQUEST_CODEC_H_
