// What a plain (unquoted) YAML 1.1 scalar means, exactly as Go's yaml.v2 and
// sigs.k8s.io/yaml resolve it: yes/on/y are booleans, 010 is octal, 1_000 is a
// number, dates and 12:30 stay strings. Called by yaml_reader. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_YAML_SCALAR_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_YAML_SCALAR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::client {

// INVALID_ARGUMENT for infinities and NaN, which JSON cannot hold.
absl::StatusOr<base::Json> ResolvePlainScalar(absl::string_view text);

// The same scalar as a key: `yes` is "true", `0x10` is "16", `1.50` is "1.5"
// (shortest float32, as in Go). INVALID_ARGUMENT for null, integers beyond
// int64, infinities and NaN.
absl::StatusOr<std::string> PlainScalarAsKey(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_YAML_SCALAR_H_
