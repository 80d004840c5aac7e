// How the module is asked for each kind of signature: mechanism, parameters,
// what stands before the digest, and the form of what comes back. An allow-list
// table: what has no row cannot be asked for. Pure.
#ifndef COUNTERSIGN_HSM_MECHANISM_H_
#define COUNTERSIGN_HSM_MECHANISM_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"
#include "core/algorithms.h"
#include "core/signer.h"

namespace countersign::hsm {

// One row: an algorithm with a hash.
struct Mechanism {
  core::SignatureAlgorithm algorithm;
  core::HashAlgorithm hash;
  CK_MECHANISM_TYPE type;
  // DER of DigestInfo up to the digest (RFC 8017 9.2 note 1); CKM_RSA_PKCS
  // only.
  absl::string_view digest_info;
  // hashAlg, mgf, sLen (RFC 8017 9.1: salt as long as the hash);
  // CKM_RSA_PKCS_PSS only, zeros otherwise.
  CK_RSA_PKCS_PSS_PARAMS pss;
  base::SignatureScheme scheme;
  const char* openssl_hash;  // "SHA256"; "" where nothing hashes
};

// The row of a pair that core::Fits; it lives for ever.
const Mechanism& MechanismFor(core::SignatureAlgorithm algorithm,
                              core::HashAlgorithm hash);

// "CKM_EDDSA", of those that this room uses; "CKM_0x1234" of others.
std::string MechanismName(CK_MECHANISM_TYPE type);

// What C_Sign gets for `digest`, which is the message for kUnhashed.
std::string SignInput(const Mechanism& mechanism, absl::string_view digest);

// Octets that C_Sign answers: the modulus, or r and s of one size (PKCS#11 2.40
// current mechanisms 2.3.1; RFC 8032 5.1.6 for Ed25519).
size_t RawSignatureSize(core::KeyType key);

// `raw` as core::DigestSignature has it: r||s of ECDSA as DER (RFC 3279 2.2.3)
// or as it is, all others as they are. INTERNAL where the size is wrong.
absl::StatusOr<std::string> EncodeSignature(
    core::KeyType key, std::string raw,
    core::EcdsaForm form = core::EcdsaForm::kDer);

// INVALID_ARGUMENT where the job has no digest or too many, one of another
// length than the hash's (kUnhashed: too long a message), an algorithm that its
// key type cannot make or that is not made over such a hash, or a key that is
// not named in full. Checked before the module sees anything: some
// modules answer a caller's mistake like a dead device.
absl::Status CheckSignJob(const core::SignJob& job);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_MECHANISM_H_
