#include "client/cli/algorithm_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

template <typename Enum>
struct Row {
  Enum value;
  const char* name;                 // as we write it
  std::vector<const char*> others;  // read as well, plain form
};

const std::vector<Row<v1::HashAlgorithm>>& Hashes() {
  static const auto& rows = *new std::vector<Row<v1::HashAlgorithm>>{
      {v1::SHA256, "SHA-256", {}},
      {v1::SHA384, "SHA-384", {}},
      {v1::SHA512, "SHA-512", {}},
  };
  return rows;
}

// With what an operation may allow instead of a hash.
const std::vector<Row<v1::HashAlgorithm>>& HashesAndNone() {
  static const auto& rows = *[] {
    auto* all = new std::vector<Row<v1::HashAlgorithm>>(Hashes());
    all->push_back({v1::UNHASHED, "UNHASHED", {"NONE"}});
    return all;
  }();
  return rows;
}

const std::vector<Row<v1::SignatureAlgorithm>>& Algorithms() {
  static const auto& rows = *new std::vector<Row<v1::SignatureAlgorithm>>{
      {v1::RSASSA_PKCS1_V1_5, "RSASSA-PKCS1-V1_5", {"PKCS1", "RSAPKCS1"}},
      {v1::RSASSA_PSS, "RSASSA-PSS", {"PSS", "RSAPSS"}},
      {v1::ECDSA, "ECDSA", {}},
      {v1::ED25519, "ED25519", {"EDDSA"}},
  };
  return rows;
}

const std::vector<Row<v1::KeyType>>& KeyTypes() {
  static const auto& rows = *new std::vector<Row<v1::KeyType>>{
      {v1::RSA2048, "RSA2048", {}},
      {v1::RSA3072, "RSA3072", {}},
      {v1::RSA4096, "RSA4096", {}},
      {v1::EC_P256, "P-256", {"ECP256", "EC256", "ECDSAP256"}},
      {v1::EC_P384, "P-384", {"ECP384", "EC384", "ECDSAP384"}},
      {v1::EC_P521, "P-521", {"ECP521", "EC521", "ECDSAP521"}},
      {v1::EC_EDWARDS25519, "Ed25519", {"ECEDWARDS25519", "EDWARDS25519"}},
  };
  return rows;
}

const std::vector<Row<v1::EcdsaForm>>& EcdsaForms() {
  static const auto& rows = *new std::vector<Row<v1::EcdsaForm>>{
      {v1::DER, "der", {}},
      {v1::FIXED_WIDTH, "fixed-width", {"P1363"}},
  };
  return rows;
}

// "RSASSA-PKCS1-V1_5" -> "RSASSAPKCS1V15".
std::string Plain(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '-' && c != '_' && c != ' ') out += absl::ascii_toupper(c);
  }
  return out;
}

template <typename Enum>
absl::StatusOr<Enum> Find(const std::vector<Row<Enum>>& rows,
                          absl::string_view text, absl::string_view what,
                          const char* reason) {
  const std::string plain = Plain(text);
  std::vector<std::string> names;
  for (const Row<Enum>& row : rows) {
    if (plain == Plain(row.name)) return row.value;
    for (const char* other : row.others) {
      if (plain == other) return row.value;
    }
    names.push_back(row.name);
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("unknown ", what, " \"", base::EscapeForDisplay(text),
                   "\"; right is one of ", absl::StrJoin(names, ", ")),
      Because(reason));
}

template <typename Enum>
std::string NameOf(const std::vector<Row<Enum>>& rows, Enum value) {
  for (const Row<Enum>& row : rows) {
    if (row.value == value) return row.name;
  }
  return "unspecified";
}

}  // namespace

absl::StatusOr<v1::HashAlgorithm> ReadHash(absl::string_view text) {
  return Find(Hashes(), text, "hash", "HASH_UNKNOWN");
}
absl::StatusOr<v1::HashAlgorithm> ReadAllowedHash(absl::string_view text) {
  return Find(HashesAndNone(), text, "hash", "HASH_UNKNOWN");
}
absl::StatusOr<v1::SignatureAlgorithm> ReadAlgorithm(absl::string_view text) {
  return Find(Algorithms(), text, "signature algorithm", "ALGORITHM_UNKNOWN");
}
absl::StatusOr<v1::KeyType> ReadKeyType(absl::string_view text) {
  return Find(KeyTypes(), text, "key type", "KEY_TYPE_UNKNOWN");
}
absl::StatusOr<v1::EcdsaForm> ReadEcdsaForm(absl::string_view text) {
  return Find(EcdsaForms(), text, "form of ECDSA signatures",
              "ECDSA_FORM_UNKNOWN");
}

std::string Format(v1::HashAlgorithm hash) {
  return NameOf(HashesAndNone(), hash);
}
std::string Format(v1::SignatureAlgorithm algorithm) {
  return NameOf(Algorithms(), algorithm);
}
std::string Format(v1::KeyType type) { return NameOf(KeyTypes(), type); }

v1::HashAlgorithm ToWire(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha256:
      return v1::SHA256;
    case HashAlgorithm::kSha384:
      return v1::SHA384;
    case HashAlgorithm::kSha512:
      return v1::SHA512;
  }
  return v1::HASH_ALGORITHM_UNSPECIFIED;
}

HashAlgorithm FromWire(v1::HashAlgorithm hash) {
  if (hash == v1::SHA384) return HashAlgorithm::kSha384;
  if (hash == v1::SHA512) return HashAlgorithm::kSha512;
  return HashAlgorithm::kSha256;
}

base::SignatureScheme SchemeOf(v1::SignatureAlgorithm algorithm) {
  if (algorithm == v1::RSASSA_PSS) return base::SignatureScheme::kRsaPss;
  if (algorithm == v1::ECDSA) return base::SignatureScheme::kEcdsa;
  if (algorithm == v1::ED25519) return base::SignatureScheme::kEd25519;
  return base::SignatureScheme::kRsaPkcs1;
}

}  // namespace countersign::client
