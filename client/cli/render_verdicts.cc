#include "client/cli/render_verdicts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "client/api/client_error.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

base::Json Rendered(const NamedVerdict& one) {
  const SignatureVerdict& verdict = one.verdict;
  base::Json::Object json{{"signature", one.name},
                          {"verified", verdict.status.ok()}};
  if (!verdict.predicate_type.empty()) {
    json.emplace_back("predicateType", verdict.predicate_type);
  }
  if (!verdict.status.ok()) {
    json.emplace_back("reason", base::GetReason(verdict.status));
    json.emplace_back("message", std::string(verdict.status.message()));
    return json;
  }
  json.emplace_back("signer", verdict.signer);
  base::Json::Object annotations;
  for (const auto& [key, value] : verdict.annotations) {
    annotations.emplace_back(key, value);
  }
  json.emplace_back("annotations", std::move(annotations));
  return json;
}

std::string Line(const NamedVerdict& one) {
  const SignatureVerdict& verdict = one.verdict;
  if (!verdict.status.ok()) {
    return absl::StrCat(one.name, ": not good: ", verdict.status.message());
  }
  std::string line =
      absl::StrCat(one.name, ": good", verdict.signer.empty() ? "" : ", by ",
                   verdict.signer);
  if (!verdict.predicate_type.empty()) {
    absl::StrAppend(&line, ", ", verdict.predicate_type);
  }
  for (const auto& [key, value] : verdict.annotations) {
    absl::StrAppend(&line, "\n  ", key, " = ", value);
  }
  return line;
}

}  // namespace

absl::Status ReportVerdicts(Session& session, const std::string& what,
                            const std::vector<NamedVerdict>& verdicts) {
  bool good = false;
  base::Json::Array list;
  std::string lines;
  for (const NamedVerdict& one : verdicts) {
    good = good || one.verdict.status.ok();
    list.push_back(Rendered(one));
    absl::StrAppend(&lines, EscapeLines(Line(one)), "\n");
  }
  if (verdicts.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat(what,
                                        " is not signed: nothing was "
                                        "found beside it"),
                           Because("NO_SIGNATURES"));
  }
  if (!good) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(what, ": none of ", verdicts.size(),
                     " signatures is good for whom you trust\n", lines),
        Because("SIGNATURE_INVALID"));
  }
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"verified", true}, {"what", what}, {"signatures", std::move(list)}});
  } else {
    session.Print(absl::StrCat(EscapeLines(what), " is verified\n", lines));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
