#include "server/config/token_issuer_checks.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "auth/group_rules.h"
#include "auth/issuer_profile.h"
#include "auth/issuer_url.h"
#include "auth/subject_syntax.h"
#include "auth/token_algorithm.h"
#include "auth/token_rule_checks.h"
#include "auth/token_tenant.h"
#include "base/encoding.h"
#include "base/error.h"
#include "server/config/bounds.h"
#include "server/config/key_source_checks.h"
#include "server/config/site_name.h"
#include "server/config/url_check.h"

namespace countersign::server {
namespace {

constexpr int kMaxIssuers = 32;
constexpr int kMaxAudiences = 16;
constexpr size_t kMaxAudience = 512;  // octets
constexpr int kMaxSubjectClaims = 4;
constexpr int kMaxGroupClaims = 8;
constexpr int kMaxGrantableGroups = 1000;
constexpr int kMaxRecordedClaims = 32;
constexpr int kMaxRevokedIds = 10000;
// Tokens for these are handed to other services, any of which could use them
// here.
constexpr const char* kForeignAudiences[] = {
    "sts.amazonaws.com", "api://AzureADTokenExchange", "sigstore"};

// One issuer. Empty required texts are passed over: the reader has complained.
class IssuerChecker {
 public:
  IssuerChecker(const ::config::v1::TokenIssuer& in, std::string field,
                const std::string& path, absl::Time now, Mistakes& mistakes)
      : in_(in),
        field_(std::move(field)),
        path_(path),
        now_(now),
        mistakes_(mistakes) {}

  auth::TokenIssuer Run() && {
    out_.name = in_.name();
    CheckSiteName(Field("name"), in_.name(), mistakes_);
    out_.issuer = in_.issuer();
    const auth::IssuerProfile& profile = Profile();
    if (!in_.issuer().empty()) Issuer();
    out_.keys = CheckKeySource(in_, field_, path_, out_.spiffe, mistakes_);
    Audiences();
    Algorithms(profile);
    Times();
    SubjectClaims(profile);
    RequiredClaims();
    GroupClaims();
    RecordedClaims(profile);
    Revocations();
    out_.require_bound = in_.require_bound();
    return std::move(out_);
  }

 private:
  std::string Field(absl::string_view name) const {
    return absl::StrCat(field_, ".", name);
  }
  std::string Field(absl::string_view name, int i) const {
    return absl::StrCat(field_, ".", name, "[", i, "]");
  }
  void Add(const std::string& field, const absl::Status& status) {
    if (!status.ok()) mistakes_.Add(field, status.message());
  }
  void AtMost(absl::string_view name, int count, int most) {
    if (count <= most) return;
    mistakes_.Add(
        Field(name),
        absl::StrCat("has ", count, " entries; must have at most ", most));
  }

  const auth::IssuerProfile& Profile() {
    std::string name = in_.profile();
    if (name.empty()) name = auth::ProfileOfIssuer(in_.issuer());
    if (name.empty()) name = "oidc";
    const auth::IssuerProfile* profile = auth::FindIssuerProfile(name);
    if (profile == nullptr) {
      mistakes_.Add(
          Field("profile"),
          absl::StrCat("there is none of that name; there are ",
                       absl::StrJoin(auth::IssuerProfileNames(), ", ")));
      profile = auth::FindIssuerProfile("oidc");
    }
    out_.profile = profile->name;
    out_.spiffe = profile->name == "spiffe";
    out_.tenant_claims = profile->TenantClaimNames();
    return *profile;
  }

  void Issuer() {
    const std::string wrong = auth::WrongIssuerOf(out_.profile, in_.issuer());
    if (!wrong.empty()) {
      mistakes_.Add(Field("issuer"), wrong);
    } else if (out_.spiffe) {
      // With a path, as a workload's: that there is none, is looked at below.
      const absl::string_view domain =
          absl::StripPrefix(in_.issuer(), auth::kSpiffePrefix);
      if (absl::StrContains(domain, '/') ||
          !auth::CheckSpiffeId(absl::StrCat(in_.issuer(), "/x")).ok()) {
        mistakes_.Add(Field("issuer"),
                      "is no trust domain, as in \"spiffe://example.org\": "
                      "lower-case letters, digits, \".\", \"-\" and \"_\"");
      }
    } else {
      // With keys from a file it is a name that nobody calls.
      Add(Field("issuer"),
          CheckUrl(in_.issuer(), in_.jwks_file().empty() ? UrlSchemes::kHttps
                                                         : UrlSchemes::kAny));
    }
  }

