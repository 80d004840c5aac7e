#include "auth/token_rule_checks.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auth/issuer_profile.h"
#include "auth/issuer_url.h"
#include "auth/subject_pattern.h"
#include "auth/subject_syntax.h"
#include "auth/token_rule.h"
#include "auth/token_tenant.h"
#include "base/encoding.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxSubject = 1024;  // octets
constexpr char kEmail[] = "email";
constexpr char kEmailVerified[] = "email_verified";

bool HasStar(absl::string_view text) { return absl::StrContains(text, '*'); }

// A part that is a GUID but for its case.
bool HasUpperCaseGuid(absl::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar("/:@"));
  return std::any_of(parts.begin(), parts.end(), [](absl::string_view part) {
    return !IsGuid(part) && IsGuid(absl::AsciiStrToLower(part));
  });
}

bool LooksAt(const std::vector<core::ClaimRule>& rules,
             absl::string_view claim) {
  return std::any_of(rules.begin(), rules.end(),
                     [claim](const core::ClaimRule& rule) {
                       return OutermostClaim(rule.claim) == claim;
                     });
}

bool DemandsVerifiedEmail(const std::vector<core::ClaimRule>& rules) {
  return std::any_of(
      rules.begin(), rules.end(), [](const core::ClaimRule& rule) {
        return rule.claim == kEmailVerified && rule.patterns.empty() &&
               rule.values == std::set<std::string>{"true"};
      });
}

absl::Status CheckTrustDomain(absl::string_view id, const TokenIssuer& issuer) {
  if (absl::StartsWith(id, issuer.issuer + "/")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("is of another trust domain than \"", issuer.name,
                   "\", whose tokens are "
                   "of ",
                   issuer.issuer));
}

absl::Status CheckTokenPrefix(absl::string_view text) {
  if (absl::StartsWith(text, kTokenPrefix) &&
      text.size() > sizeof(kTokenPrefix) - 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "must start with \"token:\", as subjects of tokens do: \"token:\" and "
      "the "
      "claim that is the subject");
}

// A pattern that fits what belongs to others too.
absl::Status LeavesOpen(absl::string_view pattern, absl::string_view claim) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", pattern,
      "\" leaves open whose it is; spell out the owner, group, namespace or "
      "domain, as in ",
      claim == "sub" ? "\"repo:acme/*:ref:refs/heads/main\"" : "\"acme/*\""));
}

absl::Status CheckSubjectPattern(absl::string_view pattern,
                                 const TokenIssuer& issuer) {
  if (issuer.spiffe) {
    const absl::StatusOr<SubjectPattern> compiled =
        SubjectPattern::Compile(pattern);
    if (!compiled.ok()) return compiled.status();
    return CheckTrustDomain(pattern, issuer);
  }
  absl::Status status = CheckTokenPrefix(pattern);
  if (!status.ok()) return status;
  const absl::string_view rest = absl::StripPrefix(pattern, kTokenPrefix);
  status = core::CheckClaimPattern(rest);
  if (!status.ok()) return status;
  const size_t parts = issuer.subject_claims.size();
  if (parts > 1 && std::count(rest.begin(), rest.end(), '/') + 1 !=
                       static_cast<std::ptrdiff_t>(parts)) {
    return absl::InvalidArgumentError(
        absl::StrCat("must have ", parts, " parts: subjects of \"", issuer.name,
                     "\" are ", absl::StrJoin(issuer.subject_claims, "/")));
  }
  const TenantClaim* tenant =
      parts == 1 ? FindTenantClaim(issuer, issuer.subject_claims[0]) : nullptr;
  if (tenant != nullptr && !PinsTenant(*tenant, rest)) {
    return LeavesOpen(pattern, issuer.subject_claims[0]);
  }
  return CheckGuids(pattern);
}

// Collects violations below one path.
class Violations {
 public:
  explicit Violations(std::string path) : path_(std::move(path)) {}

  void Add(absl::string_view field, absl::string_view why) {
    all_.push_back({absl::StrCat(path_, field), std::string(why)});
  }
  void Add(absl::string_view field, const absl::Status& status) {
    if (!status.ok()) Add(field, status.message());
  }
  void Add(std::vector<base::FieldViolation> more) {
    all_.insert(all_.end(), more.begin(), more.end());
  }
  std::vector<base::FieldViolation> Take() && { return std::move(all_); }

 private:
  const std::string path_;
  std::vector<base::FieldViolation> all_;
};

void CheckSubjects(const GroupRule& rule, const TokenIssuer& issuer,
                   Violations& out) {
  std::map<std::string, std::string> folded;
  for (size_t i = 0; i < rule.subjects.size(); ++i) {
    const std::string field = absl::StrCat(".subjects[", i, "]");
    out.Add(field, CheckTokenSubject(rule.subjects[i], issuer));
    const auto [other, fresh] = folded.emplace(
        absl::AsciiStrToLower(rule.subjects[i]), rule.subjects[i]);
    if (!fresh && other->second != rule.subjects[i]) {
      out.Add(field, absl::StrCat("differs from \"", other->second,
                                  "\" in case only; subjects are compared "
                                  "exactly: keep the one that the issuer "
                                  "writes"));
    }
  }
  for (size_t i = 0; i < rule.subject_patterns.size(); ++i) {
    out.Add(absl::StrCat(".subject_patterns[", i, "]"),
            CheckSubjectPattern(rule.subject_patterns[i], issuer));
  }
}

}  // namespace

