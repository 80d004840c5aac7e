#include "core/algorithms.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

// The table. `spellings` are compared after Squeeze(): upper case, without
// "-", "_" and ".".

// What kinds of keys and signatures go together.
enum class Family { kRsa, kEc, kEdwards };

struct KeyRow {
  KeyType type;
  absl::string_view name;
  Family family;
  int bits;
  HashAlgorithm default_hash;
  std::array<absl::string_view, 5> spellings;
};
// clang-format off
constexpr KeyRow kKeys[] = {
    {.type = KeyType::kRsa2048, .name = "RSA2048", .family = Family::kRsa, .bits = 2048,
     .default_hash = HashAlgorithm::kSha256, .spellings = {"RSA2048"}},
    {.type = KeyType::kRsa3072, .name = "RSA3072", .family = Family::kRsa, .bits = 3072,
     .default_hash = HashAlgorithm::kSha256, .spellings = {"RSA3072"}},
    {.type = KeyType::kRsa4096, .name = "RSA4096", .family = Family::kRsa, .bits = 4096,
     .default_hash = HashAlgorithm::kSha256, .spellings = {"RSA4096"}},
    {.type = KeyType::kEcP256,  .name = "P-256",   .family = Family::kEc, .bits = 256,
     .default_hash = HashAlgorithm::kSha256,
     .spellings = {"P256", "ECP256", "NISTP256", "SECP256R1", "PRIME256V1"}},
    {.type = KeyType::kEcP384,  .name = "P-384",   .family = Family::kEc, .bits = 384,
     .default_hash = HashAlgorithm::kSha384,
     .spellings = {"P384", "ECP384", "NISTP384", "SECP384R1"}},
    {.type = KeyType::kEcP521,  .name = "P-521",   .family = Family::kEc, .bits = 521,
     .default_hash = HashAlgorithm::kSha512,
     .spellings = {"P521", "ECP521", "NISTP521", "SECP521R1"}},
    {.type = KeyType::kEd25519, .name = "Ed25519", .family = Family::kEdwards,
     .bits = 255, .default_hash = HashAlgorithm::kUnhashed,
     .spellings = {"ED25519", "EDWARDS25519", "ECEDWARDS25519"}},
};

struct HashRow {
  HashAlgorithm type;
  absl::string_view name;
  size_t octets;
  std::array<absl::string_view, 5> spellings;
};
constexpr HashRow kHashes[] = {
    {.type = HashAlgorithm::kSha256, .name = "SHA-256", .octets = 32,
     .spellings = {"SHA256"}},
    {.type = HashAlgorithm::kSha384, .name = "SHA-384", .octets = 48,
     .spellings = {"SHA384"}},
    {.type = HashAlgorithm::kSha512, .name = "SHA-512", .octets = 64,
     .spellings = {"SHA512"}},
    {.type = HashAlgorithm::kUnhashed, .name = "UNHASHED", .octets = 0,
     .spellings = {"UNHASHED"}},
};

struct SignatureRow {
  SignatureAlgorithm type;
  absl::string_view name;
  Family family;
  std::array<absl::string_view, 5> spellings;
};
constexpr SignatureRow kSignatures[] = {
    {.type = SignatureAlgorithm::kRsassaPkcs1V15, .name = "RSASSA-PKCS1-V1_5",
     .family = Family::kRsa,
     .spellings = {"RSASSAPKCS1V15", "RSAPKCS1V15", "PKCS1V15", "PKCS1"}},
    {.type = SignatureAlgorithm::kRsassaPss, .name = "RSASSA-PSS",
     .family = Family::kRsa, .spellings = {"RSASSAPSS", "RSAPSS", "PSS"}},
    {.type = SignatureAlgorithm::kEcdsa, .name = "ECDSA",
     .family = Family::kEc, .spellings = {"ECDSA"}},
    {.type = SignatureAlgorithm::kEd25519, .name = "ED25519",
     .family = Family::kEdwards, .spellings = {"ED25519", "EDDSA"}},
};

struct FormRow {
  EcdsaForm type;
  absl::string_view name;
  std::array<absl::string_view, 5> spellings;
};
constexpr FormRow kForms[] = {
    {.type = EcdsaForm::kDer, .name = "DER", .spellings = {"DER", "ASN1"}},
    {.type = EcdsaForm::kFixedWidth, .name = "FIXED_WIDTH",
     .spellings = {"FIXEDWIDTH", "P1363", "RAW", "JWS"}},
};
// clang-format on