  void Audiences() {
    AtMost("audiences", in_.audiences_size(), kMaxAudiences);
    for (int i = 0; i < in_.audiences_size(); ++i) {
      const std::string& audience = in_.audiences(i);
      if (audience.empty() || audience.size() > kMaxAudience ||
          base::EscapeForDisplay(audience) != audience) {
        mistakes_.Add(Field("audiences", i),
                      "must be 1 to 512 octets without control characters");
      }
      for (const char* foreign : kForeignAudiences) {
        if (audience != foreign) continue;
        mistakes_.Add(Field("audiences", i),
                      "is the audience of another service, which could use "
                      "here what it is given there; take a name of your own, "
                      "as in \"signer.example.org\"");
      }
      out_.audiences.insert(audience);
    }
  }

  void Algorithms(const auth::IssuerProfile& profile) {
    if (in_.algorithms().empty()) out_.algorithms = profile.algorithms;
    for (int i = 0; i < in_.algorithms_size(); ++i) {
      const auto algorithm = auth::ParseTokenAlgorithm(in_.algorithms(i));
      if (!algorithm.has_value()) {
        std::vector<std::string> names;
        for (const auth::TokenAlgorithm a : auth::AllTokenAlgorithms()) {
          names.emplace_back(auth::ToString(a));
        }
        mistakes_.Add(Field("algorithms", i),
                      absl::StrCat("is not taken; there are ",
                                   absl::StrJoin(names, ", ")));
        continue;
      }
      if (out_.spiffe && *algorithm == auth::TokenAlgorithm::kEdDsa) {
        mistakes_.Add(
            Field("algorithms", i),
            "JWT-SVIDs are signed with RS, PS and ES algorithms only");
      }
      out_.algorithms.insert(*algorithm);
    }
  }

  // `out` keeps its default where `text` is empty.
  void Duration(absl::string_view name, const std::string& text,
                absl::Duration min, absl::Duration max, absl::Duration& out) {
    if (text.empty()) return;
    out = DurationWithin(Field(name), text, min, max, mistakes_);
  }

  void Times() {
    Duration("leeway", in_.leeway(), absl::ZeroDuration(), absl::Seconds(60),
             out_.leeway);
    Duration("max_age", in_.max_age(), absl::Minutes(1), absl::Hours(24),
             out_.max_age);
  }

  template <typename Names>
  std::vector<std::string> ClaimNames(absl::string_view name,
                                      const Names& names, int most) {
    AtMost(name, names.size(), most);
    std::set<std::string> seen;
    for (int i = 0; i < names.size(); ++i) {
      Add(Field(name, i), auth::CheckClaimName(names[i]));
      if (!seen.insert(names[i]).second) {
        mistakes_.Add(Field(name, i), "stands in the list twice; keep one");
      }
    }
    return {names.begin(), names.end()};
  }

  void SubjectClaims(const auth::IssuerProfile& profile) {
    out_.subject_claims = profile.subject_claims;
    if (in_.subject_claims().empty()) return;
    if (out_.spiffe) {
      mistakes_.Add(Field("subject_claims"),
                    "the subject of a JWT-SVID is its SPIFFE ID; leave them "
                    "out");
      return;
    }
    out_.subject_claims =
        ClaimNames("subject_claims", in_.subject_claims(), kMaxSubjectClaims);
  }

  void RequiredClaims() {
    for (int i = 0; i < in_.required_claims_size(); ++i) {
      out_.required_claims.push_back(ClaimRuleOf(in_.required_claims(i)));
      for (const base::FieldViolation& v :
           auth::CheckTokenClaim(out_.required_claims.back(), out_,
                                 Field("required_claims", i))) {
        mistakes_.Add(v.field, v.description);
      }
    }
  }

