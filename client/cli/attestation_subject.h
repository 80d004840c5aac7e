// What an attestation is about: a file of this machine, or an image. Called by
// `sign attestation` and `verify attestation`. Blocks on disk or registry.
#ifndef COUNTERSIGN_CLIENT_CLI_ATTESTATION_SUBJECT_H_
#define COUNTERSIGN_CLIENT_CLI_ATTESTATION_SUBJECT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/registry_options.h"
#include "client/cli/session.h"
#include "client/oci/registry.h"

namespace countersign::client {

struct AttestationSubject {
  std::string name;          // file's last name, or HOST/REPOSITORY
  std::string digest;        // "sha256:<64 hex>"
  std::string shown;         // for people: path, or reference with digest
  OciDescriptor descriptor;  // of an image
  // nullptr: a file. They belong together.
  std::unique_ptr<OciRegistries> registries;
  std::unique_ptr<OciRepository> repository;
};

// `text` is a file where there is one of that name, else an image. A tag needs
// `allow_tag` (INVALID_ARGUMENT TAG_REFUSED), and what it names is told. Errors
// are those of DigestFile, ParseImageReference and ResolveImage.
absl::StatusOr<AttestationSubject> FindSubject(Session& session,
                                               const RegistryOptions& registry,
                                               const std::string& text,
                                               bool allow_tag);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_ATTESTATION_SUBJECT_H_
