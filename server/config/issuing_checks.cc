#include "server/config/issuing_checks.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/issue_certificate.h"
#include "base/encoding.h"
#include "hsm/token_options.h"
#include "server/config/bounds.h"
#include "server/config/config_files.h"
#include "server/config/site_name.h"
#include "server/config/url_check.h"

namespace countersign::server {
namespace {

constexpr int kMaxAuthorities = 16;
constexpr int kMaxProfiles = 64;

// One authority. Empty required texts are passed over: the reader has
// complained.
class AuthorityChecker {
 public:
  AuthorityChecker(const ::config::v1::IssuingCa& in, std::string field,
                   const ServerConfig::Hsm& hsm, const std::string& path,
                   absl::Time now, Mistakes& mistakes)
      : in_(in),
        field_(std::move(field)),
        hsm_(hsm),
        path_(path),
        now_(now),
        mistakes_(mistakes) {}

  core::IssuingCa Run() && {
    Certificate();
    out_.name = in_.name();
    CheckSiteName(Field("name"), in_.name(), mistakes_);
    Key();
    out_.crl_url = in_.crl_url();
    if (!out_.crl_url.empty()) {
      Add(Field("crl_url"), CheckUrl(out_.crl_url, UrlSchemes::kAny));
    }
    Duration(Field("crl_validity"), in_.crl_validity(), absl::Hours(1),
             absl::Hours(2160), out_.crl_validity);
    if (in_.profiles_size() > kMaxProfiles) {
      mistakes_.Add(Field("profiles"),
                    absl::StrCat("has ", in_.profiles_size(),
                                 " entries; must have 1 to ", kMaxProfiles));
    }
    for (int i = 0; i < in_.profiles_size(); ++i) {
      out_.profiles.push_back(
          Profile(in_.profiles(i), Field(absl::StrCat("profiles[", i, "]"))));
    }
    return std::move(out_);
  }

 private:
  std::string Field(absl::string_view name) const {
    return absl::StrCat(field_, ".", name);
  }
  void Add(const std::string& field, const absl::Status& status) {
    if (!status.ok()) mistakes_.Add(field, status.message());
  }
  // `out` keeps its default where `text` is empty.
  void Duration(const std::string& field, const std::string& text,
                absl::Duration min, absl::Duration max, absl::Duration& out) {
    if (!text.empty()) out = DurationWithin(field, text, min, max, mistakes_);
  }

  // First: all else is added to what it finds.
  void Certificate() {
    if (in_.certificate_file().empty()) return;
    const absl::StatusOr<CertificateFile> file =
        ReadCertificateFile(ResolvePath(path_, in_.certificate_file()));
    Add(Field("certificate_file"), file.status());
    if (!file.ok()) return;
    absl::StatusOr<core::IssuingCa> ca = auth::ReadIssuingCa(file->pem, now_);
    Add(Field("certificate_file"), ca.status());
    if (ca.ok()) out_ = *std::move(ca);
  }

  void Key() {
    absl::StatusOr<std::string> id = base::HexDecode(in_.key_id());
    if (!id.ok() && !in_.key_id().empty()) {
      mistakes_.Add(Field("key_id"),
                    "must be CKA_ID in hexadecimal, as in \"0a1b\"");
    }
    if (id.ok()) out_.key.key_id = *std::move(id);
    out_.key.label = in_.key_label();
    const std::string& token =
        in_.token().empty() ? hsm_.default_token : in_.token();
    out_.key.tokens = {token};
    std::vector<std::string> names;
    for (const hsm::TokenOptions& t : hsm_.tokens) names.push_back(t.name);
    if (in_.token().empty() ||
        std::find(names.begin(), names.end(), token) != names.end()) {
      return;
    }
    mistakes_.Add(Field("token"),
                  absl::StrCat("no token is named \"", token, "\"; there are ",
                               absl::StrJoin(names, ", ")));
  }

  core::CertificateProfile Profile(const ::config::v1::CertificateProfile& in,
                                   const std::string& field) {
    core::CertificateProfile out;
    out.id = in.id();
    CheckSiteName(field + ".id", in.id(), mistakes_);
    out.subject = in.subject();
    if (!in.subject().empty()) {
      Add(field + ".subject", auth::CheckSubjectTemplate(in.subject()));
    }
    Duration(field + ".validity", in.validity(), absl::Hours(1),
             absl::Hours(87600), out.validity);
    // The default of a certificate that lives for days is no month.
    out.renew_before = std::min(out.renew_before, out.validity / 2);
    Duration(field + ".renew_before", in.renew_before(), absl::Minutes(1),
             out.validity / 2, out.renew_before);
    return out;
  }

  const ::config::v1::IssuingCa& in_;
  const std::string field_;
  const ServerConfig::Hsm& hsm_;
  const std::string& path_;
  const absl::Time now_;
  Mistakes& mistakes_;
  core::IssuingCa out_;
};

void CompareProfiles(const ::config::v1::Config& config, Mistakes& mistakes) {
  std::map<std::string, std::string> seen;  // id to the field of its profile
  for (int i = 0; i < config.issuing_cas_size(); ++i) {
    for (int k = 0; k < config.issuing_cas(i).profiles_size(); ++k) {
      const std::string field =
          absl::StrCat("issuing_cas[", i, "].profiles[", k, "]");
      const std::string& id = config.issuing_cas(i).profiles(k).id();
      const auto [first, is_new] = seen.emplace(id, field);
      if (is_new || id.empty()) continue;
      mistakes.Add(field + ".id",
                   absl::StrCat("is also that of ", first->second,
                                "; give each its own: product files name it"));
    }
  }
}

}  // namespace

std::vector<core::IssuingCa> CheckIssuingCas(const ::config::v1::Config& config,
                                             const ServerConfig::Hsm& hsm,
                                             const std::string& path,
                                             absl::Time now,
                                             Mistakes& mistakes) {
  constexpr char kField[] = "issuing_cas";
  Distinct names(kField, "name", "give each its own: the record names it");
  Distinct keys(kField, "key_id",
                "a second authority of one key would have a second CRL");
  std::vector<core::IssuingCa> out;
  for (int i = 0; i < config.issuing_cas_size(); ++i) {
    out.push_back(AuthorityChecker(config.issuing_cas(i),
                                   absl::StrCat(kField, "[", i, "]"), hsm, path,
                                   now, mistakes)
                      .Run());
    const core::IssuingCa& ca = out.back();
    names.See(ca.name, static_cast<size_t>(i), mistakes);
    if (!ca.key.key_id.empty()) {
      keys.See(absl::StrCat(ca.key.tokens[0], "/", ca.key.key_id),
               static_cast<size_t>(i), mistakes);
    }
  }
  CompareProfiles(config, mistakes);
  if (config.issuing_cas_size() > kMaxAuthorities) {
    mistakes.Add(kField,
                 absl::StrCat("has ", config.issuing_cas_size(),
                              " entries; must have at most ", kMaxAuthorities));
  }
  return out;
}

}  // namespace countersign::server
