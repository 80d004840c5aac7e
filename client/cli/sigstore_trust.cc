#include "client/cli/sigstore_trust.h"

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/public_key.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxPem = 1 << 20;

}  // namespace

void AddTrustOptions(CLI::App& leaf, TrustOptions& options) {
  leaf.add_option("--public-key", options.public_key,
                  "public key or certificate, PEM")
      ->type_name("FILE");
  leaf.add_option("--root", options.root,
                  "trusted root certificates, PEM, for signatures with "
                  "certificates; bundles hold the leaf alone and need the "
                  "intermediates here")
      ->type_name("FILE");
  AddIdentityOption(leaf, options);
}

void AddIdentityOption(CLI::App& leaf, TrustOptions& options) {
  leaf.add_option("--identity", options.identity,
                  "with --root: the URI, e-mail address or DNS name that the "
                  "certificate must bear")
      ->type_name("NAME");
}

absl::StatusOr<SigstoreTrust> ReadSigstoreTrust(Session& session,
                                                const TrustOptions& options) {
  const auto wrong = [](const char* reason, const char* text) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, text,
                           Because(reason));
  };
  if (options.public_key.empty() && options.root.empty()) {
    return wrong("TRUST_MISSING",
                 "nothing to verify with: give --public-key or --root");
  }
  if (!options.identity.empty() && options.root.empty()) {
    return wrong("IDENTITY_NOT_POSSIBLE",
                 "--identity is of certificates and needs --root");
  }
  SigstoreTrust trust;
  trust.now = session.now();
  trust.identity = options.identity;
  if (!options.public_key.empty()) {
    ASSIGN_OR_RETURN(const std::string pem,
                     ReadInput(session, options.public_key, kMaxPem));
    const auto spki = ReadPublicKey(pem);
    if (!spki.ok()) return base::Annotate(spki.status(), options.public_key);
    trust.spki_der = *spki;
  }
  if (!options.root.empty()) {
    ASSIGN_OR_RETURN(const std::string pem,
                     ReadInput(session, options.root, kMaxPem));
    const auto roots = ReadCertificates(pem);
    if (!roots.ok()) return base::Annotate(roots.status(), options.root);
    trust.roots = *roots;
  }
  return trust;
}

}  // namespace countersign::client
