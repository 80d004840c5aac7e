// Puts digests of resources and references into a component descriptor. The
// document is written anew, in the form that it had (block YAML or JSON), with
// every field in its place; comments do not survive that. Not the computing of
// digests (client/ocm/). Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_DIGESTS_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_DIGESTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/artifact/descriptor_model.h"

namespace countersign::client {

struct DigestFill {
  enum class Element { kResource, kReference };
  Element element = Element::kResource;
  size_t index = 0;  // in the model's list
  DigestSpec digest;
};

// `text` itself where there is nothing to fill. INVALID_ARGUMENT: the reasons
// of ComponentDescriptor::Parse; DESCRIPTOR_LAYOUT where the new text would not
// say the same.
absl::StatusOr<std::string> FillDigests(absl::string_view text,
                                        const std::vector<DigestFill>& fills);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_DIGESTS_H_
