#include "client/oci/registry.h"

#include <string>

namespace countersign::client {

absl::Status OciRepository::PutBlob(const std::string& digest,
                                    absl::string_view octets) {
  absl::string_view rest = octets;
  return PutBlob(digest, octets.size(),
                 [&rest](size_t room) -> absl::StatusOr<std::string> {
                   std::string piece(rest.substr(0, room));
                   rest.remove_prefix(piece.size());
                   return piece;
                 });
}

}  // namespace countersign::client
