// A product as people write it down: a JSON file with the fields name,
// description, productType, enabled, caInfo, rndKeys and productOperations
// (docs: `countersign product create --help`), and what of ours stands beside
// them: id, token (the name of a configured one), allowedHashes,
// signatureAlgorithms, requiredApprovals, requestExpiry, maxSignaturesPerKey,
// requiredClaims, existingKey {keyId, label, tokens}. Pure reading; the server
// checks meaning.
// Called by `product create`.
#ifndef COUNTERSIGN_CLIENT_CLI_PRODUCT_FILE_H_
#define COUNTERSIGN_CLIENT_CLI_PRODUCT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/placeholders.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

struct ProductFile {
  v1::Product product;
  std::string id;  // empty: made from the name
};

// `file` is for messages; `id`, where not empty, stands above the file's own.
// INVALID_ARGUMENT: the parser's error with line and
// column, or PRODUCT_FILE_MALFORMED with every mistake at once, each with its
// path and line.
absl::StatusOr<ProductFile> ReadProductFile(absl::string_view text,
                                            const std::string& file,
                                            const Variables& variables,
                                            const std::string& id = "");

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PRODUCT_FILE_H_
