#include "client/sigstore/go_json.h"

#include "absl/strings/str_replace.h"

namespace countersign::client {

std::string GoJson(const base::Json& value) {
  // None of these can stand in JSON but inside a string.
  return absl::StrReplaceAll(base::CompactJson(value),
                             {{"<", "\\u003c"},
                              {">", "\\u003e"},
                              {"&", "\\u0026"},
                              {"\xe2\x80\xa8", "\\u2028"},
                              {"\xe2\x80\xa9", "\\u2029"}});
}

}  // namespace countersign::client
