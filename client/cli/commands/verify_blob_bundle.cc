// countersign verify blob --bundle
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/file_digest.h"
#include "client/cli/commands/sigstore_commands.h"
#include "client/cli/file_progress.h"
#include "client/cli/text_table.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/image_verdict.h"
#include "client/sigstore/signature_check.h"

namespace countersign::client {
namespace {

absl::StatusOr<std::string> DigestOf(Session& session, const std::string& file,
                                     HashAlgorithm hash) {
  FileProgress progress(session, file);
  const auto digest = DigestFile(file, hash, progress.Callback());
  if (!digest.ok()) return AsBadInput(digest.status());
  return digest->octets;
}

absl::StatusOr<std::string> CheckMessage(Session& session,
                                         const std::string& file,
                                         const SigstoreBundle& bundle,
                                         const SigstoreTrust& trust) {
  const auto& message = std::get<MessageSignature>(bundle.content);
  ASSIGN_OR_RETURN(const std::string digest,
                   DigestOf(session, file, message.hash));
  if (!message.digest.empty() && message.digest != digest) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("the bundle is of another file: of one with the digest ",
                     base::HexEncode(message.digest), ", and this one has ",
                     base::HexEncode(digest)),
        Because("DIGEST_MISMATCH"));
  }
  return CheckSigstoreDigest(digest, message.hash, bundle.signature(),
                             bundle.certificates(), trust);
}

// An attestation of the file, by whatever predicate, vouches for it too.
absl::StatusOr<std::string> CheckStatement(Session& session,
                                           const std::string& file,
                                           const SigstoreBundle& bundle,
                                           const SigstoreTrust& trust) {
  ASSIGN_OR_RETURN(const std::string digest,
                   DigestOf(session, file, HashAlgorithm::kSha256));
  const SignatureVerdict verdict = JudgeAttestation(
      bundle, absl::StrCat("sha256:", base::HexEncode(digest)), "", trust);
  if (!verdict.status.ok()) return verdict.status;
  return verdict.signer;
}

}  // namespace

absl::Status VerifyBlobBundle(Session& session,
                              const BlobBundleOptions& options) {
  ASSIGN_OR_RETURN(const SigstoreTrust trust,
                   ReadSigstoreTrust(session, options.trust));
  ASSIGN_OR_RETURN(const std::string octets,
                   ReadInput(session, options.bundle, kMaxBundleBytes));
  const auto bundle = ParseBundle(octets);
  if (!bundle.ok()) return base::Annotate(bundle.status(), options.bundle);
  const bool message =
      std::holds_alternative<MessageSignature>(bundle->content);
  const auto signer =
      message ? CheckMessage(session, options.file, *bundle, trust)
              : CheckStatement(session, options.file, *bundle, trust);
  if (!signer.ok()) return base::Annotate(signer.status(), options.file);
  if (session.json()) {
    session.PrintJson(base::Json::Object{
        {"verified", true}, {"what", options.file}, {"signer", *signer}});
    return absl::OkStatus();
  }
  session.Print(absl::StrCat(
      EscapeLines(absl::StrCat(options.file, ": the signature is good",
                               signer->empty() ? "" : ", by ", *signer)),
      "\n"));
  return absl::OkStatus();
}

}  // namespace countersign::client
