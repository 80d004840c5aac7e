#include "hsm/ceremony/message_signer.h"

#include <cstddef>
#include <utility>

#include "base/status_macros.h"
#include "hsm/csr.h"
#include "hsm/errors.h"
#include "hsm/mechanism.h"

namespace countersign::hsm {
namespace {

const unsigned char* In(absl::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

// Null where the algorithm hashes by itself.
const EVP_MD* Hash(core::HashAlgorithm hash) {
  switch (hash) {
    case core::HashAlgorithm::kSha256:
      return EVP_sha256();
    case core::HashAlgorithm::kSha384:
      return EVP_sha384();
    case core::HashAlgorithm::kSha512:
      return EVP_sha512();
    case core::HashAlgorithm::kUnhashed:
      return nullptr;
  }
  return nullptr;
}

absl::StatusOr<std::string> SignWithOpenssl(EVP_PKEY* key,
                                            core::HashAlgorithm hash,
                                            absl::string_view message) {
  ERR_clear_error();
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key)), '\0');
  size_t size = signature.size();
  if (ctx == nullptr ||
      EVP_DigestSignInit(ctx.get(), nullptr, Hash(hash), nullptr, key) != 1 ||
      EVP_DigestSign(ctx.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     In(message), message.size()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal,
                              "the token made no signature");
  }
  signature.resize(size);
  return signature;
}

}  // namespace

absl::StatusOr<MessageSigner> MessageSigner::Create(OpenToken& token,
                                                    const TokenKey& key) {
  // libp11 0.4.12 lists no key at all where one of them is an Ed25519 key; what
  // it does not give is used by our own calls.
  absl::StatusOr<base::EvpPkeyPtr> private_key =
      token.libp11().PrivateKey(token.info().id, key.ref.key_id, key.ref.label);
  if (!private_key.ok()) private_key = base::EvpPkeyPtr();
  return MessageSigner(token, key, *std::move(private_key));
}

absl::StatusOr<std::string> MessageSigner::Sign(absl::string_view message) {
  if (private_key_ != nullptr) {
    return SignWithOpenssl(private_key_.get(), hash_, message);
  }
  const Mechanism& mechanism = MechanismFor(CsrAlgorithm(key_.ref.type), hash_);
  const std::string input = hash_ == core::HashAlgorithm::kUnhashed
                                ? std::string(message)
                                : base::Digest(mechanism.openssl_hash, message);
  ASSIGN_OR_RETURN(
      std::string raw,
      token_.session().Sign(mechanism, key_.handles.private_key, input));
  return EncodeSignature(key_.ref.type, std::move(raw));
}

absl::Status VerifyMessage(const core::KeyRef& key, core::HashAlgorithm hash,
                           absl::string_view message,
                           absl::string_view signature) {
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr public_key,
                   base::ParseSpki(key.spki));
  ERR_clear_error();
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  if (ctx == nullptr ||
      EVP_DigestVerifyInit(ctx.get(), nullptr, Hash(hash), nullptr,
                           public_key.get()) != 1 ||
      EVP_DigestVerify(ctx.get(), In(signature), signature.size(), In(message),
                       message.size()) != 1) {
    return error::WrongSignature(
        key.label, base::OpensslError(absl::StatusCode::kInvalidArgument,
                                      "OpenSSL refuses it"));
  }
  return absl::OkStatus();
}

}  // namespace countersign::hsm
