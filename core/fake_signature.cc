#include "core/fake_signature.h"

#include <cstddef>

#include "base/openssl.h"
#include "core/algorithms.h"

namespace countersign::core {
namespace {

const unsigned char* Octets(const std::string& s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

const EVP_MD* Hash(HashAlgorithm hash) {
  return hash == HashAlgorithm::kSha256   ? EVP_sha256()
         : hash == HashAlgorithm::kSha384 ? EVP_sha384()
                                          : EVP_sha512();
}

bool SetPadding(EVP_PKEY_CTX* ctx, SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsassaPkcs1V15:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    case SignatureAlgorithm::kRsassaPss:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    case SignatureAlgorithm::kEcdsa:
    case SignatureAlgorithm::kEd25519:
      return true;
  }
  return false;
}

absl::StatusOr<std::string> SignMessage(EVP_PKEY* key,
                                        const std::string& message) {
  base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  std::string signature(64, '\0');
  size_t size = signature.size();
  if (ctx == nullptr ||
      EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(ctx.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Octets(message), message.size()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  signature.resize(size);
  return signature;
}

// `der` as r and s side by side, each as long as the order.
absl::StatusOr<std::string> FixedWidth(const std::string& der, KeyType type) {
  const unsigned char* in = Octets(der);
  const base::EcdsaSigPtr sig(
      d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  const int half = (KeyBits(type) + 7) / 8;
  std::string out(static_cast<size_t>(2 * half), '\0');
  auto* octets = reinterpret_cast<unsigned char*>(out.data());
  if (sig == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), octets, half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), octets + half, half) != half) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot convert");
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> SignDigest(EVP_PKEY* key, const SignJob& job,
                                       const std::string& digest) {
  if (job.hash == HashAlgorithm::kUnhashed) return SignMessage(key, digest);
  base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key, nullptr));
  if (ctx == nullptr || EVP_PKEY_sign_init(ctx.get()) != 1 ||
      !SetPadding(ctx.get(), job.algorithm) ||
      EVP_PKEY_CTX_set_signature_md(ctx.get(), Hash(job.hash)) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key)), '\0');
  size_t size = signature.size();
  if (EVP_PKEY_sign(ctx.get(),
                    reinterpret_cast<unsigned char*>(signature.data()), &size,
                    Octets(digest), digest.size()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  signature.resize(size);
  if (job.ecdsa_form == EcdsaForm::kFixedWidth) {
    return FixedWidth(signature, job.key.type);
  }
  return signature;
}

}  // namespace countersign::core
