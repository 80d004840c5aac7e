// Signing requests as people read them before they agree: everything that would
// be signed, who asks, under which rule, with which key. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_REQUEST_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_REQUEST_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// The whole request.
std::string RenderRequest(const v1::SigningRequest& request, absl::Time now);

// A table, one line each.
std::string RenderRequestList(const std::vector<v1::SigningRequest>& requests,
                              absl::Time now);

// "waiting: 1 of 2 agreed, 1 more of release-approvers must; expires ...".
std::string RenderProgress(const v1::SigningRequest& request, absl::Time now);

// The vote that ended it or, without one, the server's reason: "rejected by
// email:a@b: \"wrong branch\"". As it came, for errors: escape to show. As it
// came: it goes into errors, which are made safe where they are shown.
std::string RenderEnd(const v1::SigningRequest& request);

// Parts that other texts need.
int RequiredApprovals(const v1::ApprovalRule& rule);
int Approvals(const v1::SigningRequest& request);
std::string RenderRule(const v1::ApprovalRule& rule);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_REQUEST_H_
