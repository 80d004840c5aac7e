// A whole descriptor as text, where a text cannot be edited in place because
// digests come in: block YAML, or JSON, members in their order, raw UTF-8, a
// bare "/" and no surrogate escapes, as both OCM tools need it. What was a
// comment is lost. Part of descriptor_digests, its only caller. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DOCUMENT_TEXT_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DOCUMENT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::client {

// Lines, the last one ended. `value` is an object.
std::string BlockYaml(const base::Json& value);

// On one line, or, with a non-empty `unit` of indentation, on many. No line
// end at the end.
std::string JsonDocument(const base::Json& value, absl::string_view unit);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DOCUMENT_TEXT_H_