  // After RequiredClaims, which may say whose all tokens are.
  void GroupClaims() {
    out_.group_claims =
        ClaimNames("group_claims", in_.group_claims(), kMaxGroupClaims);
    const bool anybodys = !auth::SaysWhose(auth::GroupRule(), out_);
    for (int i = 0; i < in_.group_claims_size(); ++i) {
      if (!anybodys || out_.tenant_claims.count(in_.group_claims(i)) > 0) {
        continue;
      }
      mistakes_.Add(
          Field("group_claims", i),
          absl::StrCat("everybody whom ", in_.issuer(),
                       " serves can have any value there; write group_rules "
                       "that say whose tokens they are for, or say it in "
                       "required_claims"));
    }
    if (in_.group_claims().empty() != in_.grantable_groups().empty()) {
      mistakes_.Add(in_.group_claims().empty() ? Field("group_claims")
                                               : Field("grantable_groups"),
                    "is needed: group_claims name the claims, "
                    "grantable_groups which of their values count");
    }
    AtMost("grantable_groups", in_.grantable_groups_size(),
           kMaxGrantableGroups);
    for (int i = 0; i < in_.grantable_groups_size(); ++i) {
      const std::string& group = in_.grantable_groups(i);
      if (!auth::IsValidGroupName(group)) {
        mistakes_.Add(Field("grantable_groups", i),
                      "must be 1 to 63 letters, digits, \".\", \"_\" or "
                      "\"-\"; for values that are otherwise write group_rules");
      }
      Add(Field("grantable_groups", i), auth::CheckGuids(group));
      out_.grantable_groups.insert(group);
    }
  }

  void RecordedClaims(const auth::IssuerProfile& profile) {
    out_.recorded_claims =
        in_.recorded_claims().empty()
            ? profile.recorded_claims
            : ClaimNames("recorded_claims", in_.recorded_claims(),
                         kMaxRecordedClaims);
  }

  void Revocations() {
    AtMost("revoked_ids", in_.revoked_ids_size(), kMaxRevokedIds);
    out_.revoked_ids = {in_.revoked_ids().begin(), in_.revoked_ids().end()};
    if (out_.revoked_ids.count("") > 0) {
      mistakes_.Add(Field("revoked_ids"), "has an empty entry; leave it out");
    }
    if (in_.revoked_before().empty()) return;
    std::string why;
    if (!absl::ParseTime(absl::RFC3339_full, in_.revoked_before(),
                         &out_.revoked_before, &why) ||
        out_.revoked_before == absl::InfiniteFuture() ||
        out_.revoked_before == absl::InfinitePast()) {
      mistakes_.Add(Field("revoked_before"),
                    "is no time; right would be \"2026-03-01T12:00:00Z\"");
    } else if (out_.revoked_before > now_) {
      mistakes_.Add(Field("revoked_before"),
                    "is in the future: no token would be taken until then");
    }
  }

  const ::config::v1::TokenIssuer& in_;
  const std::string field_;
  const std::string& path_;
  const absl::Time now_;
  Mistakes& mistakes_;
  auth::TokenIssuer out_;
};

}  // namespace

core::ClaimRule ClaimRuleOf(const ::config::v1::ClaimMatch& match) {
  return {match.claim(),
          {match.values().begin(), match.values().end()},
          {match.patterns().begin(), match.patterns().end()}};
}

std::vector<auth::TokenIssuer> CheckTokenIssuers(
    const ::config::v1::Identity& identity, const std::string& path,
    absl::Time now, Mistakes& mistakes) {
  constexpr char kField[] = "identity.token_issuers";
  Distinct names(kField, "name", "give each its own: rules and errors name it");
  Distinct urls(kField, "issuer",
                "two would take the same tokens: give one all audiences");
  std::vector<auth::TokenIssuer> out;
  for (int i = 0; i < identity.token_issuers_size(); ++i) {
    out.push_back(IssuerChecker(identity.token_issuers(i),
                                absl::StrCat(kField, "[", i, "]"), path, now,
                                mistakes)
                      .Run());
    names.See(out.back().name, static_cast<size_t>(i), mistakes);
    urls.See(out.back().issuer, static_cast<size_t>(i), mistakes);
  }
  if (identity.token_issuers_size() > kMaxIssuers) {
    mistakes.Add(kField,
                 absl::StrCat("has ", identity.token_issuers_size(),
                              " entries; must have at most ", kMaxIssuers));
  }
  return out;
}

}  // namespace countersign::server
