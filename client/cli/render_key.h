// Key versions as people read them: where they are in their life, what limits
// them, and what their tokens say of them. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_KEY_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_KEY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

std::string RenderKey(const v1::KeyVersion& key, absl::Time now);
// The same, and a table of what the site's own authority issued for it.
std::string RenderKeyAndCertificates(const v1::KeyVersion& key, absl::Time now);
// That, and a table of findings with verdicts for each token.
std::string RenderKeyAndFindings(const v1::KeyVersion& key, absl::Time now);
// A table, one line each.
std::string RenderKeyList(const std::vector<v1::KeyVersion>& keys,
                          absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_KEY_H_
