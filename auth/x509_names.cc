#include "auth/x509_names.h"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

// RFC 2253, but letters outside ASCII stay letters and are not escaped octets:
// people write them into group rules.
constexpr unsigned long kNameFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

absl::string_view Octets(const ASN1_STRING* s) {
  return absl::string_view(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
      static_cast<size_t>(ASN1_STRING_length(s)));
}

// An attribute's value must be text that shows as what it is.
absl::Status CheckAttribute(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  const base::OpensslString owner(reinterpret_cast<char*>(utf8));
  if (size < 0) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "a distinguished name holds a value that is no "
                              "text");
  }
  const absl::string_view text(owner.get(), static_cast<size_t>(size));
  const std::string shown = base::EscapeForDisplay(text);
  if (shown != text) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a distinguished name holds control characters: \"", shown, "\""));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> VisibleAscii(const ASN1_STRING* value) {
  const absl::string_view text = Octets(value);
  if (!std::all_of(text.begin(), text.end(),
                   [](char c) { return c > ' ' && c <= '~'; })) {
    return absl::InvalidArgumentError(
        absl::StrCat("a subject alternative name holds other than visible "
                     "ASCII characters: \"",
                     base::EscapeForDisplay(text), "\""));
  }
  return std::string(text);
}

absl::StatusOr<absl::Time> ReadTime(const ASN1_TIME* time) {
  std::tm tm = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "a validity date that is no date");
  }
  return absl::FromCivil(
      absl::CivilSecond(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                        tm.tm_hour, tm.tm_min, tm.tm_sec),
      absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<std::string> FormatName(const X509_NAME* name) {
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    RETURN_IF_ERROR(
        CheckAttribute(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i))));
  }
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), name, /*indent=*/0, kNameFlags) < 0) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "a distinguished name that cannot be written");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  if (size <= 0) return std::string();
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<AlternativeNames> ReadAlternativeNames(const X509* certificate) {
  int critical = 0;
  const base::GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  AlternativeNames out;
  if (names == nullptr) {
    // -1: there is none. Otherwise it is malformed, or there twice (-2).
    if (critical == -1) return out;
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "malformed or doubled subjectAltName");
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value =
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_URI && type != GEN_EMAIL) continue;
    ASSIGN_OR_RETURN(std::string text,
                     VisibleAscii(static_cast<const ASN1_STRING*>(value)));
    (type == GEN_URI ? out.uris : out.emails).push_back(std::move(text));
  }
  return out;
}

absl::StatusOr<ValidityPeriod> ReadValidity(const X509* certificate) {
  ValidityPeriod period;
  ASSIGN_OR_RETURN(period.not_before,
                   ReadTime(X509_get0_notBefore(certificate)));
  ASSIGN_OR_RETURN(period.not_after, ReadTime(X509_get0_notAfter(certificate)));
  return period;
}

std::string FormatUtc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace countersign::auth
