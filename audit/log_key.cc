#include "audit/log_key.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

// OpenSSL would ask on the terminal for the passphrase of an encrypted key.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

absl::StatusOr<NoteSigner> LoadLogKey(const std::string& path,
                                      absl::string_view origin) {
  ASSIGN_OR_RETURN(const base::SecretBytes pem, base::ReadSecretText(path));
  const absl::string_view text = pem.DangerouslyExpose();
  const base::BioPtr bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  base::EvpPkeyPtr key(
      bio == nullptr
          ? nullptr
          : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return base::OpensslError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(path,
                     " holds no private key as unencrypted PEM; make one "
                     "with: openssl genpkey -algorithm ed25519"));
  }
  absl::StatusOr<NoteSigner> signer =
      NoteSigner::Create(origin, std::move(key));
  if (!signer.ok()) return base::Annotate(signer.status(), path);
  return signer;
}

}  // namespace countersign::audit
