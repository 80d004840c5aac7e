// The site's own certificate authorities, and what they issued, as people read
// them. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_AUTHORITY_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_AUTHORITY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "countersign/v1/key_service.pb.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// A table, one line each.
std::string RenderAuthorities(
    const std::vector<v1::CertificateAuthority>& authorities, absl::Time now);
std::string RenderAuthority(const v1::CertificateAuthority& authority,
                            absl::Time now);
// A table of what was issued for a key version, newest first, with revocations;
// empty where there is nothing.
std::string RenderIssued(const v1::KeyVersion& key, absl::Time now);
// "KEY_COMPROMISE" as it is typed: "key-compromise".
std::string ReasonText(v1::Revocation::Reason reason);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_AUTHORITY_H_
