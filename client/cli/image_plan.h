// What `sign image` is going to sign: which images, with which octets in which
// formats. Asks the registry and nobody else; the same command makes the same
// octets. Called by commands/sign_image.cc.
#ifndef COUNTERSIGN_CLIENT_CLI_IMAGE_PLAN_H_
#define COUNTERSIGN_CLIENT_CLI_IMAGE_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry.h"
#include "client/sigstore/image_target.h"
#include "client/sigstore/simple_signing.h"

namespace countersign::client {

struct ImagePlanOptions {
  ImageReference reference;
  bool allow_tag = false;
  bool recursive = false;
  // Write a bundle too; one is written unasked where the image has any.
  bool bundle = false;
  // The user takes payload and signature elsewhere: the registry is asked for
  // what a tag names, and for nothing else.
  bool payload_only = false;
  std::string identity;  // docker-reference; empty: HOST/REPOSITORY
  ImageAnnotations annotations;
};

struct PlannedImage {
  ImageTarget target;
  std::string payload;    // simple signing
  std::string statement;  // of the bundle; empty: none is written
  std::string label;      // "team/app@sha256:... linux/arm64"
};

struct ImagePlan {
  ImageReference reference;  // with the digest
  ImageAnnotations annotations;
  std::vector<PlannedImage> images;
};

// Tells on standard error what a tag names, and why a bundle is written
// unasked. Errors are those of image_target.h, simple_signing.h and the
// registry.
absl::StatusOr<ImagePlan> PlanImages(Session& session,
                                     OciRepository& repository,
                                     const ImagePlanOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_IMAGE_PLAN_H_
