#include "client/cli/sigstore_bundle.h"

#include "absl/strings/str_cat.h"
#include "client/cli/text_table.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/certificate_names.h"
#include "client/sigstore/dsse.h"

namespace countersign::client {
namespace {

SigstoreBundle Begin(const SigstoreSigner& signer) {
  SigstoreBundle bundle;
  // v0.3 has the leaf alone; verifiers have the rest among their roots.
  if (signer.certificates().empty()) {
    bundle.material = BundleKey{KeyHint(signer.key().spki_der)};
  } else {
    bundle.material = BundleCertificates{{signer.certificates()[0]}};
  }
  return bundle;
}

}  // namespace

std::string FormatStatementBundle(const SigstoreSigner& signer,
                                  absl::string_view statement,
                                  absl::string_view signature) {
  SigstoreBundle bundle = Begin(signer);
  bundle.content = DsseEnvelope{std::string(statement), kInTotoPayloadType,
                                std::string(signature)};
  return FormatBundle(bundle);
}

std::string FormatBlobBundle(const SigstoreSigner& signer,
                             absl::string_view sha256,
                             absl::string_view signature) {
  SigstoreBundle bundle = Begin(signer);
  bundle.content = MessageSignature{HashAlgorithm::kSha256, std::string(sha256),
                                    std::string(signature)};
  return FormatBundle(bundle);
}

void WarnOfNames(Session& session, const SigstoreSigner& signer) {
  if (signer.certificates().empty()) return;
  const auto names = ReadCertificateNames(signer.certificates()[0]);
  if (!names.ok() || !names->uris.empty() || !names->emails.empty()) return;
  session.Note(EscapeLines(absl::StrCat(
      "warning: the certificate bears ", names->Format(),
      ": cosign wants a URI or an e-mail address as subjectAltName, and will "
      "not verify its bundles")));
}

}  // namespace countersign::client
