#include "client/oci/retry_pause.h"

#include <string>

namespace countersign::client {

void RetryPause::Wait(absl::Duration first, int attempt) const {
  const absl::Duration whole = first * (1 << attempt);
  const std::string octet = random.Bytes(1);
  sleep(whole / 2 + whole / 2 * (static_cast<unsigned char>(octet[0]) / 255.0));
}

}  // namespace countersign::client
