#include "client/api/credentials.h"

#include <ctime>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

absl::Status Unreadable(absl::string_view what, const std::string& path,
                        absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat(what, " ", path, ": ", why),
                         Because("CREDENTIALS_UNREADABLE", {{"file", path}}));
}

absl::StatusOr<std::string> ReadPem(absl::string_view what,
                                    const std::string& path) {
  absl::StatusOr<std::string> text = base::ReadFile(path, kMaxBytes);
  if (!text.ok()) {
    // The message of ReadFile names the path itself.
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat(what, ": ", text.status().message()),
                           Because("CREDENTIALS_UNREADABLE", {{"file", path}}));
  }
  return text;
}

// The first certificate of `pem`.
absl::StatusOr<base::X509Ptr> FirstCertificate(absl::string_view what,
                                               const std::string& path,
                                               const std::string& pem) {
  const auto blocks = base::ParsePem(pem);
  if (!blocks.ok()) return Unreadable(what, path, blocks.status().message());
  for (const base::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") continue;
    auto certificate = base::ParseCertificateDer(block.contents);
    if (!certificate.ok()) {
      return Unreadable(what, path, certificate.status().message());
    }
    return certificate;
  }
  return Unreadable(what, path, "holds no CERTIFICATE block (PEM)");
}

absl::StatusOr<base::EvpPkeyPtr> ReadKey(const std::string& path,
                                         const base::SecretBytes& pem) {
  const absl::string_view text = pem.DangerouslyExpose();
  const base::BioPtr bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // An encrypted key is refused instead of asking for its password: pipelines
  // have nobody to ask.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  ERR_clear_error();
  base::EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    return Unreadable(
        "private key", path,
        base::OpensslError(absl::StatusCode::kInvalidArgument,
                           "no unencrypted private key in PEM form")
            .message());
  }
  return key;
}

std::string NameText(X509_NAME* name) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

absl::Status CheckTime(X509* certificate, const std::string& path,
                       const std::string& subject, absl::Time now) {
  const absl::Time from = TimeOf(X509_get0_notBefore(certificate));
  const absl::Time to = TimeOf(X509_get0_notAfter(certificate));
  if (now >= from && now < to) return absl::OkStatus();
  const bool expired = now >= to;
  return base::MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("client certificate ", path, " (", subject, ") ",
                   expired ? "expired on " : "is valid only from ",
                   absl::FormatTime(absl::RFC3339_sec, expired ? to : from,
                                    absl::UTCTimeZone()),
                   expired ? "; a new one is needed" : ""),
      Because(expired ? "CERTIFICATE_EXPIRED" : "CERTIFICATE_NOT_YET_VALID",
              {{"file", path}, {"subject", subject}}));
}

absl::Status LoadCertificate(const CredentialFiles& files, absl::Time now,
                             Credentials& out) {
  ASSIGN_OR_RETURN(out.certificate_pem,
                   ReadPem("client certificate", files.certificate_file));
  ASSIGN_OR_RETURN(
      const base::X509Ptr certificate,
      FirstCertificate("client certificate", files.certificate_file,
                       out.certificate_pem));
  ASSIGN_OR_RETURN(std::string key_text,
                   ReadPem("private key", files.private_key_file));
  out.private_key_pem = base::SecretBytes(key_text);
  OPENSSL_cleanse(key_text.data(), key_text.size());
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key,
                   ReadKey(files.private_key_file, out.private_key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("private key ", files.private_key_file,
                     " does not belong to the certificate ",
                     files.certificate_file),
        Because("KEY_MISMATCH", {{"file", files.private_key_file}}));
  }
  out.subject = NameText(X509_get_subject_name(certificate.get()));
  out.issuer = NameText(X509_get_issuer_name(certificate.get()));
  out.expire_time = TimeOf(X509_get0_notAfter(certificate.get()));
  return CheckTime(certificate.get(), files.certificate_file, out.subject, now);
}

}  // namespace

absl::StatusOr<Credentials> LoadCredentials(const CredentialFiles& files,
                                            absl::Time now) {
  Credentials out;
  if (!files.ca_file.empty()) {
    ASSIGN_OR_RETURN(out.ca_pem, ReadPem("CA file", files.ca_file));
    RETURN_IF_ERROR(
        FirstCertificate("CA file", files.ca_file, out.ca_pem).status());
  }
  if (!files.certificate_file.empty() || !files.private_key_file.empty()) {
    RETURN_IF_ERROR(LoadCertificate(files, now, out));
  }
  return out;
}

}  // namespace countersign::client
