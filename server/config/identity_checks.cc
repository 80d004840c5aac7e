#include "server/config/identity_checks.h"

#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/group_rules.h"
#include "auth/subject_syntax.h"
#include "auth/token_issuer.h"
#include "auth/token_rule_checks.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "core/policy.h"
#include "server/config/config_files.h"
#include "server/config/site_name.h"
#include "server/config/token_issuer_checks.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxPersonName = 128;  // octets

class IdentityChecker {
 public:
  IdentityChecker(const ::config::v1::Identity& in, const std::string& path,
                  absl::Time now, Mistakes& mistakes)
      : in_(in), path_(path), now_(now), mistakes_(mistakes) {}

  CheckedIdentity Run() && {
    CheckedIdentity out;
    out.client_ca_pem = ClientCa();
    auth::AccessSnapshot& access = out.access;
    access.token_issuers = CheckTokenIssuers(in_, path_, now_, mistakes_);
    Rules(access);
    core::Policy& policy = access.policy;
    for (const auth::TokenIssuer& issuer : access.token_issuers) {
      policy.known_groups.insert(issuer.grantable_groups.begin(),
                                 issuer.grantable_groups.end());
      policy.known_claims.insert(issuer.recorded_claims.begin(),
                                 issuer.recorded_claims.end());
    }
    policy.administrator_groups =
        Role("administrator_groups", in_.administrator_groups(), policy);
    policy.product_approver_groups =
        Role("product_approver_groups", in_.product_approver_groups(), policy);
    policy.auditor_groups =
        Role("auditor_groups", in_.auditor_groups(), policy);
    People(access);
    return out;
  }

 private:
  void Add(const std::string& field, const absl::Status& status) {
    if (!status.ok()) mistakes_.Add(field, status.message());
  }

  std::string ClientCa() {
    const std::string field = "identity.client_ca_file";
    if (in_.client_ca_file().empty()) return "";
    absl::StatusOr<CertificateFile> ca =
        ReadCertificateFile(ResolvePath(path_, in_.client_ca_file()));
    Add(field, ca.status());
    if (!ca.ok()) return "";
    for (const base::X509Ptr& certificate : ca->certificates) {
      // 0: no CA. Version 1 certificates and old roots count as CAs.
      if (X509_check_ca(certificate.get()) == 0) {
        mistakes_.Add(field,
                      "holds a certificate that is no CA's (CA:TRUE); it "
                      "could vouch for nobody");
      }
    }
    return std::move(ca->pem);
  }

  void Rules(auth::AccessSnapshot& access) {
    std::vector<auth::GroupRule> rules;
    for (const auto& in : in_.group_rules()) {
      auth::GroupRule rule;
      rule.group = in.group();
      rule.subjects = {in.subjects().begin(), in.subjects().end()};
      rule.subject_patterns = {in.subject_patterns().begin(),
                               in.subject_patterns().end()};
      rule.issuer = in.issuer();
      rule.token_issuer = in.token_issuer();
      for (const auto& claim : in.claims()) {
        rule.claims.push_back(ClaimRuleOf(claim));
      }
      rules.push_back(std::move(rule));
      // Known also where another rule is wrong, so that the roles are not
      // called wrong for it.
      access.policy.known_groups.insert(in.group());
    }
    absl::StatusOr<auth::GroupRules> compiled =
        auth::GroupRules::Compile(rules, access.token_issuers);
    if (compiled.ok()) {
      access.group_rules = *std::move(compiled);
    } else if (const auto details = base::GetErrorDetails(compiled.status())) {
      for (const base::FieldViolation& v : details->field_violations) {
        mistakes_.Add("identity." + v.field, v.description);
      }
    }
  }

  template <typename Groups>
  std::set<std::string> Role(const char* role, const Groups& groups,
                             const core::Policy& policy) {
    const std::set<std::string>& known = policy.known_groups;
    for (int i = 0; i < groups.size(); ++i) {
      if (known.count(groups[i]) > 0) continue;
      mistakes_.Add(absl::StrCat("identity.", role, "[", i, "]"),
                    absl::StrCat("no rule gives the group \"", groups[i],
                                 "\"; group_rules give ",
                                 known.empty() ? std::string("none")
                                               : absl::StrJoin(known, ", ")));
    }
    return {groups.begin(), groups.end()};
  }

  void People(auth::AccessSnapshot& access) {
    Distinct names("identity.people", "name",
                   "write all identities of one person in one entry");
    for (int i = 0; i < in_.people_size(); ++i) {
      const ::config::v1::Person& person = in_.people(i);
      const std::string field = absl::StrCat("identity.people[", i, "]");
      if (person.name().size() > kMaxPersonName ||
          base::EscapeForDisplay(person.name()) != person.name()) {
        mistakes_.Add(field + ".name",
                      "must be 1 to 128 octets without control characters");
      }
      names.See(person.name(), static_cast<size_t>(i), mistakes_);
      for (int k = 0; k < person.identities_size(); ++k) {
        Identity(person.identities(k), person.name(),
                 absl::StrCat(field, ".identities[", k, "]"), access);
      }
    }
  }

  void Identity(const ::config::v1::PersonIdentity& in,
                const std::string& person, const std::string& field,
                auth::AccessSnapshot& access) {
    if (in.issuer().empty() == in.token_issuer().empty()) {
      mistakes_.Add(field,
                    "must name who vouches, by one of the two: issuer (of a "
                    "certificate) or token_issuer");
      return;
    }
    std::string issuer = in.issuer();
    absl::Status subject = absl::OkStatus();
    if (in.token_issuer().empty()) {
      subject = auth::CheckCertificateSubject(in.subject());
    } else {
      const auth::TokenIssuer* found = Find(in.token_issuer(), access);
      if (found == nullptr) {
        mistakes_.Add(field + ".token_issuer",
                      absl::StrCat("no issuer is named \"", in.token_issuer(),
                                   "\" in token_issuers"));
        return;
      }
      issuer = found->issuer;
      subject = auth::CheckTokenSubject(in.subject(), *found);
    }
    if (in.subject().empty()) return;  // the reader has complained
    Add(field + ".subject", subject);
    const auto [other, is_new] = access.policy.people.emplace(
        std::pair(auth::CanonicalSubject(in.subject()), issuer), person);
    if (!is_new) {
      mistakes_.Add(field, absl::StrCat("is an identity of \"", other->second,
                                        "\" already; keep one"));
    }
  }

  static const auth::TokenIssuer* Find(const std::string& name,
                                       const auth::AccessSnapshot& access) {
    for (const auth::TokenIssuer& issuer : access.token_issuers) {
      if (issuer.name == name) return &issuer;
    }
    return nullptr;
  }

  const ::config::v1::Identity& in_;
  const std::string& path_;
  const absl::Time now_;
  Mistakes& mistakes_;
};

}  // namespace

CheckedIdentity CheckIdentity(const ::config::v1::Identity& identity,
                              const std::string& path, absl::Time now,
                              Mistakes& mistakes) {
  return IdentityChecker(identity, path, now, mistakes).Run();
}

}  // namespace countersign::server
