#include "client/cli/image_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "client/cli/text_table.h"
#include "client/sigstore/statement.h"
#include "client/sigstore/stored_signatures.h"

namespace countersign::client {
namespace {

absl::StatusOr<ImageTarget> Target(Session& session, OciRepository& repository,
                                   const ImagePlanOptions& options) {
  const ImageReference& reference = options.reference;
  if (options.payload_only && !reference.digest.empty()) {
    ImageTarget target;
    target.descriptor.digest = reference.digest;
    return target;
  }
  ASSIGN_OR_RETURN(ImageTarget target, ResolveImage(repository, reference));
  if (!reference.digest.empty()) return target;
  if (!options.allow_tag) return TagRefused(reference, target);
  session.Note(EscapeLines(absl::StrCat(reference.Format(), " names ",
                                        target.descriptor.digest, " now")));
  return target;
}

absl::StatusOr<std::string> StatementOf(const std::string& digest,
                                        const ImageAnnotations& annotations) {
  const std::string hex(absl::StripPrefix(digest, "sha256:"));
  return FormatStatement(
      {{{"", {{"sha256", hex}}, annotations}}, kCosignSignPredicate}, "{}");
}

// cosign looks for no ".sig" where there is any bundle, of whoever.
absl::StatusOr<bool> NeedsBundle(Session& session, OciRepository& repository,
                                 const ImagePlanOptions& options,
                                 const std::string& digest) {
  if (options.payload_only) return false;
  if (options.bundle) return true;
  ASSIGN_OR_RETURN(const bool has, HasBundles(repository, digest));
  if (has) {
    session.Note(EscapeLines(absl::StrCat(
        digest,
        " has sigstore bundles, and cosign then no longer looks at the .sig "
        "tag: a bundle is written too")));
  }
  return has;
}

}  // namespace

absl::StatusOr<ImagePlan> PlanImages(Session& session,
                                     OciRepository& repository,
                                     const ImagePlanOptions& options) {
  RETURN_IF_ERROR(CheckAnnotations(options.annotations));
  ASSIGN_OR_RETURN(const ImageTarget target,
                   Target(session, repository, options));
  ImagePlan plan;
  plan.reference = options.reference;
  plan.annotations = options.annotations;
  plan.reference.digest = target.descriptor.digest;
  std::vector<ImageTarget> targets{target};
  if (options.recursive) {
    ASSIGN_OR_RETURN(targets, WithListedImages(repository, target));
  }
  const std::string identity =
      options.identity.empty() ? options.reference.Name() : options.identity;
  for (ImageTarget& one : targets) {
    const std::string& digest = one.descriptor.digest;
    PlannedImage image;
    ASSIGN_OR_RETURN(image.payload, FormatSimpleSigning({identity, digest,
                                                         options.annotations}));
    ASSIGN_OR_RETURN(const bool bundle,
                     NeedsBundle(session, repository, options, digest));
    if (bundle) {
      ASSIGN_OR_RETURN(image.statement,
                       StatementOf(digest, options.annotations));
    }
    image.label = absl::StrCat(options.reference.repository, "@", digest,
                               one.platform.empty() ? "" : " ", one.platform);
    image.target = std::move(one);
    plan.images.push_back(std::move(image));
  }
  return plan;
}

}  // namespace countersign::client
