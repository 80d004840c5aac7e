// A signature entry as text: lines of block YAML, or JSON; and the scalars that
// both are made of. What it writes is read alike by YAML 1.1 (libyaml,
// yaml-cpp) and, in the JSON forms, by every JSON parser. Part of
// descriptor_writer and document_text, its only callers. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_TEXT_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/artifact/descriptor_model.h"

namespace countersign::client {

// One scalar on one line, as JSON text (which is YAML as well), and as YAML,
// plain where that is safe.
std::string JsonScalar(absl::string_view text);
std::string YamlScalar(absl::string_view text);
// Whether a literal block (|) gives `text` back unchanged: lines of printable
// ASCII that do not begin with a blank, each ended by one line feed.
bool IsSafeLiteral(absl::string_view text);

// The entry as both OCM tools know it.
base::Json SignatureJson(const DescriptorSignature& signature);

// One list item, its dash behind `column` blanks, each line with `eol`. PEM
// text becomes a literal block.
std::string SignatureYaml(const DescriptorSignature& signature, size_t column,
                          absl::string_view eol);

// JSON on one line, or, with a non-empty `unit` of indentation, on several:
// lines after the first begin with `indent`, deeper ones with units more.
std::string JsonText(const base::Json& value, absl::string_view indent,
                     absl::string_view unit, absl::string_view eol);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_SIGNATURE_TEXT_H_
