#include "client/ocm/component_reference.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using Kind = ComponentReference::Kind;

constexpr size_t kMaxBytes = 4096;

// How the two OCM tools call types of repositories, in lower case. A directory,
// tar and tgz are told apart by content, so their names only say "CTF".
struct TypeRow {
  const char* prefix;
  Kind kind;
};
constexpr TypeRow kTypes[] = {
    {"ctf", Kind::kCtf},
    {"commontransportformat", Kind::kCtf},
    {"directory", Kind::kCtf},
    {"tar", Kind::kCtf},
    {"tgz", Kind::kCtf},
    {"tar.gz", Kind::kCtf},
    {"oci", Kind::kRegistry},
    {"ociregistry", Kind::kRegistry},
    {"ocirepository", Kind::kRegistry},
};

absl::Status Wrong(absl::string_view text, absl::string_view what) {
  return BadInput(
      "REFERENCE_INVALID",
      absl::StrCat(Quoted(text), ": ", what,
                   "; write REPO//NAME:VERSION, for example "
                   "./release.tar//acme.org/app:1.2.0 or "
                   "registry.example.org/team//acme.org/app:1.2.0"));
}

// Splits "TYPE::" off `rest`, also with a version of the type ("ctf/v1::").
absl::StatusOr<std::optional<Kind>> TakeType(absl::string_view text,
                                             absl::string_view& rest) {
  const size_t colons = rest.find("::");
  if (colons == absl::string_view::npos || colons > rest.find("//")) {
    return std::optional<Kind>();
  }
  absl::string_view word = rest.substr(0, colons);
  // Of v1: "+" before it makes what is not there; here it has to be there.
  absl::ConsumePrefix(&word, "+");
  absl::ConsumeSuffix(&word, "/v1");
  const std::string type = absl::AsciiStrToLower(word);
  for (const TypeRow& row : kTypes) {
    if (type != row.prefix) continue;
    rest.remove_prefix(colons + 2);
    return std::optional<Kind>(row.kind);
  }
  return Wrong(text, absl::StrCat("a repository of type ", Quoted(word),
                                  " is not known, ctf:: and oci:: are"));
}

// Of "http://", or 0.
size_t SchemeSize(absl::string_view rest) {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (absl::StartsWith(rest, scheme)) return scheme.size();
  }
  return 0;
}

// NAME[:VERSION] after the last "//" that is not of "http://".
absl::Status TakeComponent(absl::string_view text, absl::string_view& rest,
                           ComponentReference& reference) {
  const size_t slashes = rest.rfind("//");
  if (slashes == absl::string_view::npos || slashes < SchemeSize(rest)) {
    return absl::OkStatus();
  }
  const absl::string_view component = rest.substr(slashes + 2);
  rest = rest.substr(0, slashes);
  const size_t colon = component.find(':');
  reference.name = std::string(component.substr(0, colon));
  if (colon != absl::string_view::npos) {
    reference.version = std::string(component.substr(colon + 1));
    if (reference.version.empty()) {
      return Wrong(text, "there is no version after \":\"");
    }
  }
  if (reference.name.empty() || absl::StartsWith(reference.name, "/")) {
    return Wrong(text, "there is no component name after \"//\"");
  }
  if (!absl::StrContains(reference.name, '/')) {
    return Wrong(text,
                 absl::StrCat("the component name ", Quoted(reference.name),
                              " has no \"/\" as acme.org/app has"));
  }
  if (absl::StrContains(reference.version, '/') ||
      absl::StrContains(reference.version, ':')) {
    return Wrong(text, "a version holds neither \"/\" nor \":\"");
  }
  return absl::OkStatus();
}

bool EndsAsArchive(absl::string_view path) {
  return absl::EndsWith(path, ".tar") || absl::EndsWith(path, ".tgz") ||
         absl::EndsWith(path, ".tar.gz") || absl::EndsWith(path, ".ctf");
}

bool IsHost(absl::string_view host) {
  const auto is_host_character = [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains(".-_:[]", c);
  };
  return (absl::StrContains(host, '.') || absl::StrContains(host, ':') ||
          host == "localhost") &&
         std::all_of(host.begin(), host.end(), is_host_character);
}

bool IsSubPath(absl::string_view path) {
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty()) return false;
    for (const char c : part) {
      if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) &&
          !absl::StrContains("._-", c)) {
        return false;
      }
    }
  }
  return true;
}

absl::Status FillRegistry(absl::string_view text, absl::string_view rest,
                          ComponentReference& reference) {
  reference.kind = Kind::kRegistry;
  for (const char* scheme : {"http", "https"}) {
    if (!absl::ConsumePrefix(&rest, absl::StrCat(scheme, "://"))) continue;
    reference.scheme = scheme;
    break;
  }
  absl::ConsumeSuffix(&rest, "/");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(rest, absl::MaxSplits('/', 1));
  reference.host = std::string(parts.first);
  reference.sub_path = std::string(parts.second);
  if (!IsHost(reference.host)) {
    return Wrong(
        text,
        absl::StrCat("there is no file or directory ", Quoted(rest), ", and ",
                     Quoted(reference.host), " is no host of a registry"));
  }
  if (!reference.sub_path.empty() && !IsSubPath(reference.sub_path)) {
    return Wrong(text,
                 absl::StrCat(Quoted(reference.sub_path),
                              " is no path in a registry (lower-case letters, "
                              "digits, \".\", \"_\", \"-\" and \"/\")"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ComponentReference::Repository() const {
  if (kind == Kind::kCtf) return path;
  return absl::StrCat(scheme, scheme.empty() ? "" : "://", host,
                      sub_path.empty() ? "" : "/", sub_path);
}

std::string ComponentReference::Format() const {
  if (name.empty()) return Repository();
  return absl::StrCat(Repository(), "//", name, version.empty() ? "" : ":",
                      version);
}

absl::StatusOr<ComponentReference> ParseComponentReference(
    absl::string_view text,
    const std::function<bool(const std::string& path)>& exists) {
  if (text.size() > kMaxBytes) return Wrong(text, "it is too long");
  for (const char c : text) {
    if (absl::ascii_iscntrl(c))
      return Wrong(text, "it has a control character");
  }
  ComponentReference reference;
  absl::string_view rest = text;
  ASSIGN_OR_RETURN(const std::optional<Kind> type, TakeType(text, rest));
  bool is_file = false;
  while (absl::ConsumePrefix(&rest, "file://")) is_file = true;
  // A path may hold "//" itself: then no component is named.
  const bool whole = type != Kind::kRegistry && exists(std::string(rest));
  if (!whole) RETURN_IF_ERROR(TakeComponent(text, rest, reference));
  if (rest.empty()) return Wrong(text, "no repository is named");
  const std::string path(rest);
  if (type == Kind::kCtf || is_file ||
      (!type.has_value() && (rest[0] == '.' || rest[0] == '/' ||
                             EndsAsArchive(rest) || exists(path)))) {
    reference.path = path;
    return reference;
  }
  RETURN_IF_ERROR(FillRegistry(text, rest, reference));
  return reference;
}

absl::StatusOr<ComponentReference> ParseComponentReference(
    absl::string_view text) {
  return ParseComponentReference(text, [](const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
  });
}

}  // namespace countersign::client
