#include "server/tls_files.h"

#include <sys/stat.h>

#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/log.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "server/config/config_files.h"

namespace countersign::server {
namespace {

constexpr char kCertificate[] = "listen.certificate_file: ";
constexpr char kPrivateKey[] = "listen.private_key_file: ";
constexpr char kClientCa[] = "identity.client_ca_file: ";

absl::Status Refused(const char* field, absl::string_view why) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(field, why));
}

// Says so and asks nobody.
int NoPassphrase(char*, int, int, void*) { return 0; }

// The text that is used is the text that is checked: the file is read once.
absl::Status CheckPair(X509* leaf, const base::SecretBytes& key_pem) {
  const absl::string_view pem = key_pem.DangerouslyExpose();
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const base::EvpPkeyPtr key(
      bio == nullptr
          ? nullptr
          : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return Refused(kPrivateKey, "no private key in PEM without passphrase");
  }
  if (X509_check_private_key(leaf, key.get()) != 1) {
    return Refused(kPrivateKey,
                   "is not the key of the first certificate in "
                   "certificate_file");
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(X509* leaf, absl::Time now) {
  std::time_t seconds = absl::ToTimeT(now);
  if (X509_cmp_time(X509_get0_notAfter(leaf), &seconds) < 0) {
    return Refused(kCertificate, "its first certificate is expired");
  }
  if (X509_cmp_time(X509_get0_notBefore(leaf), &seconds) > 0) {
    return Refused(kCertificate, "its first certificate is not valid yet");
  }
  return absl::OkStatus();
}

int64_t Nanoseconds(const timespec& t) {
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

// Of the first certificate, as openssl x509 -fingerprint -sha256 has it but for
// case and colons.
std::string Fingerprint(const TlsIdentity& identity) {
  const auto blocks = base::ParsePem(identity.certificate_pem);
  if (!blocks.ok() || blocks->empty()) return "";
  return absl::BytesToHexString(base::Sha256(blocks->front().contents));
}

}  // namespace

absl::StatusOr<TlsIdentity> ReadTlsFiles(const TlsPaths& paths,
                                         absl::Time now) {
  TlsIdentity identity;
  absl::StatusOr<CertificateFile> chain =
      ReadCertificateFile(paths.certificate);
  if (!chain.ok()) return Refused(kCertificate, chain.status().message());
  absl::StatusOr<base::SecretBytes> key =
      base::ReadSecretText(paths.private_key);
  if (!key.ok()) return Refused(kPrivateKey, key.status().message());
  absl::StatusOr<CertificateFile> authorities =
      ReadCertificateFile(paths.client_ca);
  if (!authorities.ok()) {
    return Refused(kClientCa, authorities.status().message());
  }
  RETURN_IF_ERROR(CheckPair(chain->certificates[0].get(), *key));
  RETURN_IF_ERROR(CheckTimes(chain->certificates[0].get(), now));
  for (const base::X509Ptr& certificate : authorities->certificates) {
    // 0: no CA. Version 1 certificates and old roots count as CAs.
    if (X509_check_ca(certificate.get()) == 0) {
      return Refused(kClientCa, "holds a certificate that is no CA's");
    }
  }
  identity.certificate_pem = std::move(chain->pem);
  identity.private_key_pem = *std::move(key);
  identity.client_ca_pem = std::move(authorities->pem);
  return identity;
}

TlsFiles::TlsFiles(TlsPaths paths, CurrentTls& current,
                   const base::Clock& clock, Apply apply)
    : paths_(std::move(paths)),
      current_(current),
      clock_(clock),
      apply_(std::move(apply)) {}

TlsFiles::Stamp TlsFiles::StampOf(const std::string& path) {
  struct stat info = {};
  // A file that is away for a moment is a state like others: size -1.
  if (stat(path.c_str(), &info) != 0) return Stamp();
  return {info.st_dev, info.st_ino, int64_t{info.st_size},
          Nanoseconds(info.st_mtim), Nanoseconds(info.st_ctim)};
}

absl::StatusOr<bool> TlsFiles::Load() {
  ASSIGN_OR_RETURN(TlsIdentity fresh, ReadTlsFiles(paths_, clock_.Now()));
  if (fresh == *current_.Get()) return false;
  if (apply_) RETURN_IF_ERROR(apply_(fresh));
  const std::string fingerprint = Fingerprint(fresh);
  current_.Replace(std::move(fresh));
  base::Log(base::Severity::kInfo, "tls_files_reloaded",
            {{"certificate_sha256", base::Json(fingerprint)}});
  return true;
}

bool TlsFiles::Poll() {
  const std::array<Stamp, 3> now = {StampOf(paths_.certificate),
                                    StampOf(paths_.private_key),
                                    StampOf(paths_.client_ca)};
  if (!(now == seen_)) {
    // Whoever is writing gets until the next poll.
    seen_ = now;
    pending_ = true;
    return false;
  }
  if (!pending_) return false;
  const absl::StatusOr<bool> loaded = Load();
  if (loaded.ok()) {
    pending_ = false;
    fault_.clear();
    return *loaded;
  }
  const std::string fault(loaded.status().message());
  if (fault != fault_) {
    fault_ = fault;
    base::Log(base::Severity::kError, "tls_files_refused",
              {{"cause", base::Json(fault)}});
  }
  return false;
}

}  // namespace countersign::server
