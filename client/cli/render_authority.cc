#include "client/cli/render_authority.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/openssl.h"
#include "client/cli/certificate_format.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

std::string When(const google::protobuf::Timestamp& time, bool there,
                 absl::Time now) {
  return there ? TimeTextFrom(FromProto(time), now) : "";
}

// RFC 2253 form, UTF-8 left alone; "" where it cannot be read.
std::string NameText(const X509_NAME* name) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), name, 0,
                         XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return "";
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

struct Names {
  std::string subject;
  std::string issuer;
};

// Of the first certificate.
Names NamesOf(const v1::CertificateAuthority& authority) {
  const auto chain = CertificatesOf(authority.certificate_chain_pem());
  if (!chain.ok()) return {};
  const auto own = base::ParseCertificateDer(chain->front());
  if (!own.ok()) return {};
  return {NameText(X509_get_subject_name(own->get())),
          NameText(X509_get_issuer_name(own->get()))};
}

std::string StateOf(const v1::IssuedCertificate& one, absl::Time now) {
  if (one.has_revocation()) {
    return absl::StrCat("revoked ",
                        TimeText(FromProto(one.revocation().revoke_time())),
                        ", ", ReasonText(one.revocation().reason()));
  }
  return FromProto(one.not_after()) < now ? "ended" : "good";
}

}  // namespace

std::string RenderAuthorities(
    const std::vector<v1::CertificateAuthority>& authorities, absl::Time now) {
  if (authorities.empty()) return "no certificate authorities\n";
  TextTable table({"NAME", "SUBJECT", "EXPIRES", "CRL UNTIL", "PROFILES"});
  for (const v1::CertificateAuthority& one : authorities) {
    table.AddRow({one.name(), NamesOf(one).subject,
                  When(one.certificate_expire_time(),
                       one.has_certificate_expire_time(), now),
                  When(one.crl_next_update(), one.has_crl_next_update(), now),
                  absl::StrJoin(one.profiles(), ",")});
  }
  return table.Format();
}

std::string RenderAuthority(const v1::CertificateAuthority& authority,
                            absl::Time now) {
  const Names names = NamesOf(authority);
  TextBlock block;
  block.Add("Certificate authority", authority.name());
  block.Add("Subject", names.subject);
  block.Add("Issuer", names.issuer == names.subject
                          ? absl::StrCat(names.issuer, " (itself)")
                          : names.issuer);
  block.Add("Expires", When(authority.certificate_expire_time(),
                            authority.has_certificate_expire_time(), now));
  block.Add("Profiles", absl::StrJoin(authority.profiles(), ", "));
  block.Add("CRL",
            authority.crl().empty()
                ? "none has been signed yet"
                : absl::StrCat("good until ",
                               When(authority.crl_next_update(),
                                    authority.has_crl_next_update(), now)));
  block.AddIf("CRL is fetched from", authority.crl_url());
  return block.Format();
}

std::string RenderIssued(const v1::KeyVersion& key, absl::Time now) {
  if (key.issued_certificates().empty()) return "";
  TextTable table(
      {"STATE", "AUTHORITY", "PROFILE", "ISSUED", "EXPIRES", "SERIAL"});
  for (int i = key.issued_certificates_size() - 1; i >= 0; --i) {
    const v1::IssuedCertificate& one = key.issued_certificates(i);
    table.AddRow({StateOf(one, now), one.certificate_authority(), one.profile(),
                  TimeText(FromProto(one.not_before())),
                  TimeTextFrom(FromProto(one.not_after()), now), one.serial()});
  }
  return table.Format();
}

std::string ReasonText(v1::Revocation::Reason reason) {
  if (reason == v1::Revocation::REASON_UNSPECIFIED) return "unspecified";
  return absl::StrReplaceAll(
      absl::AsciiStrToLower(v1::Revocation::Reason_Name(reason)), {{"_", "-"}});
}

}  // namespace countersign::client
