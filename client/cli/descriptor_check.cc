#include "client/cli/descriptor_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/verify_descriptor.h"
#include "client/cli/pinned_key.h"

namespace countersign::client {

absl::Status CheckEntries(Session& session, const v1::SigningRequest& request,
                          const std::vector<DescriptorSignature>& entries) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const PinnedKey key,
                   FetchKey(*connection, request.key_version()));
  VerifyOptions options;
  options.public_key_pem = key.pem;
  options.now = session.now();
  for (const DescriptorSignature& entry : entries) {
    const absl::Status good = VerifySignatureEntry(entry, options).status();
    if (good.ok()) continue;
    return base::MakeError(
        absl::StatusCode::kDataLoss,
        absl::StrCat("the server's signature of ", entry.digest.value,
                     " is not good with ", key.key_version, ": ",
                     good.message(), "; nothing was written"),
        Because("SIGNATURE_INVALID", {{"request", request.name()}}));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
