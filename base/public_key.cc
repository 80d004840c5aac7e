#include "base/public_key.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"

namespace countersign::base {
namespace {

using ParamBuilderPtr =
    std::unique_ptr<OSSL_PARAM_BLD, SslDeleter<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, SslDeleter<OSSL_PARAM_free>>;

const unsigned char* Octets(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

BignumPtr Number(absl::string_view octets) {
  return BignumPtr(
      BN_bin2bn(Octets(octets), static_cast<int>(octets.size()), nullptr));
}

absl::StatusOr<std::string> MakeSpki(const char* type, OSSL_PARAM_BLD* fields) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(fields));
  const EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* raw = nullptr;
  if (params == nullptr || ctx == nullptr ||
      EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
      EVP_PKEY_fromdata(ctx.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) !=
          1) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        absl::StrCat("not an ", type, " key"));
  }
  const EvpPkeyPtr key(raw);
  return SpkiDer(key.get());
}

size_t FieldOctets(absl::string_view curve) {
  return curve == "P-256"   ? 32
         : curve == "P-384" ? 48
         : curve == "P-521" ? 66
                            : 0;
}

}  // namespace

absl::StatusOr<std::string> RsaSpki(absl::string_view modulus,
                                    absl::string_view exponent) {
  ERR_clear_error();
  const BignumPtr n = Number(modulus);
  const BignumPtr e = Number(exponent);
  if (n == nullptr || e == nullptr || !BN_is_odd(n.get()) ||
      !BN_is_odd(e.get()) || BN_is_one(e.get())) {
    return absl::InvalidArgumentError(
        "not an RSA key: modulus and exponent are odd, the exponent not 1");
  }
  const ParamBuilderPtr fields(OSSL_PARAM_BLD_new());
  if (fields == nullptr ||
      OSSL_PARAM_BLD_push_BN(fields.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) !=
          1 ||
      OSSL_PARAM_BLD_push_BN(fields.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) !=
          1) {
    return OpensslError(absl::StatusCode::kInvalidArgument, "not an RSA key");
  }
  return MakeSpki("RSA", fields.get());
}

absl::StatusOr<std::string> EcSpki(absl::string_view curve, absl::string_view x,
                                   absl::string_view y) {
  ERR_clear_error();
  const size_t field = FieldOctets(curve);
  if (field == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("the curve is none of P-256, P-384 and P-521: ", curve));
  }
  if (x.size() != field || y.size() != field) {
    return absl::InvalidArgumentError(
        absl::StrCat("coordinates on ", curve, " have ", field, " octets"));
  }
  const std::string group(curve);
  // SEC 1 2.3.3, uncompressed.
  const std::string point = absl::StrCat("\x04", x, y);
  const ParamBuilderPtr fields(OSSL_PARAM_BLD_new());
  if (fields == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(fields.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      group.c_str(), group.size()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(fields.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       point.data(), point.size()) != 1) {
    return OpensslError(absl::StatusCode::kInvalidArgument, "not an EC key");
  }
  return MakeSpki("EC", fields.get());
}

absl::StatusOr<std::string> Ed25519Spki(absl::string_view key) {
  ERR_clear_error();
  const EvpPkeyPtr parsed(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                      Octets(key), key.size()));
  if (parsed == nullptr) {
    return OpensslError(absl::StatusCode::kInvalidArgument,
                        "not an Ed25519 key");
  }
  return SpkiDer(parsed.get());
}

}  // namespace countersign::base
