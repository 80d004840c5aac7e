#include "client/sigstore/statement.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/sigstore/go_json.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr char kUnreadable[] = "STATEMENT_UNREADABLE";
constexpr char kV1[] = "https://in-toto.io/Statement/v1";
constexpr char kV01[] = "https://in-toto.io/Statement/v0.1";

// cosign's words for --type.
constexpr std::pair<const char*, const char*> kShortNames[] = {
    {"slsaprovenance", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance02", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance1", "https://slsa.dev/provenance/v1"},
    {"spdx", "https://spdx.dev/Document"},
    {"spdxjson", "https://spdx.dev/Document"},
    {"cyclonedx", "https://cyclonedx.org/bom"},
    {"link", "https://in-toto.io/Link/v1"},
    {"vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"},
    {"openvex", "https://openvex.dev/ns"},
};

base::JsonLimits Limits() {
  base::JsonLimits limits;
  limits.max_bytes = kMaxStatementBytes;
  return limits;
}

Json TextMembers(const std::map<std::string, std::string>& members) {
  Json::Object object;
  for (const auto& [key, value] : members) object.emplace_back(key, value);
  return object;
}

absl::Status Unreadable(absl::string_view why) {
  return BadInput(kUnreadable,
                  absl::StrCat("the signed statement is not one of "
                               "in-toto: ",
                               why));
}

std::string Text(const Json& object, absl::string_view key) {
  const Json* value = object.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

// Members that are text; others are left out.
std::map<std::string, std::string> Texts(const Json* object) {
  std::map<std::string, std::string> texts;
  if (object == nullptr || !object->is_object()) return texts;
  for (const auto& [key, value] : object->object()) {
    if (value.is_string()) texts[key] = value.string();
  }
  return texts;
}

}  // namespace

absl::StatusOr<std::string> FormatStatement(const Statement& statement,
                                            absl::string_view predicate) {
  const auto json = base::ParseJson(predicate, Limits());
  if (!json.ok() || !json->is_object()) {
    return BadInput(
        "PREDICATE_MALFORMED",
        absl::StrCat("the predicate must be a JSON object",
                     json.ok() ? "" : ": ", json.status().message()));
  }
  Json::Array subjects;
  for (const StatementSubject& subject : statement.subjects) {
    Json::Object members;
    if (!subject.name.empty()) members.emplace_back("name", subject.name);
    members.emplace_back("digest", TextMembers(subject.digests));
    if (!subject.annotations.empty()) {
      members.emplace_back("annotations", TextMembers(subject.annotations));
    }
    subjects.push_back(std::move(members));
  }
  std::string text =
      GoJson(Json::Object{{"_type", kV1},
                          {"subject", std::move(subjects)},
                          {"predicateType", statement.predicate_type}});
  text.pop_back();
  return absl::StrCat(
      text, ",\"predicate\":", absl::StripAsciiWhitespace(predicate), "}");
}

absl::StatusOr<Statement> ParseStatement(absl::string_view text) {
  const auto json = base::ParseJson(text, Limits());
  if (!json.ok()) return Unreadable(json.status().message());
  const std::string type = Text(*json, "_type");
  if (type != kV1 && type != kV01) {
    return Unreadable(absl::StrCat("_type is ", Quoted(type)));
  }
  Statement statement;
  statement.predicate_type = Text(*json, "predicateType");
  if (statement.predicate_type.empty()) return Unreadable("no predicateType");
  const Json* subjects = json->Find("subject");
  if (subjects == nullptr || !subjects->is_array() ||
      subjects->array().empty()) {
    return Unreadable("no subject");
  }
  for (const Json& subject : subjects->array()) {
    statement.subjects.push_back({Text(subject, "name"),
                                  Texts(subject.Find("digest")),
                                  Texts(subject.Find("annotations"))});
    if (statement.subjects.back().digests.empty()) {
      return Unreadable("a subject without digest");
    }
  }
  return statement;
}

absl::StatusOr<std::string> PredicateTypeFrom(absl::string_view text) {
  std::vector<std::string> names;
  for (const auto& [name, uri] : kShortNames) {
    if (text == name) return std::string(uri);
    names.emplace_back(name);
  }
  // RFC 3986 3.1: a scheme, and something after it.
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos && colon > 0 &&
      colon + 1 < text.size() && !absl::StrContains(text, ' ')) {
    return std::string(text);
  }
  return BadInput(
      "PREDICATE_TYPE_UNKNOWN",
      absl::StrCat("--type ", Quoted(text), " is neither a URI nor one of ",
                   absl::StrJoin(names, ", ")));
}

}  // namespace countersign::client