// Refused by name, so that nobody wonders about the spelling.
struct WeakRow {
  absl::string_view name;
  absl::string_view spelling;
};
constexpr WeakRow kWeakHashes[] = {
    {"SHA-1", "SHA1"}, {"SHA-1", "SHA"}, {"MD5", "MD5"}};

// A type that has no row cannot be made from outside; the first row stands for
// it, so that no lookup can fail.
template <typename Row, size_t kSize, typename Type>
const Row& RowOf(const Row (&table)[kSize], Type type) {
  for (const Row& row : table) {
    if (row.type == type) return row;
  }
  return table[0];
}

std::string Squeeze(absl::string_view text) {
  std::string squeezed;
  for (const char c : text.substr(0, 64)) {
    if (c != '-' && c != '_' && c != '.') {
      squeezed.push_back(absl::ascii_toupper(c));
    }
  }
  return squeezed;
}

template <typename Row, size_t kSize>
const Row* FindSpelling(const Row (&table)[kSize], absl::string_view text) {
  const std::string squeezed = Squeeze(text);
  if (squeezed.empty() || text.size() > 64) return nullptr;
  for (const Row& row : table) {
    for (const absl::string_view spelling : row.spellings) {
      if (spelling == squeezed) return &row;
    }
  }
  return nullptr;
}

template <typename Row, size_t kSize>
std::string Names(const Row (&table)[kSize]) {
  return absl::StrJoin(table, ", ", [](std::string* out, const Row& row) {
    absl::StrAppend(out, row.name);
  });
}

}  // namespace

size_t DigestSize(HashAlgorithm hash) { return RowOf(kHashes, hash).octets; }

bool DigestFits(HashAlgorithm hash, size_t size) {
  return hash == HashAlgorithm::kUnhashed ? size <= kMaxMessageSize
                                          : size == DigestSize(hash);
}

bool IsRsa(KeyType type) { return RowOf(kKeys, type).family == Family::kRsa; }

int KeyBits(KeyType type) { return RowOf(kKeys, type).bits; }

bool Fits(KeyType key, SignatureAlgorithm signature) {
  return RowOf(kKeys, key).family == RowOf(kSignatures, signature).family;
}

bool Fits(SignatureAlgorithm signature, HashAlgorithm hash) {
  return (signature == SignatureAlgorithm::kEd25519) ==
         (hash == HashAlgorithm::kUnhashed);
}

std::vector<SignatureAlgorithm> AlgorithmsFor(KeyType key) {
  std::vector<SignatureAlgorithm> algorithms;
  for (const SignatureRow& row : kSignatures) {
    if (Fits(key, row.type)) algorithms.push_back(row.type);
  }
  return algorithms;
}

HashAlgorithm DefaultHash(KeyType key) {
  return RowOf(kKeys, key).default_hash;
}

absl::string_view ToString(KeyType type) { return RowOf(kKeys, type).name; }

absl::string_view ToString(HashAlgorithm hash) {
  return RowOf(kHashes, hash).name;
}

absl::string_view ToString(SignatureAlgorithm algorithm) {
  return RowOf(kSignatures, algorithm).name;
}

absl::string_view ToString(EcdsaForm form) { return RowOf(kForms, form).name; }

absl::StatusOr<KeyType> ParseKeyType(absl::string_view text) {
  const KeyRow* row = FindSpelling(kKeys, text);
  if (row != nullptr) return row->type;
  return error::UnknownAlgorithm("key type", text, Names(kKeys));
}

absl::StatusOr<HashAlgorithm> ParseHashAlgorithm(absl::string_view text) {
  const HashRow* row = FindSpelling(kHashes, text);
  if (row != nullptr) return row->type;
  const std::string squeezed = Squeeze(text);
  for (const WeakRow& weak : kWeakHashes) {
    if (weak.spelling == squeezed) return error::WeakHash(weak.name);
  }
  return error::UnknownAlgorithm("hash algorithm", text, Names(kHashes));
}

absl::StatusOr<SignatureAlgorithm> ParseSignatureAlgorithm(
    absl::string_view text) {
  const SignatureRow* row = FindSpelling(kSignatures, text);
  if (row != nullptr) return row->type;
  return error::UnknownAlgorithm("signature algorithm", text,
                                 Names(kSignatures));
}

absl::StatusOr<EcdsaForm> ParseEcdsaForm(absl::string_view text) {
  const FormRow* row = FindSpelling(kForms, text);
  if (row != nullptr) return row->type;
  return error::UnknownAlgorithm("ECDSA form", text, Names(kForms));
}

}  // namespace countersign::core
