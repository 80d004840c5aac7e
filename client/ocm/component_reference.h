// What people write to name component versions: REPO//NAME:VERSION, as the OCM
// tools write it. REPO is a CTF's path or HOST[:PORT]/SUBPATH of a registry,
// with or without a type ("ctf::", "oci::") before it. Not the opening:
// open_components.h. Called by the CLI.
#ifndef COUNTERSIGN_CLIENT_OCM_COMPONENT_REFERENCE_H_
#define COUNTERSIGN_CLIENT_OCM_COMPONENT_REFERENCE_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct ComponentReference {
  enum class Kind { kCtf, kRegistry };

  Kind kind = Kind::kCtf;
  std::string path;  // kCtf: directory, tar or tgz; its content tells which

  std::string scheme;    // kRegistry: "http" or "https" as written, or empty
  std::string host;      // kRegistry: with ":PORT" where there is one
  std::string sub_path;  // kRegistry: "team/ocm"; may be empty

  std::string name;     // component; empty: every version in REPO
  std::string version;  // empty: every version of the component

  // REPO: the path, or [SCHEME://]HOST[/SUBPATH].
  std::string Repository() const;
  // REPO, REPO//NAME or REPO//NAME:VERSION.
  std::string Format() const;
};

// Whether a path is there: a bare REPO that is there is a CTF. So is one that
// begins with "." or "/", or ends as archives do. INVALID_ARGUMENT
// (REFERENCE_INVALID) says what is wrong and shows a right one.
absl::StatusOr<ComponentReference> ParseComponentReference(
    absl::string_view text,
    const std::function<bool(const std::string& path)>& exists);

// The same; looks at the disk.
absl::StatusOr<ComponentReference> ParseComponentReference(
    absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_COMPONENT_REFERENCE_H_
