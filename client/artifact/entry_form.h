// The serialisation of jsonNormalisation/v1 ("entry" form): every object is a
// list of one-key objects sorted by the key's UTF-8 octets, strings as Go's
// json.Marshal writes them (with < > & U+2028 U+2029 escaped). Called by
// normalisation only. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_ENTRY_FORM_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_ENTRY_FORM_H_

#include <string>

#include "base/json.h"

namespace countersign::client {

// No white space, no newline at the end. Numbers must be finite and strings
// valid UTF-8, as ReadYaml gives them.
std::string EntryForm(const base::Json& value);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_ENTRY_FORM_H_
