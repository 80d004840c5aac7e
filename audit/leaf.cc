#include "audit/leaf.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/time_text.h"

namespace countersign::audit {
namespace {

using base::Json;

constexpr char kClientCertificate[] = "CLIENT_CERTIFICATE";
constexpr char kBearerToken[] = "BEARER_TOKEN";
constexpr char kNone[] = "NONE";

absl::string_view TextOf(core::CredentialKind kind) {
  switch (kind) {
    case core::CredentialKind::kClientCertificate:
      return kClientCertificate;
    case core::CredentialKind::kBearerToken:
      return kBearerToken;
    case core::CredentialKind::kNone:
      return kNone;
  }
  return kNone;
}

bool NeedsNoEscape(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
  });
}

void AppendString(absl::string_view text, std::string& out) {
  if (NeedsNoEscape(text)) {
    absl::StrAppend(&out, "\"", text, "\"");
  } else {
    // CompactJson writes a string as RFC 8785 does, and U+FFFD for octets that
    // are not UTF-8.
    absl::StrAppend(&out, base::CompactJson(Json(text)));
  }
}

// `text` with U+FFFD where it is not UTF-8.
std::string CleanText(absl::string_view text) {
  std::string out;
  while (true) {
    const size_t valid = base::ValidUtf8Prefix(text);
    absl::StrAppend(&out, text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) return out;
    absl::StrAppend(&out, "\xef\xbf\xbd");
    text.remove_prefix(1);
  }
}

// What CanonicalJson accepts and is nearest to `value`.
Json Clean(const Json& value) {
  if (value.is_string()) return CleanText(value.string());
  if (value.is_number() && !std::isfinite(value.number())) return nullptr;
  if (value.is_array()) {
    Json::Array out;
    for (const Json& element : value.array()) out.push_back(Clean(element));
    return out;
  }
  if (value.is_object()) {
    std::map<std::string, Json> members;
    for (const auto& [key, member] : value.object()) {
      members[CleanText(key)] = Clean(member);
    }
    return Json::Object(members.begin(), members.end());
  }
  return value;
}

void AppendDetails(const Json& details, std::string& out) {
  if (!details.is_object()) {
    absl::StrAppend(&out, "{}");
    return;
  }
  absl::StatusOr<std::string> text = base::CanonicalJson(details);
  if (!text.ok()) text = base::CanonicalJson(Clean(details));
  absl::StrAppend(&out, text.ok() ? *text : "{}");
}

// What only some have is a member only where there is something: leaves from
// before there were tokens are what they were.
void AppendActor(const core::Principal& actor, std::string& out) {
  out.push_back('{');
  if (!actor.certificate_subject.empty()) {
    absl::StrAppend(&out, "\"certificateSubject\":");
    AppendString(actor.certificate_subject, out);
    out.push_back(',');
  }
  if (!actor.claims.empty()) {
    Json::Object claims;
    for (const auto& [name, value] : actor.claims) {
      claims.emplace_back(name, value);
    }
    absl::StrAppend(&out, "\"claims\":");
    AppendDetails(claims, out);
    out.push_back(',');
  }
  absl::StrAppend(&out, "\"credential\":\"", TextOf(actor.credential),
                  "\",\"credentialFingerprint\":");
  AppendString(actor.credential_fingerprint, out);
  absl::StrAppend(&out, ",\"groups\":[");
  const char* separator = "";
  for (const std::string& group : actor.groups) {
    absl::StrAppend(&out, separator);
    AppendString(group, out);
    separator = ",";
  }
  absl::StrAppend(&out, "],\"issuer\":");
  AppendString(actor.issuer, out);
  if (!actor.issuer_key.empty()) {
    absl::StrAppend(&out, ",\"issuerKey\":");
    AppendString(actor.issuer_key, out);
  }
  if (!actor.person.empty()) {
    absl::StrAppend(&out, ",\"person\":");
    AppendString(actor.person, out);
  }
  absl::StrAppend(&out, ",\"subject\":");
  AppendString(actor.subject, out);
  out.push_back('}');
}

absl::Status BadLeaf(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("this is no leaf: ", why),
                         {"BAD_LEAF", {}, {}, {}, {}});
}

absl::StatusOr<std::string> TakeString(const Json& object,
                                       absl::string_view key) {
  const Json* member = object.Find(key);
  if (member == nullptr || !member->is_string()) {
    return BadLeaf(absl::StrCat("\"", key, "\" must be a string"));
  }
  return member->string();
}

// Empty where it is not there.
absl::StatusOr<std::string> TakeOptional(const Json& object,
                                         absl::string_view key) {
  if (object.Find(key) == nullptr) return std::string();
  return TakeString(object, key);
}

absl::Status ParseClaims(const Json& actor,
                         std::map<std::string, std::string>& out) {
  const Json* claims = actor.Find("claims");
  if (claims == nullptr) return absl::OkStatus();
  if (!claims->is_object()) return BadLeaf("\"claims\" must be an object");
  for (const auto& [name, value] : claims->object()) {
    if (!value.is_string()) return BadLeaf("a claim must be a string");
    out[name] = value.string();
  }
  return absl::OkStatus();
}

