// Who, as people read it before they agree: subject, person, groups, who
// vouches, and apart from that what a token proved. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_PRINCIPAL_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_PRINCIPAL_H_

#include <string>

#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Lines: the subject, then "person: ...", "groups: ...", "vouched for by ...".
std::string RenderPrincipal(const v1::Principal& principal);

// One line: "token:ada (person ada; by https://login.example.org)". Of a
// certificate without a person the subject alone.
std::string RenderPrincipalShort(const v1::Principal& principal);

// Lines: the issuer, then what CI systems' claims are called by people
// ("Repository: acme/app"), in a customary order, then all others as they are
// ("runner_id = 7"). Empty where the token proved nothing that is recorded.
std::string RenderClaims(const v1::Principal& principal);

// `ref_type is "tag" or "branch"`.
std::string RenderClaimRule(const v1::ClaimRule& rule);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_PRINCIPAL_H_
