#include "client/cli/attestation_subject.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/file_digest.h"
#include "client/cli/file_progress.h"
#include "client/cli/text_table.h"
#include "client/sigstore/image_target.h"

namespace countersign::client {
namespace {

bool IsFile(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

absl::StatusOr<AttestationSubject> OfFile(Session& session,
                                          const std::string& path) {
  FileProgress progress(session, path);
  const auto digest =
      DigestFile(path, HashAlgorithm::kSha256, progress.Callback());
  if (!digest.ok()) return AsBadInput(digest.status());
  AttestationSubject subject;
  subject.name = path.substr(path.rfind('/') + 1);
  subject.digest = absl::StrCat("sha256:", base::HexEncode(digest->octets));
  subject.shown = path;
  return subject;
}

}  // namespace

absl::StatusOr<AttestationSubject> FindSubject(Session& session,
                                               const RegistryOptions& registry,
                                               const std::string& text,
                                               bool allow_tag) {
  if (IsFile(text)) return OfFile(session, text);
  ASSIGN_OR_RETURN(ImageReference reference, ParseImageReference(text));
  AttestationSubject subject;
  subject.registries = MakeRegistries(session, registry);
  ASSIGN_OR_RETURN(subject.repository, subject.registries->Open(reference));
  ASSIGN_OR_RETURN(const ImageTarget target,
                   ResolveImage(*subject.repository, reference));
  if (reference.digest.empty()) {
    if (!allow_tag) return TagRefused(reference, target);
    session.Note(EscapeLines(absl::StrCat(reference.Format(), " names ",
                                          target.descriptor.digest, " now")));
  }
  reference.digest = target.descriptor.digest;
  subject.name = reference.Name();
  subject.digest = reference.digest;
  subject.shown = reference.Format();
  subject.descriptor = target.descriptor;
  return subject;
}

}  // namespace countersign::client
