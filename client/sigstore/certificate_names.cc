#include "client/sigstore/certificate_names.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_macros.h"

namespace countersign::client {
namespace {

void AppendNames(const char* kind, const std::vector<std::string>& names,
                 std::string& text) {
  for (const std::string& name : names) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", kind, " ", name);
  }
}

bool Contains(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool CertificateNames::Holds(absl::string_view name) const {
  return Contains(uris, name) || Contains(emails, name) || Contains(dns, name);
}

std::string CertificateNames::Format() const {
  std::string text;
  AppendNames("URI", uris, text);
  AppendNames("email", emails, text);
  AppendNames("DNS", dns, text);
  return text.empty() ? "no name" : text;
}

absl::StatusOr<CertificateNames> ReadCertificateNames(absl::string_view der) {
  ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                   base::ParseCertificateDer(der));
  CertificateNames names;
  const base::GeneralNamesPtr list(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
      certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; list != nullptr && i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    std::vector<std::string>* kind = nullptr;
    if (name->type == GEN_URI) kind = &names.uris;
    if (name->type == GEN_EMAIL) kind = &names.emails;
    if (name->type == GEN_DNS) kind = &names.dns;
    if (kind == nullptr) continue;
    std::string text(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.ia5)),
        ASN1_STRING_length(name->d.ia5));
    if (text.find('\0') == std::string::npos) kind->push_back(std::move(text));
  }
  return names;
}

}  // namespace countersign::client
