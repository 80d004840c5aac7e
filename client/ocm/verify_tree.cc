#include "client/ocm/verify_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/verify_descriptor.h"

namespace countersign::client {
namespace {

using Basis = DigestMode::Basis;

// Gathers what is wrong.
class Failures {
 public:
  void Add(const absl::Status& status) {
    if (++count_ == 1) first_ = status;
  }
  absl::Status Take() const {
    if (count_ < 2) return first_;
    return base::MakeError(
        first_.code(),
        absl::StrCat(first_.message(), " (and ", count_ - 1, " more)"),
        base::GetErrorDetails(first_).value_or(base::ErrorDetails()));
  }

 private:
  int count_ = 0;
  absl::Status first_;
};

// Whether the signature's digest is that of the version, with all that it
// refers to, in one of the two ways of computing it.
absl::Status CheckDigest(TreeDigest& digests, size_t v,
                         const DescriptorSignature& signature) {
  ASSIGN_OR_RETURN(DigestMode mode, ModeOf(signature.digest));
  ASSIGN_OR_RETURN(const DigestSpec filled, digests.Digest(v, mode));
  if (filled.value == signature.digest.value) return absl::OkStatus();
  mode.basis = Basis::kAsStored;
  ASSIGN_OR_RETURN(const DigestSpec as_stored, digests.Digest(v, mode));
  if (as_stored.value == signature.digest.value) {
    if (digests.IsComplete(v)) return absl::OkStatus();
    return BadInput("DIGEST_MISMATCH",
                    "the signature does not cover the content: it was made "
                    "over a descriptor that lacks digests of resources or "
                    "references");
  }
  return BadInput("DIGEST_MISMATCH",
                  absl::StrCat("the component version was changed after it was "
                               "signed: its digest is ",
                               filled.value, ", the signature is over ",
                               Quoted(signature.digest.value)));
}

// The first anchor that the signature is good by, else the last error.
absl::Status CheckAnchors(const DescriptorSignature& signature,
                          const TrustAnchors& trust, std::string* signer) {
  absl::Status status =
      BadInput("TRUST_MISSING", "a public key or a root certificate is needed");
  const auto good = [&](const std::string& key, const std::string& roots) {
    VerifyOptions options;
    options.public_key_pem = key;
    options.roots_pem = roots;
    options.now = trust.now;
    const auto verified = VerifySignatureEntry(signature, options);
    status = verified.status();
    if (verified.ok()) *signer = verified->signer;
    return verified.ok();
  };
  for (const std::string& roots : trust.roots) {
    if (good("", roots)) return absl::OkStatus();
  }
  for (const std::string& key : trust.public_keys) {
    if (good(key, "")) return absl::OkStatus();
  }
  return status;
}

SignatureFinding CheckSignature(TreeDigest& digests, size_t v,
                                const DescriptorSignature& signature,
                                const TrustAnchors& trust) {
  SignatureFinding finding;
  finding.signature = signature;
  // A second one of the name would stand in the shade of the first.
  finding.status = digests.tree()
                       .versions[v]
                       .descriptor.FindSignature(signature.name)
                       .status();
  if (finding.status.ok()) finding.status = CheckDigest(digests, v, signature);
  if (finding.status.ok()) {
    finding.status = CheckAnchors(signature, trust, &finding.signer);
  }
  if (!signature.issuer.empty()) {
    finding.note = absl::StrCat("its issuer ", Quoted(signature.issuer),
                                " is covered by nothing and was not looked at");
  }
  return finding;
}

std::vector<SignatureFinding> CheckSignatures(
    TreeDigest& digests, size_t v, const VerifyTreeOptions& options) {
  const ComponentDescriptor& descriptor = digests.tree().versions[v].descriptor;
  std::vector<SignatureFinding> findings;
  for (const DescriptorSignature& signature : descriptor.signatures()) {
    const bool asked = options.names.empty() ||
                       std::count(options.names.begin(), options.names.end(),
                                  signature.name) > 0;
    if (!asked) continue;
    findings.push_back(CheckSignature(digests, v, signature, options.trust));
  }
  for (const std::string& name : options.names) {
    const absl::Status there = descriptor.FindSignature(name).status();
    if (!absl::IsNotFound(there)) continue;
    SignatureFinding missing;
    missing.signature.name = name;
    missing.status = there;
    findings.push_back(std::move(missing));
  }
  if (findings.empty()) {
    SignatureFinding missing;
    missing.status =
        ArtifactError(absl::StatusCode::kFailedPrecondition, "NO_SIGNATURES",
                      "the component version has no signature");
    findings.push_back(std::move(missing));
  }
  return findings;
}

absl::StatusOr<VersionReport> ReportOn(TreeDigest& digests, size_t v,
                                       bool with_signatures,
                                       const VerifyTreeOptions& options) {
  const ComponentVersion& version = digests.tree().versions[v];
  VersionReport report;
  report.id = version.id;
  report.repository = version.repository->Name();
  report.resources = digests.Content(v);
  for (size_t i = 0; i < version.references.size(); ++i) {
    ASSIGN_OR_RETURN(ReferenceFinding finding, digests.CheckReference(v, i));
    report.references.push_back(std::move(finding));
  }
  if (with_signatures) {
    report.signatures = CheckSignatures(digests, v, options);
  }
  DigestMode mode;
  const auto& signatures = version.descriptor.signatures();
  if (!signatures.empty()) {
    const auto signed_as = ModeOf(signatures[0].digest);
    if (signed_as.ok()) mode = *signed_as;
  }
  ASSIGN_OR_RETURN(report.digest, digests.Digest(v, mode));
  return report;
}

// "acme.org/x:1.0.0, resource "data"".
std::string Place(const VersionReport& report, absl::string_view kind,
                  absl::string_view name) {
  return absl::StrCat(report.id.Format(), ", ", kind, " ", Quoted(name));
}

void Judge(const VersionReport& report, const DescriptorModel& model,
           Failures& failures) {
  for (size_t i = 0; i < report.resources.size(); ++i) {
    if (report.resources[i].state != ContentState::kMismatch) continue;
    failures.Add(BadInput(
        "DIGEST_MISMATCH",
        absl::StrCat(Place(report, "resource", model.resources[i].meta.name),
                     ": ", report.resources[i].note)));
  }
  for (size_t i = 0; i < report.references.size(); ++i) {
    if (report.references[i].state != ReferenceState::kMismatch) continue;
    failures.Add(BadInput(
        "DIGEST_MISMATCH",
        absl::StrCat(Place(report, "reference", model.references[i].meta.name),
                     ": ", report.references[i].note)));
  }
  for (const SignatureFinding& finding : report.signatures) {
    if (finding.status.ok()) continue;
    failures.Add(base::Annotate(
        finding.status,
        finding.signature.name.empty()
            ? report.id.Format()
            : Place(report, "signature", finding.signature.name)));
  }
}

}  // namespace

absl::StatusOr<TreeReport> VerifyTree(TreeDigest& digests,
                                      const VerifyTreeOptions& options) {
  const ComponentTree& tree = digests.tree();
  TreeReport result;
  Failures failures;
  for (size_t v = 0; v < tree.versions.size(); ++v) {
    const bool with_signatures =
        options.recursive ||
        std::count(tree.roots.begin(), tree.roots.end(), v) > 0;
    auto report = ReportOn(digests, v, with_signatures, options);
    if (!report.ok()) {
      return base::Annotate(report.status(), tree.versions[v].id.Format());
    }
    Judge(*report, tree.versions[v].descriptor.model(), failures);
    result.versions.push_back(*std::move(report));
  }
  result.status = failures.Take();
  return result;
}

}  // namespace countersign::client
