// Whether a stored signature says, of this image, what is asked, by whom the
// user trusts. One verdict for each signature; that one good one suffices is
// for the caller. Called by `verify image` and `verify attestation`. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_VERDICT_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_VERDICT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/signature_check.h"
#include "client/sigstore/signature_manifest.h"
#include "client/sigstore/simple_signing.h"

namespace countersign::client {

struct ImageClaim {
  std::string digest;            // "sha256:<64 hex>"
  ImageAnnotations annotations;  // each must be signed; others may be there
};

struct SignatureVerdict {
  // OK, or INVALID_ARGUMENT: WRONG_SUBJECT (it is of something else),
  // ANNOTATION_MISSING, NOT_AN_IMAGE_SIGNATURE and NOT_THIS_TYPE (bundles of
  // another kind), those of signature_check.h and of the readers.
  absl::Status status;
  std::string signer;            // of a certificate; empty for a bare key
  std::string predicate_type;    // of a bundle with a statement
  ImageAnnotations annotations;  // as signed; worthless unless OK
};

// `payload`: the layer's octets.
SignatureVerdict JudgeSimpleSignature(const SignatureLayer& layer,
                                      absl::string_view payload,
                                      const ImageClaim& claim,
                                      const SigstoreTrust& trust);

// A bundle whose statement is cosign's for images; an attestation by the same
// key does not count, although cosign would take it.
SignatureVerdict JudgeImageBundle(const SigstoreBundle& bundle,
                                  const ImageClaim& claim,
                                  const SigstoreTrust& trust);

// A bundle whose statement is of `predicate_type` (empty: any but cosign's for
// images). `digest` as in ImageClaim, of an image or a file.
SignatureVerdict JudgeAttestation(const SigstoreBundle& bundle,
                                  absl::string_view digest,
                                  absl::string_view predicate_type,
                                  const SigstoreTrust& trust);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_VERDICT_H_
