#include "client/artifact/public_key.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr char kReason[] = "PUBLIC_KEY_UNREADABLE";

absl::StatusOr<std::string> SpkiFromPkcs1(absl::string_view der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = data;
  const base::EvpPkeyPtr key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &end,
                                           static_cast<long>(der.size())));
  if (key == nullptr || end != data + der.size()) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "RSA PUBLIC KEY");
  }
  return base::SpkiDer(key.get());
}

}  // namespace

absl::StatusOr<std::string> ReadPublicKey(absl::string_view pem) {
  const absl::StatusOr<std::vector<base::PemBlock>> blocks =
      base::ParsePem(pem);
  if (!blocks.ok()) return BadInput(kReason, blocks.status().message());
  for (const base::PemBlock& block : *blocks) {
    if (absl::EndsWith(block.label, "PRIVATE KEY")) {
      return BadInput(kReason, absl::StrCat("a ", block.label,
                                            " where a public key is wanted"));
    }
  }
  for (const base::PemBlock& block : *blocks) {
    absl::StatusOr<std::string> spki;
    if (block.label == "RSA PUBLIC KEY") {
      spki = SpkiFromPkcs1(block.contents);
    } else if (block.label == "PUBLIC KEY" || block.label == "CERTIFICATE") {
      base::PemBlock plain = block;
      plain.headers.clear();
      spki = base::SpkiFromPem(base::FormatPem(plain));
    } else {
      continue;
    }
    if (!spki.ok()) return BadInput(kReason, spki.status().message());
    return spki;
  }
  return BadInput(kReason, "no PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE");
}

}  // namespace countersign::client