absl::Status CheckTokenSubject(absl::string_view subject,
                               const TokenIssuer& issuer) {
  if (HasStar(subject)) {
    return absl::InvalidArgumentError(
        "holds \"*\"; patterns belong into subject_patterns");
  }
  if (base::EscapeForDisplay(subject) != subject) {
    return absl::InvalidArgumentError("holds control characters");
  }
  if (subject.size() > kMaxSubject) {
    return absl::InvalidArgumentError("is longer than 1024 octets");
  }
  if (issuer.spiffe) {
    const absl::Status status = CheckSpiffeId(subject);
    return status.ok() ? CheckTrustDomain(subject, issuer) : status;
  }
  const absl::Status status = CheckTokenPrefix(subject);
  return status.ok() ? CheckGuids(subject) : status;
}

absl::Status CheckGuids(absl::string_view text) {
  if (!HasUpperCaseGuid(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" has a GUID in upper case; issuers write \"",
                   absl::AsciiStrToLower(text), "\""));
}

absl::Status CheckClaimName(absl::string_view claim) {
  constexpr size_t kMaxName = 128;  // as core/claim_rule.h
  if (claim.empty() || claim.size() > kMaxName ||
      !std::all_of(claim.begin(), claim.end(),
                   [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return absl::InvalidArgumentError(
        "must be the name of a claim: 1 to 128 visible ASCII characters");
  }
  if (claim[0] != '/') return absl::OkStatus();
  for (size_t at = claim.find('~'); at != absl::string_view::npos;
       at = claim.find('~', at + 1)) {
    if (at + 1 < claim.size() && (claim[at + 1] == '0' || claim[at + 1] == '1'))
      continue;
    return absl::InvalidArgumentError(
        "is no JSON pointer (RFC 6901): \"~\" is written \"~0\" in it, and "
        "\"/\" within a name \"~1\"");
  }
  if (absl::StrContains(claim, "//") || absl::EndsWith(claim, "/")) {
    return absl::InvalidArgumentError(
        "is no JSON pointer to a claim: a name between \"/\" is empty; right "
        "would be \"/kubernetes.io/namespace\"");
  }
  return absl::OkStatus();
}

std::vector<base::FieldViolation> CheckTokenClaim(const core::ClaimRule& rule,
                                                  const TokenIssuer& issuer,
                                                  const std::string& path) {
  Violations out(path);
  out.Add(core::CheckClaimRule(rule, path));
  if (!rule.claim.empty() && rule.claim[0] == '/') {
    out.Add(".claim", CheckClaimName(rule.claim));
  }
  for (const std::string& value : rule.values) {
    if (HasStar(value)) {
      out.Add(".values", absl::StrCat("\"", base::EscapeForDisplay(value),
                                      "\" holds \"*\"; patterns belong into "
                                      "patterns"));
    }
    out.Add(".values", CheckGuids(value));
  }
  const TenantClaim* tenant = FindTenantClaim(issuer, rule.claim);
  for (const std::string& pattern : rule.patterns) {
    out.Add(".patterns", CheckGuids(pattern));
    if (!core::CheckClaimPattern(pattern).ok()) continue;
    const bool any_domain =
        OutermostClaim(rule.claim) == kEmail && absl::EndsWith(pattern, "@*");
    if (any_domain || (tenant != nullptr && !PinsTenant(*tenant, pattern))) {
      out.Add(".patterns", LeavesOpen(pattern, rule.claim));
    }
  }
  const IssuerProfile* profile = FindIssuerProfile(issuer.profile);
  if (profile != nullptr &&
      std::find(profile->mutable_claims.begin(), profile->mutable_claims.end(),
                OutermostClaim(rule.claim)) != profile->mutable_claims.end()) {
    out.Add(".claim", absl::StrCat("\"", rule.claim,
                                   "\" can be changed and given to another; "
                                   "look at ",
                                   profile->instead));
  }
  return std::move(out).Take();
}

std::vector<base::FieldViolation> CheckTokenRule(const GroupRule& rule,
                                                 const TokenIssuer& issuer,
                                                 const std::string& path) {
  Violations out(path);
  if (!rule.issuer.empty()) {
    out.Add(".issuer",
            "is of certificates; with token_issuer it has no meaning");
  }
  CheckSubjects(rule, issuer, out);
  for (size_t i = 0; i < rule.claims.size(); ++i) {
    out.Add(CheckTokenClaim(rule.claims[i], issuer,
                            absl::StrCat(path, ".claims[", i, "]")));
  }
  if (rule.subjects.empty() && rule.subject_patterns.empty() &&
      rule.claims.empty()) {
    out.Add("", "matches nobody: give subjects, subject_patterns or claims");
    return std::move(out).Take();
  }
  if (LooksAt(rule.claims, kEmail) && !DemandsVerifiedEmail(rule.claims) &&
      !DemandsVerifiedEmail(issuer.required_claims)) {
    out.Add("",
            "looks at \"email\", which anybody may have written there; add "
            "{claim: email_verified, values: [\"true\"]}");
  }
  std::vector<base::FieldViolation> violations = std::move(out).Take();
  // What is wrong above often is why: one mistake, one sentence.
  if (violations.empty() && !SaysWhose(rule, issuer)) {
    violations.push_back(
        {path, absl::StrCat("is for tokens of everybody whom ", issuer.issuer,
                            " serves; say also whose, with one of the claims ",
                            absl::StrJoin(issuer.tenant_claims, ", "))});
  }
  return violations;
}

}  // namespace countersign::auth
