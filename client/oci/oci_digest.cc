#include "client/oci/oci_digest.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/sha256.h"

namespace countersign::client {
namespace {

bool IsSha512(absl::string_view digest) {
  return absl::StartsWith(digest, "sha512:");
}

}  // namespace

bool IsOciDigest(absl::string_view text) {
  const size_t digits = absl::ConsumePrefix(&text, "sha256:")   ? 64
                        : absl::ConsumePrefix(&text, "sha512:") ? 128
                                                                : 0;
  return digits != 0 && text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string OciDigestOf(absl::string_view octets) {
  return absl::StrCat("sha256:", base::Sha256Hex(octets));
}

bool HasOciDigest(absl::string_view octets, absl::string_view digest) {
  DigestStream stream(digest);
  stream.Update(octets);
  return stream.Finish() == digest;
}

DigestStream::DigestStream(absl::string_view digest)
    : algorithm_(IsSha512(digest) ? "sha512" : "sha256"),
      hash_(IsSha512(digest) ? "SHA512" : "SHA256") {}

std::string DigestStream::Finish() {
  return absl::StrCat(algorithm_, ":", base::HexEncode(hash_.Finish()));
}

}  // namespace countersign::client
