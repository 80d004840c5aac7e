// An Ed25519 key with a known seed, and notes whose octets are known: made with
// that key by another implementation. For tests.
#ifndef COUNTERSIGN_AUDIT_NOTE_VECTORS_H_
#define COUNTERSIGN_AUDIT_NOTE_VECTORS_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "audit/signed_note.h"
#include "base/openssl.h"

namespace countersign::audit {

inline constexpr char kTestOrigin[] = "signer.example/audit";
inline constexpr char kTestVkey[] =
    "signer.example/audit+b0220e01+"
    "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

// A checkpoint of 257 leaves "entry <n>\n", signed with that key.
inline constexpr char kTestCheckpointText[] =
    "signer.example/audit\n257\n"
    "B6224GT6QpIYNkL61R6MCnrGiFzlUMB3yTQ95itXrcA=\n";
inline constexpr char kTestCheckpointLine[] =
    "\xe2\x80\x94 signer.example/audit "
    "sCIOAWGaPUxg1z25c7haJHrDJnDfpk8s+turPqpxVhwkJDX+9S//9PH/UKf6iPpdvyrCyedRjV"
    "87L0phLuLRLWHfxQA=\n";
// A witness's cosignature (type 0x04) of the same.
inline constexpr char kTestWitnessLine[] =
    "\xe2\x80\x94 witness.example/w1 "
    "519lMgAAAABlU/EAzpNydUiBcTJRBuq96mhtN3Jjj/BAQ2OEeSZF3xfuEE3zt7Xx+EtvPOboIA"
    "yOm1Z8LDRwMWkOVOp5IWEYKMRUAw==\n";

inline std::string TestCheckpoint() {
  return std::string(kTestCheckpointText) + "\n" + kTestCheckpointLine;
}

// The private key with the seed 00 01 .. 1f.
inline base::EvpPkeyPtr TestKey() {
  std::string seed;
  for (int i = 0; i < 32; ++i) seed.push_back(static_cast<char>(i));
  return base::EvpPkeyPtr(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr,
      reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
}

// Ends the test where it cannot be made.
inline NoteSigner TestSigner(absl::string_view name = kTestOrigin) {
  return NoteSigner::Create(name, TestKey()).value();
}

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_NOTE_VECTORS_H_