absl::StatusOr<core::Principal> ParseActor(const Json* actor) {
  if (actor == nullptr || !actor->is_object()) {
    return BadLeaf("\"actor\" must be an object");
  }
  core::Principal out;
  ASSIGN_OR_RETURN(const std::string credential,
                   TakeString(*actor, "credential"));
  if (credential == kBearerToken) {
    out.credential = core::CredentialKind::kBearerToken;
  } else if (credential == kNone) {
    out.credential = core::CredentialKind::kNone;
  } else if (credential != kClientCertificate) {
    return BadLeaf("unknown credential");
  }
  ASSIGN_OR_RETURN(out.credential_fingerprint,
                   TakeString(*actor, "credentialFingerprint"));
  ASSIGN_OR_RETURN(out.issuer, TakeString(*actor, "issuer"));
  ASSIGN_OR_RETURN(out.subject, TakeString(*actor, "subject"));
  ASSIGN_OR_RETURN(out.person, TakeOptional(*actor, "person"));
  ASSIGN_OR_RETURN(out.issuer_key, TakeOptional(*actor, "issuerKey"));
  ASSIGN_OR_RETURN(out.certificate_subject,
                   TakeOptional(*actor, "certificateSubject"));
  RETURN_IF_ERROR(ParseClaims(*actor, out.claims));
  const Json* groups = actor->Find("groups");
  if (groups == nullptr || !groups->is_array()) {
    return BadLeaf("\"groups\" must be a list");
  }
  for (const Json& group : groups->array()) {
    if (!group.is_string()) return BadLeaf("a group must be a string");
    out.groups.insert(group.string());
  }
  return out;
}

absl::Status ParseTypeAndTime(const Json& leaf, core::Event& event) {
  ASSIGN_OR_RETURN(const std::string type, TakeString(leaf, "type"));
  if (!core::ParseEventType(type, &event.type)) {
    return BadLeaf(absl::StrCat("unknown type ", base::EscapeForDisplay(type)));
  }
  ASSIGN_OR_RETURN(const std::string time, TakeString(leaf, "time"));
  std::string why;
  if (!absl::ParseTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, &event.time, &why)) {
    return BadLeaf(absl::StrCat("\"time\": ", why));
  }
  return absl::OkStatus();
}

std::string WholeLeaf(const core::Event& event) {
  // Members in RFC 8785 order; leaf_test proves it against CanonicalJson.
  std::string out;
  out.reserve(1024);
  absl::StrAppend(&out, "{\"actor\":");
  AppendActor(event.actor, out);
  absl::StrAppend(&out, ",\"details\":");
  AppendDetails(event.details, out);
  absl::StrAppend(&out, ",\"keyVersion\":");
  AppendString(event.key_version, out);
  absl::StrAppend(&out, ",\"operation\":");
  AppendString(event.operation, out);
  absl::StrAppend(&out, ",\"resource\":");
  AppendString(event.resource, out);
  absl::StrAppend(&out, ",\"time\":\"");
  base::AppendTime(event.time, out);
  absl::StrAppend(&out, "\",\"type\":\"", core::ToString(event.type),
                  "\",\"version\":", kLeafVersion, "}");
  return out;
}

// What stands for a value that is too long: any holder of the value can tell
// that it is that one.
Json Omitted(absl::string_view canonical) {
  return Json::Object{{"omittedOctets", uint64_t{canonical.size()}},
                      {"omittedSha256", base::Sha256Hex(canonical)}};
}

// Replaces the longest members of `details` until `excess` octets are saved, as
// far as that is possible.
void Shorten(Json& details, size_t excess) {
  std::vector<std::pair<std::string, std::string>> members;  // text, name
  for (const auto& [name, value] : details.object()) {
    members.emplace_back(base::CanonicalJson(Clean(value)).value_or(""), name);
  }
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.first.size() > b.first.size();
  });
  size_t saved = 0;
  for (const auto& [text, name] : members) {
    const Json omitted = Omitted(text);
    const size_t size = base::CompactJson(omitted).size();
    if (saved >= excess || text.size() <= size) return;
    saved += text.size() - size;
    details.Set(name, omitted);
  }
}

}  // namespace

std::string LeafBytes(const core::Event& event) {
  std::string bytes = WholeLeaf(event);
  if (bytes.size() <= kMaxLeafSize || !event.details.is_object()) return bytes;
  core::Event shorter = event;
  // Of members with one name the last stays: as AppendDetails does.
  shorter.details = Clean(event.details);
  Shorten(shorter.details, bytes.size() - kMaxLeafSize);
  return WholeLeaf(shorter);
}

absl::StatusOr<core::Event> ParseLeaf(absl::string_view bytes) {
  absl::StatusOr<Json> json = base::ParseJson(bytes);
  if (!json.ok()) return BadLeaf(json.status().message());
  if (!json->is_object()) return BadLeaf("it must be an object");
  const Json* version = json->Find("version");
  if (version == nullptr || !(*version == Json(kLeafVersion))) {
    return BadLeaf(absl::StrCat("\"version\" must be ", kLeafVersion));
  }
  core::Event event;
  ASSIGN_OR_RETURN(event.actor, ParseActor(json->Find("actor")));
  RETURN_IF_ERROR(ParseTypeAndTime(*json, event));
  ASSIGN_OR_RETURN(event.resource, TakeString(*json, "resource"));
  ASSIGN_OR_RETURN(event.operation, TakeString(*json, "operation"));
  ASSIGN_OR_RETURN(event.key_version, TakeString(*json, "keyVersion"));
  Json* details = json->Find("details");
  if (details == nullptr || !details->is_object()) {
    return BadLeaf("\"details\" must be an object");
  }
  event.details = std::move(*details);
  // One event has one form. This refuses unknown members as well. Logs that
  // began before there was a limit have longer leaves.
  if (WholeLeaf(event) != bytes) return BadLeaf("it is not in canonical form");
  return event;
}

}  // namespace countersign::audit
