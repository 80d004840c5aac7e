#include "base/openssl.h"

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/pem.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

const unsigned char* Octets(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// The hashes of this service, fetched once: OpenSSL 3 otherwise looks each up
// again for every digest, which costs more than hashing 64 octets. An unknown
// name is a bug of the caller and ends the process.
const EVP_MD* Hash(const char* name) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  const EVP_MD* hash = std::strcmp(name, "SHA256") == 0   ? sha256
                       : std::strcmp(name, "SHA384") == 0 ? sha384
                       : std::strcmp(name, "SHA512") == 0 ? sha512
                                                          : nullptr;
  if (hash == nullptr) std::abort();
  return hash;
}

// The DER of `object` by its i2d function.
template <typename T, typename I2d>
absl::StatusOr<std::string> ToDer(T* object, I2d i2d, const char* what) {
  ERR_clear_error();
  unsigned char* der = nullptr;
  const int size = i2d(object, &der);
  if (size < 0) {
    return OpensslError(absl::StatusCode::kInternal,
                        absl::StrCat("cannot encode ", what));
  }
  const OpensslString owner(reinterpret_cast<char*>(der));
  return std::string(owner.get(), static_cast<size_t>(size));
}

// The object that `der` holds by its d2i function, all octets used.
template <typename Ptr, typename D2i>
absl::StatusOr<Ptr> FromDer(absl::string_view der, D2i d2i, const char* what) {
  ERR_clear_error();
  const unsigned char* p = Octets(der);
  Ptr object(d2i(nullptr, &p, static_cast<long>(der.size())));
  if (object == nullptr) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        absl::StrCat("not a DER ", what));
  }
  if (p != Octets(der) + der.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("octets after the DER ", what));
  }
  return object;
}

}  // namespace

absl::Status OpensslError(absl::StatusCode code, absl::string_view context) {
  std::string message(context);
  const char* data = nullptr;
  int flags = 0;
  const char* separator = ": ";
  while (const unsigned long error =
             ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const char* reason = ERR_reason_error_string(error);
    absl::StrAppend(&message, separator,
                    reason != nullptr ? reason : "unknown reason");
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
      absl::StrAppend(&message, " (", data, ")");
    }
    separator = "; ";
  }
  return absl::Status(code, message);
}

std::string Digest(const char* name, absl::string_view octets) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // One context for each thread: making one costs as much as hashing 64 octets.
  thread_local const EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  // Fails only where memory is out.
  if (ctx == nullptr ||
      EVP_DigestInit_ex2(ctx.get(), Hash(name), nullptr) != 1 ||
      EVP_DigestUpdate(ctx.get(), octets.data(), octets.size()) != 1 ||
      EVP_DigestFinal_ex(ctx.get(), out, &size) != 1) {
    std::abort();
  }
  return std::string(reinterpret_cast<const char*>(out), size);
}

StreamingDigest::StreamingDigest(const char* name) : ctx_(EVP_MD_CTX_new()) {
  if (ctx_ == nullptr ||
      EVP_DigestInit_ex(ctx_.get(), Hash(name), nullptr) != 1) {
    std::abort();
  }
}

void StreamingDigest::Update(absl::string_view octets) {
  if (EVP_DigestUpdate(ctx_.get(), octets.data(), octets.size()) != 1) {
    std::abort();
  }
}

std::string StreamingDigest::Finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(ctx_.get(), out, &size) != 1) std::abort();
  return std::string(reinterpret_cast<const char*>(out), size);
}

absl::StatusOr<EvpPkeyPtr> ParseSpki(absl::string_view der) {
  return FromDer<EvpPkeyPtr>(der, d2i_PUBKEY, "public key");
}

absl::StatusOr<std::string> SpkiDer(EVP_PKEY* key) {
  return ToDer(key, i2d_PUBKEY, "public key");
}

std::string SpkiPem(absl::string_view spki_der) {
  return FormatPem({"PUBLIC KEY", {}, std::string(spki_der)});
}

absl::StatusOr<std::string> SpkiFromPem(absl::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<PemBlock> blocks, ParsePem(pem));
  for (PemBlock& block : blocks) {
    if (block.label == "PUBLIC KEY") {
      RETURN_IF_ERROR(ParseSpki(block.contents).status());
      return std::move(block.contents);
    }
    if (block.label == "CERTIFICATE") {
      ASSIGN_OR_RETURN(X509Ptr certificate,
                       ParseCertificateDer(block.contents));
      EVP_PKEY* key = X509_get0_pubkey(certificate.get());
      if (key == nullptr) {
        return OpensslError(absl::StatusCode::kInvalidArgument,
                            "certificate with a key that cannot be read");
      }
      return SpkiDer(key);
    }
  }
  return absl::InvalidArgumentError("no PUBLIC KEY or CERTIFICATE block");
}

absl::StatusOr<X509Ptr> ParseCertificateDer(absl::string_view der) {
  return FromDer<X509Ptr>(der, d2i_X509, "certificate");
}

absl::StatusOr<std::string> CertificateDer(X509* certificate) {
  return ToDer(certificate, i2d_X509, "certificate");
}

bool ConstantTimeEquals(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace countersign::base
