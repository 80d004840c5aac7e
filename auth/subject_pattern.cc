#include "auth/subject_pattern.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "auth/subject_syntax.h"
#include "base/encoding.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

struct Scheme {
  const char* prefix;
  char separator;
};
constexpr std::array<Scheme, 3> kSchemes = {{
    {kSpiffePrefix, '/'},
    {kEmailPrefix, '@'},
    {kSubjectPrefix, ','},
}};

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

bool HasGap(absl::string_view text) { return absl::StrContains(text, '*'); }

// In the text of a name "\" escapes a separator and "+" joins attributes: a gap
// that took them in could swallow a whole attribute that the pattern spells
// out ("CN=*,O=Acme" against CN "x,O=Acme").
bool FillsGap(char c) { return c != '\\' && c != '+'; }

// The pattern with gaps filled must be what a certificate could hold.
std::string Filled(absl::string_view pattern) {
  std::string text(pattern);
  std::replace(text.begin(), text.end(), '*', 'x');
  return text;
}

absl::Status CheckSubjectParts(const std::vector<std::string>& parts) {
  if (HasGap(parts.back())) {
    return Wrong(
        "the last attribute must be spelled out, as in "
        "\"subject:CN=*,O=ACME\"");
  }
  for (const std::string& part : parts) {
    const size_t equals = part.find('=');
    // A part without "=" is the rest of a value with an escaped comma.
    if (equals == std::string::npos ? HasGap(part)
                                    : HasGap(part.substr(0, equals))) {
      return Wrong("\"*\" may stand in an attribute's value only");
    }
  }
  return absl::OkStatus();
}

// The parts that say who vouches are spelled out.
absl::Status CheckAnchors(const Scheme& scheme, absl::string_view pattern,
                          const std::vector<std::string>& parts) {
  switch (scheme.separator) {
    case '/':
      if (HasGap(parts[0])) {
        return Wrong("the trust domain must be spelled out");
      }
      return CheckSpiffeId(Filled(pattern));
    case '@':
      if (parts.size() != 2 || HasGap(parts[1])) {
        return Wrong(
            "the domain must be spelled out, as in \"email:*@example.org\"");
      }
      return CheckEmail(Filled(absl::StrJoin(parts, "@")));
    default:
      return CheckSubjectParts(parts);
  }
}

}  // namespace

absl::StatusOr<SubjectPattern> SubjectPattern::Compile(
    absl::string_view pattern) {
  const std::string canonical = CanonicalSubject(pattern);
  const auto scheme = std::find_if(
      kSchemes.begin(), kSchemes.end(),
      [&](const Scheme& s) { return absl::StartsWith(canonical, s.prefix); });
  if (scheme == kSchemes.end()) {
    return Wrong(
        "must start with \"spiffe://\", \"email:\" or \"subject:\", spelled "
        "out");
  }
  if (base::EscapeForDisplay(canonical) != canonical) {
    return Wrong("holds control characters");
  }
  if (!HasGap(canonical)) {
    return Wrong("has no \"*\"; exact ones belong into subjects");
  }
  SubjectPattern out;
  out.prefix_ = scheme->prefix;
  out.separator_ = scheme->separator;
  const std::vector<std::string> parts =
      absl::StrSplit(absl::StripPrefix(canonical, out.prefix_), out.separator_);
  RETURN_IF_ERROR(CheckAnchors(*scheme, canonical, parts));
  for (const std::string& part : parts) {
    const std::vector<std::string> texts = absl::StrSplit(part, '*');
    if (texts.size() > 2) {
      return Wrong(absl::StrCat("has two \"*\" in one part (\"", part, "\")"));
    }
    out.parts_.push_back({texts[0], texts.size() == 2, texts.back()});
  }
  return out;
}

bool SubjectPattern::Part::Matches(absl::string_view text) const {
  if (!gap) return text == before;
  // One character at least is left for the gap.
  if (text.size() <= before.size() + after.size()) return false;
  const absl::string_view filling =
      text.substr(before.size(), text.size() - before.size() - after.size());
  return absl::StartsWith(text, before) && absl::EndsWith(text, after) &&
         std::all_of(filling.begin(), filling.end(), FillsGap);
}

bool SubjectPattern::Matches(absl::string_view subject) const {
  if (!absl::ConsumePrefix(&subject, prefix_)) return false;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const size_t end = subject.find(separator_);
    const bool last = end == absl::string_view::npos;
    if (last != (i + 1 == parts_.size())) return false;
    if (!parts_[i].Matches(subject.substr(0, end))) return false;
    if (!last) subject.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace countersign::auth
