#include "base/signature_verifier.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

const unsigned char* Octets(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

bool Fits(int key_type, SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::kRsaPkcs1:
      return key_type == EVP_PKEY_RSA;
    case SignatureScheme::kRsaPss:
      return key_type == EVP_PKEY_RSA || key_type == EVP_PKEY_RSA_PSS;
    case SignatureScheme::kEcdsa:
      return key_type == EVP_PKEY_EC;
    case SignatureScheme::kEd25519:
      return key_type == EVP_PKEY_ED25519;
  }
  return false;
}

// RFC 8017 8.1 and 8.2. The mask is made with the same hash; the length of the
// salt is read from the signature where any will do.
bool SetPadding(EVP_PKEY_CTX* ctx, SignatureScheme scheme, const EVP_MD* hash,
                PssSalt salt) {
  switch (scheme) {
    case SignatureScheme::kRsaPkcs1:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    case SignatureScheme::kRsaPss:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, hash) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(
                 ctx, salt == PssSalt::kAny ? RSA_PSS_SALTLEN_AUTO
                                            : RSA_PSS_SALTLEN_DIGEST) == 1;
    case SignatureScheme::kEcdsa:
      return true;
    case SignatureScheme::kEd25519:
      return false;
  }
  return false;
}

}  // namespace

absl::StatusOr<SignatureVerifier> SignatureVerifier::Create(
    absl::string_view spki_der, SignatureScheme scheme, const std::string& hash,
    PssSalt salt) {
  const bool hashed = scheme != SignatureScheme::kEd25519;
  if (hashed && hash != "SHA256" && hash != "SHA384" && hash != "SHA512") {
    return absl::InvalidArgumentError(
        absl::StrCat("hash is none of SHA256, SHA384, SHA512: ", hash));
  }
  if (!hashed && !hash.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Ed25519 signs the message, not its ", hash));
  }
  ASSIGN_OR_RETURN(EvpPkeyPtr key, ParseSpki(spki_der));
  if (!Fits(EVP_PKEY_get_base_id(key.get()), scheme)) {
    return absl::InvalidArgumentError(
        "the type of the key does not fit the signature scheme");
  }
  if (!hashed) return SignatureVerifier(std::move(key), nullptr);
  const EVP_MD* md = EVP_get_digestbyname(hash.c_str());
  EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (md == nullptr || ctx == nullptr || EVP_PKEY_verify_init(ctx.get()) != 1 ||
      !SetPadding(ctx.get(), scheme, md, salt) ||
      EVP_PKEY_CTX_set_signature_md(ctx.get(), md) != 1) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        "the key cannot verify with this scheme and hash");
  }
  return SignatureVerifier(std::move(key), std::move(ctx));
}

absl::Status SignatureVerifier::Verify(absl::string_view digest,
                                       absl::string_view signature) {
  if (ctx_ == nullptr) return VerifyMessage(digest, signature);
  const EVP_MD* md = nullptr;
  if (EVP_PKEY_CTX_get_signature_md(ctx_.get(), &md) != 1 ||
      digest.size() != static_cast<size_t>(EVP_MD_get_size(md))) {
    return absl::InvalidArgumentError("digest of the wrong length");
  }
  // OpenSSL pads a short RSA signature silently; RFC 8017 8.1.2 step 1 refuses.
  if (EVP_PKEY_get_base_id(key_.get()) != EVP_PKEY_EC &&
      signature.size() != static_cast<size_t>(EVP_PKEY_get_size(key_.get()))) {
    return absl::InvalidArgumentError("RSA signature of the wrong length");
  }
  ERR_clear_error();
  if (EVP_PKEY_verify(ctx_.get(), Octets(signature), signature.size(),
                      Octets(digest), digest.size()) != 1) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        "signature does not match");
  }
  return absl::OkStatus();
}

absl::Status SignatureVerifier::VerifyMessage(absl::string_view message,
                                              absl::string_view signature) {
  const EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  ERR_clear_error();
  if (ctx == nullptr || EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr,
                                             nullptr, key_.get()) != 1) {
    return OpensslError(absl::StatusCode::kInternal, "cannot verify");
  }
  if (EVP_DigestVerify(ctx.get(), Octets(signature), signature.size(),
                       Octets(message), message.size()) != 1) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        "signature does not match");
  }
  return absl::OkStatus();
}

}  // namespace countersign::base
