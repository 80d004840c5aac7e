// The forms in which a signature can be answered, and which of them a caller
// wants (Accept, RFC 9110 12.5.1). Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_ANSWER_FORMAT_H_
#define COUNTERSIGN_SERVER_HTTP_ANSWER_FORMAT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

// kPem: a SIGNATURE block, the leaf, the intermediates. The others: the
// signature's octets, as they are or as text.
enum class AnswerFormat { kPem, kHex, kBase64, kRaw };

// "application/x-pem-file".
absl::string_view MediaType(AnswerFormat format);

// The forms that a caller takes, the dearest first, among equals in the order
// that they are written in. "*/*", "application/*" and an absent field stand
// for each of them, the most telling first: the operation decides. Lists, q and
// other parameters are understood. INVALID_ARGUMENT where nothing is left,
// with the list of those that are there.
absl::StatusOr<std::vector<AnswerFormat>> ParseAccept(absl::string_view accept);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_ANSWER_FORMAT_H_
