#include "server/http/digest_body.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "core/errors.h"
#include "server/http/gunzip.h"

namespace countersign::server {
namespace {

// More than any digest, and than any text of one.
constexpr size_t kMaxUnpacked = 4096;
constexpr size_t kMaxShown = 100;

struct Encoding {
  std::string name;  // lower case; "raw" where nothing is said
  std::string said_by;
};

Encoding EncodingOf(const HttpRequest& request) {
  const absl::string_view said =
      absl::StripAsciiWhitespace(request.content_encoding);
  if (!said.empty()) return {absl::AsciiStrToLower(said), "Content-Encoding"};
  absl::string_view type = request.content_type;
  type = absl::StripAsciiWhitespace(type.substr(0, type.find(';')));
  const size_t plus = type.rfind('+');
  if (plus == absl::string_view::npos) return {"raw", "Content-Encoding"};
  return {absl::AsciiStrToLower(type.substr(plus + 1)), "Content-Type"};
}

absl::Status Bad(absl::string_view field, absl::string_view what) {
  return core::error::BadRequest({{std::string(field), std::string(what)}});
}

absl::StatusOr<std::string> Decode(const HttpRequest& request,
                                   const Encoding& encoding) {
  const absl::string_view text = absl::StripAsciiWhitespace(request.body);
  absl::StatusOr<std::string> decoded;
  if (encoding.name == "raw" || encoding.name == "identity") {
    return request.body;
  }
  if (encoding.name == "hex") {
    decoded = base::HexDecode(text);
  } else if (encoding.name == "base64") {
    decoded = base::Base64Decode(text);
  } else if (encoding.name == "gzip" || encoding.name == "x-gzip") {
    decoded = Gunzip(request.body, kMaxUnpacked);
  } else {
    return Bad(
        encoding.said_by,
        absl::StrCat("names \"",
                     base::EscapeForDisplay(
                         absl::string_view(encoding.name).substr(0, kMaxShown)),
                     "\"; use raw, hex, base64 or gzip"));
  }
  if (!decoded.ok()) {
    return Bad("body",
               absl::StrCat("is not ", encoding.name, " as ", encoding.said_by,
                            " says: ", decoded.status().message()));
  }
  return decoded;
}

// What the caller probably meant, where the length tells.
std::string Hint(absl::string_view octets, size_t size) {
  const absl::string_view text = absl::StripAsciiWhitespace(octets);
  const bool hex = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isxdigit(c);
  });
  if (text.size() == 2 * size && hex) {
    return "; it looks like hexadecimal digits: send Content-Encoding: hex";
  }
  const auto base64 = base::Base64Decode(text);
  if (base64.ok() && base64->size() == size) {
    return "; it looks like base64: send Content-Encoding: base64";
  }
  return "; the body is the digest, not the file";
}

}  // namespace

absl::StatusOr<std::string> ReadDigest(const HttpRequest& request,
                                       core::HashAlgorithm hash) {
  ASSIGN_OR_RETURN(std::string digest, Decode(request, EncodingOf(request)));
  const size_t size = core::DigestSize(hash);
  if (digest.size() != size) {
    return Bad("body", absl::StrCat("holds ", digest.size(), " octets, but a ",
                                    core::ToString(hash), " digest has ", size,
                                    Hint(digest, size)));
  }
  return digest;
}

}  // namespace countersign::server
