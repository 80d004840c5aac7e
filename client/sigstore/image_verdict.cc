#include "client/sigstore/image_verdict.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/statement.h"

namespace countersign::client {
namespace {

SignatureVerdict Not(absl::Status status) {
  SignatureVerdict verdict;
  verdict.status = std::move(status);
  return verdict;
}

absl::Status WrongSubject(absl::string_view signed_digest) {
  return BadInput(
      "WRONG_SUBJECT",
      absl::StrCat("it is a signature of ",
                   base::EscapeForDisplay(signed_digest), ", not of this"));
}

absl::Status CheckAnnotationsOf(const ImageAnnotations& signed_ones,
                                const ImageAnnotations& wanted) {
  for (const auto& [key, value] : wanted) {
    const auto found = signed_ones.find(key);
    if (found != signed_ones.end() && found->second == value) continue;
    return BadInput(
        "ANNOTATION_MISSING",
        absl::StrCat(
            "annotation ", Quoted(key), " is ",
            found == signed_ones.end() ? "not signed" : Quoted(found->second),
            ", not ", Quoted(value)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CertificatesOf(
    const SignatureLayer& layer) {
  std::vector<std::string> certificates;
  if (layer.certificate_pem.empty()) return certificates;
  ASSIGN_OR_RETURN(certificates, ReadCertificates(layer.certificate_pem));
  if (layer.chain_pem.empty()) return certificates;
  ASSIGN_OR_RETURN(const std::vector<std::string> chain,
                   ReadCertificates(layer.chain_pem));
  certificates.insert(certificates.end(), chain.begin(), chain.end());
  return certificates;
}

// The statement of a bundle that is good; its subject is not looked at yet.
absl::StatusOr<Statement> GoodStatement(const SigstoreBundle& bundle,
                                        const SigstoreTrust& trust,
                                        std::string& signer) {
  const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content);
  if (envelope == nullptr || envelope->payload_type != kInTotoPayloadType) {
    return BadInput("NOT_AN_IMAGE_SIGNATURE",
                    "the bundle has no in-toto statement; it is the signature "
                    "of a file (verify blob --bundle)");
  }
  ASSIGN_OR_RETURN(
      signer,
      CheckSigstoreSignature(
          PreAuthenticationEncoding(envelope->payload_type, envelope->payload),
          bundle.signature(), bundle.certificates(), trust));
  return ParseStatement(envelope->payload);
}

// One of the subjects has that digest.
const StatementSubject* SubjectOf(const Statement& statement,
                                  absl::string_view digest) {
  const absl::string_view hex = absl::StripPrefix(digest, "sha256:");
  for (const StatementSubject& subject : statement.subjects) {
    const auto found = subject.digests.find("sha256");
    if (found != subject.digests.end() && found->second == hex) {
      return &subject;
    }
  }
  return nullptr;
}

std::string FirstDigest(const Statement& statement) {
  const auto& [algorithm, value] = *statement.subjects[0].digests.begin();
  return absl::StrCat(algorithm, ":", value);
}

absl::Status JudgeLayer(const SignatureLayer& layer, absl::string_view payload,
                        const ImageClaim& claim, const SigstoreTrust& trust,
                        SignatureVerdict& out) {
  // cosign attach writes what is in the file, a newline at its end too.
  const auto signature =
      base::Base64Decode(absl::StripAsciiWhitespace(layer.signature));
  if (!signature.ok()) {
    return BadInput("SIGNATURE_UNREADABLE", "the signature is no base64");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> certificates,
                   CertificatesOf(layer));
  ASSIGN_OR_RETURN(out.signer, CheckSigstoreSignature(payload, *signature,
                                                      certificates, trust));
  ASSIGN_OR_RETURN(const SimpleSigning content, ParseSimpleSigning(payload));
  if (content.manifest_digest != claim.digest) {
    return WrongSubject(content.manifest_digest);
  }
  out.annotations = content.annotations;
  return CheckAnnotationsOf(content.annotations, claim.annotations);
}

}  // namespace

SignatureVerdict JudgeSimpleSignature(const SignatureLayer& layer,
                                      absl::string_view payload,
                                      const ImageClaim& claim,
                                      const SigstoreTrust& trust) {
  SignatureVerdict verdict;
  verdict.status = JudgeLayer(layer, payload, claim, trust, verdict);
  return verdict;
}

SignatureVerdict JudgeImageBundle(const SigstoreBundle& bundle,
                                  const ImageClaim& claim,
                                  const SigstoreTrust& trust) {
  SignatureVerdict verdict;
  const auto statement = GoodStatement(bundle, trust, verdict.signer);
  if (!statement.ok()) return Not(statement.status());
  verdict.predicate_type = statement->predicate_type;
  const StatementSubject* subject = SubjectOf(*statement, claim.digest);
  if (statement->predicate_type != kCosignSignPredicate) {
    verdict.status =
        BadInput("NOT_AN_IMAGE_SIGNATURE",
                 absl::StrCat("it is an attestation (",
                              base::EscapeForDisplay(statement->predicate_type),
                              "), not a signature of the image"));
  } else if (subject == nullptr) {
    verdict.status = WrongSubject(FirstDigest(*statement));
  } else {
    verdict.annotations = subject->annotations;
    verdict.status =
        CheckAnnotationsOf(subject->annotations, claim.annotations);
  }
  return verdict;
}

SignatureVerdict JudgeAttestation(const SigstoreBundle& bundle,
                                  absl::string_view digest,
                                  absl::string_view predicate_type,
                                  const SigstoreTrust& trust) {
  SignatureVerdict verdict;
  const auto statement = GoodStatement(bundle, trust, verdict.signer);
  if (!statement.ok()) return Not(statement.status());
  verdict.predicate_type = statement->predicate_type;
  const bool right_type =
      predicate_type.empty() ? statement->predicate_type != kCosignSignPredicate
                             : statement->predicate_type == predicate_type;
  if (!right_type) {
    verdict.status = BadInput(
        "NOT_THIS_TYPE",
        absl::StrCat("its predicate type is ",
                     base::EscapeForDisplay(statement->predicate_type)));
  } else if (SubjectOf(*statement, digest) == nullptr) {
    verdict.status = WrongSubject(FirstDigest(*statement));
  }
  return verdict;
}

}  // namespace countersign::client
