// What of a component descriptor is left after each normalisation's rules, as
// a JSON value that is still to be serialised. Part of normalisation, its only
// caller. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_NORMALISED_TREE_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_NORMALISED_TREE_H_

#include "absl/status/statusor.h"
#include "base/json.h"
#include "client/artifact/descriptor_model.h"

namespace countersign::client {

// INVALID_ARGUMENT where creationTime is no time.

// jsonNormalisation/v1 over either schema. The legacy defaulting of
// extraIdentity has been done on `model`.
absl::StatusOr<base::Json> TreeV1(const DescriptorModel& model);
// jsonNormalisation/v2 (after the legacy defaulting) and v3.
absl::StatusOr<base::Json> TreeV3(const DescriptorModel& model);
// jsonNormalisation/v4alpha1: v3's table, without null members.
absl::StatusOr<base::Json> TreeV4Alpha1(const DescriptorModel& model);

// Where two resources share name and extraIdentity, the first ones get their
// version into extraIdentity, in order and in place (OCM's v1 and v2 only).
DescriptorModel WithLegacyIdentities(DescriptorModel model);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_NORMALISED_TREE_H_
