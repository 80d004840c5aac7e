#include "client/ocm/repository_error.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/encoding.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr size_t kShown = 10;

// As a digest is long, and a component's name may be: more than Quoted shows.
std::string Shown(absl::string_view text) {
  constexpr size_t kOctets = 300;
  return absl::StrCat("\"", base::EscapeForDisplay(text.substr(0, kOctets)),
                      text.size() > kOctets ? "..." : "", "\"");
}

std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size() && i < kShown; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", Shown(items[i]));
  }
  if (items.size() > kShown) {
    absl::StrAppend(&text, " and ", items.size() - kShown, " more");
  }
  return text;
}

}  // namespace

absl::Status UnknownVersion(const std::string& repository,
                            const ComponentId& id,
                            const std::vector<std::string>& versions,
                            const std::vector<std::string>& others) {
  std::string hint;
  if (!versions.empty()) {
    hint = absl::StrCat("; of this component there are: ", Listed(versions));
  } else if (!others.empty()) {
    hint = absl::StrCat("; components that are there: ", Listed(others));
  }
  return ArtifactError(absl::StatusCode::kNotFound, "COMPONENT_VERSION_UNKNOWN",
                       absl::StrCat(repository, " has no component version ",
                                    Shown(id.Format()), hint));
}

absl::Status UnknownVersionAmong(const std::string& repository,
                                 const ComponentId& id,
                                 const std::vector<ComponentId>& there) {
  std::vector<std::string> versions;
  std::set<std::string> names;
  for (const ComponentId& other : there) {
    if (other.name == id.name) versions.push_back(other.version);
    names.insert(other.name);
  }
  return UnknownVersion(repository, id, versions, {names.begin(), names.end()});
}

absl::Status UnknownBlob(const std::string& repository, const ComponentId& id,
                         const std::string& local_reference) {
  return ArtifactError(absl::StatusCode::kNotFound, "BLOB_UNKNOWN",
                       absl::StrCat(repository, ": ", Shown(id.Format()),
                                    " has no blob ", Shown(local_reference)));
}

absl::Status VersionChanged(const std::string& repository,
                            const ComponentId& id) {
  return ArtifactError(
      absl::StatusCode::kAborted, "COMPONENT_VERSION_CHANGED",
      absl::StrCat(repository, ": ", Shown(id.Format()),
                   " is not what was read any more: somebody else wrote it "
                   "meanwhile; run the command again"));
}

absl::Status CheckDistinct(const std::vector<DescriptorUpdate>& updates) {
  std::set<ComponentId> seen;
  for (const DescriptorUpdate& update : updates) {
    if (seen.insert(update.id).second) continue;
    return BadInput(
        "DUPLICATE_UPDATE",
        absl::StrCat(Shown(update.id.Format()), " would be written twice"));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
