#include "client/plugins/kms_message.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr size_t kPiece = 256 << 10;
constexpr size_t kMostKept = 1 << 20;

}  // namespace

absl::StatusOr<KmsMessage> ReadMessage(
    std::istream& in, HashAlgorithm hash,
    const std::optional<std::string>& digest) {
  base::StreamingDigest computed(OpensslHashName(hash));
  std::vector<char> piece(kPiece);
  KmsMessage message;
  while (in.good()) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const absl::string_view octets(piece.data(), in.gcount());
    computed.Update(octets);
    message.size += octets.size();
    if (message.size <= kMostKept) {
      message.kept.append(octets.data(), octets.size());
    } else {
      message.kept.clear();
    }
  }
  if (in.bad()) {
    return base::MakeError(absl::StatusCode::kUnavailable,
                           "standard input could not be read",
                           Because("MESSAGE_UNREADABLE"));
  }
  message.digest = computed.Finish();
  if (!digest.has_value() || *digest == message.digest) return message;
  if (message.size == 0) {
    message.digest = *digest;
    return message;
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("the digest in the request (", base::HexEncode(*digest),
                   ") is not that of standard input (",
                   base::HexEncode(message.digest), "): nothing was signed"),
      Because("DIGEST_MISMATCH"));
}

}  // namespace countersign::client
