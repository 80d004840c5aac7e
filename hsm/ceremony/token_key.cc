#include "hsm/ceremony/token_key.h"

#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"
#include "hsm/errors.h"
#include "hsm/key_pair.h"
#include "hsm/object_template.h"

namespace countersign::hsm {
namespace {

// More than a token for signing keys holds.
constexpr size_t kMaxObjects = 10000;
// PKCS#11 has no bound; modules store it in one line.
constexpr size_t kMaxKeyId = 255;

constexpr core::KeyType kTypes[] = {
    core::KeyType::kRsa2048, core::KeyType::kRsa3072, core::KeyType::kRsa4096,
    core::KeyType::kEcP256,  core::KeyType::kEcP384,  core::KeyType::kEcP521,
    core::KeyType::kEd25519,
};

using Name = std::pair<std::string, std::string>;  // label, id
using Summaries = std::map<Name, KeySummary>;

absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindAll(
    Session& session, CK_OBJECT_CLASS object_class) {
  ObjectTemplate wanted;
  wanted.Number(CKA_CLASS, object_class).Bool(CKA_TOKEN, true);
  return session.FindObjects(wanted, kMaxObjects);
}

absl::Status AddHalves(Session& session, CK_OBJECT_CLASS object_class,
                       std::vector<CK_OBJECT_HANDLE> KeySummary::*half,
                       Summaries& all) {
  ASSIGN_OR_RETURN(const auto objects, FindAll(session, object_class));
  for (const CK_OBJECT_HANDLE object : objects) {
    ASSIGN_OR_RETURN(const std::string id,
                     session.GetAttribute(object, CKA_ID));
    ASSIGN_OR_RETURN(const std::string label,
                     session.GetAttribute(object, CKA_LABEL));
    KeySummary& key = all[{label, id}];
    key.id = id;
    key.label = label;
    (key.*half).push_back(object);
  }
  return absl::OkStatus();
}

absl::Status AddCertificates(Session& session, Summaries& all) {
  ASSIGN_OR_RETURN(const auto objects, FindAll(session, CKO_CERTIFICATE));
  for (const CK_OBJECT_HANDLE object : objects) {
    ASSIGN_OR_RETURN(const std::string id,
                     session.GetAttribute(object, CKA_ID));
    for (auto& [name, key] : all) {
      if (key.id == id) key.certificates.push_back(object);
    }
  }
  return absl::OkStatus();
}

bool IsRsaObject(Session& session, CK_OBJECT_HANDLE key) {
  const absl::StatusOr<std::string> type =
      session.GetAttribute(key, CKA_KEY_TYPE);
  CK_KEY_TYPE rsa = CKK_RSA;
  return type.ok() &&
         *type == absl::string_view(reinterpret_cast<char*>(&rsa), sizeof rsa);
}

// The type and SPKI are what the server would read: its reading is tried with
// each type that there is.
absl::StatusOr<core::KeyRef> Identify(Session& session, const KeySummary& key) {
  const CK_OBJECT_HANDLE object = key.public_keys.front();
  const bool rsa = IsRsaObject(session, object);
  core::KeyRef ref;
  ref.key_id = key.id;
  ref.label = key.label;
  absl::Status last = error::KeyMissing(key.label, key.id);
  for (const core::KeyType type : kTypes) {
    if (core::IsRsa(type) != rsa) continue;
    ref.type = type;
    absl::StatusOr<std::string> spki = ReadSpki(session, object, ref);
    if (spki.ok()) {
      ref.spki = *std::move(spki);
      return ref;
    }
    last = spki.status();
  }
  return last;
}

std::string Describe(const KeyName& name) {
  std::string text;
  if (!name.label.empty()) {
    absl::StrAppend(&text, "labelled \"", base::EscapeForDisplay(name.label),
                    "\"");
  }
  if (!name.id.empty()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "with id ",
                    base::HexEncode(name.id));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<KeySummary>> ListKeys(Session& session) {
  Summaries all;
  RETURN_IF_ERROR(
      AddHalves(session, CKO_PRIVATE_KEY, &KeySummary::private_keys, all));
  RETURN_IF_ERROR(
      AddHalves(session, CKO_PUBLIC_KEY, &KeySummary::public_keys, all));
  RETURN_IF_ERROR(AddCertificates(session, all));
  std::vector<KeySummary> keys;
  for (auto& [name, key] : all) {
    if (!key.public_keys.empty()) {
      const absl::StatusOr<core::KeyRef> ref = Identify(session, key);
      key.type =
          ref.ok() ? std::string(core::ToString(ref->type)) : "unsupported";
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::StatusOr<std::string> ParseKeyId(const std::string& hex) {
  const absl::StatusOr<std::string> octets = base::HexDecode(hex);
  if (!octets.ok() || octets->size() > kMaxKeyId) {
    return error::BadKeyId(absl::StrCat("a key id is 1 to ", kMaxKeyId,
                                        " octets in hexadecimal, not \"", hex,
                                        "\""));
  }
  return octets;
}

absl::StatusOr<KeySummary> FindKey(Session& session, const KeyName& name) {
  ASSIGN_OR_RETURN(std::vector<KeySummary> keys, ListKeys(session));
  std::vector<std::string> labels;
  std::vector<std::string> ids;
  KeySummary* found = nullptr;
  for (KeySummary& key : keys) {
    labels.push_back(key.label);
    if (!name.label.empty() && key.label != name.label) continue;
    if (!name.id.empty() && key.id != name.id) continue;
    ids.push_back(base::HexEncode(key.id));
    found = &key;
  }
  if (found == nullptr) return error::NoSuchKey(Describe(name), labels);
  if (ids.size() > 1) return error::KeyAmbiguous(name.label, ids);
  return std::move(*found);
}

absl::StatusOr<TokenKey> LoadKey(Session& session, const KeyName& name) {
  ASSIGN_OR_RETURN(KeySummary key, FindKey(session, name));
  core::KeyRef ref;
  ref.key_id = key.id;
  ref.label = key.label;
  // Says what is wrong where a half is missing or doubled.
  ASSIGN_OR_RETURN(const auto pair, FindKeyPair(session, ref));
  if (!pair.has_value()) return error::KeyMissing(ref.label, ref.key_id);
  ASSIGN_OR_RETURN(ref, Identify(session, key));
  return TokenKey{std::move(ref), *pair, std::move(key.certificates)};
}

}  // namespace countersign::hsm
