#include "client/cli/pinned_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/artifact/public_key.h"
#include "client/cli/resource_names.h"

namespace countersign::client {

absl::StatusOr<PinnedKey> FetchKey(Connection& connection,
                                   absl::string_view reference) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(reference));
  ASSIGN_OR_RETURN(v1::KeyVersion version, KeyClient(connection).Get(name));
  PinnedKey key;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(version.name(), absl::MaxSplits("/keyVersions/", 1));
  key.operation = parts.first;
  key.key_version = version.name();
  key.type = version.key_type();
  key.pem = version.public_key_pem();
  key.chain_pem = version.certificate_chain_pem();
  ASSIGN_OR_RETURN(key.spki_der, ReadPublicKey(key.pem));
  key.spki_sha256 = base::Sha256Hex(key.spki_der);
  if (!base::SameDigest(key.spki_sha256, version.spki_sha256())) {
    return base::MakeError(
        absl::StatusCode::kDataLoss,
        absl::StrCat("the server's public key of ", key.key_version,
                     " is not the one whose digest it names"),
        Because("KEY_DAMAGED", {{"resource", key.key_version}}));
  }
  return key;
}

absl::Status CheckSignsNow(Connection& connection, const PinnedKey& key,
                           absl::string_view reference) {
  ASSIGN_OR_RETURN(const std::string name, KeyNameFrom(reference));
  if (name == key.operation) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::KeyVersion signing,
                   KeyClient(connection).Get(key.operation));
  if (signing.name() == key.key_version) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(key.key_version, " signs no more: ", key.operation,
                   " signs with ", signing.name(),
                   "; name the operation or that version"),
      Because("KEY_NOT_SIGNING", {{"resource", key.key_version}}));
}

}  // namespace countersign::client
