// The tag that a component version has in a registry and in a CTF: a tag holds
// no "+", so "1.0.0+b" is stored as "1.0.0.build-b". Called by artifact_index
// and registry_components. Pure.
#ifndef COUNTERSIGN_CLIENT_OCM_VERSION_TAG_H_
#define COUNTERSIGN_CLIENT_OCM_VERSION_TAG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Every "+" replaced: that is what a registry takes. (Of the tools one replaces
// each, the other only the first; versions with two are none of SemVer's.)
// INVALID_ARGUMENT (VERSION_INVALID) where it can be no tag.
absl::StatusOr<std::string> TagOf(absl::string_view version);

// Back, by the last ".build-".
std::string VersionOfTag(absl::string_view tag);

// Whether `tag` is one under which `version` may stand in a CTF: in either way
// of replacing, or as it is.
bool IsTagOf(absl::string_view tag, absl::string_view version);

// OCI Distribution Specification 1.1: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}. A CTF
// may hold "+" as well: some writers do not replace it.
bool IsStoredTag(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_VERSION_TAG_H_
