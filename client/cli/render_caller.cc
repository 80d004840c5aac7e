#include "client/cli/render_caller.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/render_principal.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

template <typename Texts>
std::string ListOrNone(const Texts& texts) {
  return texts.empty() ? "none" : absl::StrJoin(texts, ", ");
}

std::string Kind(const v1::Caller& caller) {
  switch (caller.principal().credential()) {
    case v1::Principal::BEARER_TOKEN:
      return caller.token_issuer().empty()
                 ? "token"
                 : absl::StrCat("token of the issuer ", caller.token_issuer());
    case v1::Principal::CLIENT_CERTIFICATE:
      return "client certificate";
    default:
      return "";
  }
}

}  // namespace

std::string RenderCaller(const v1::Caller& caller, absl::string_view source,
                         absl::Time now) {
  const v1::Principal& principal = caller.principal();
  TextBlock block;
  block.Add("Subject", principal.subject());
  block.AddIf("Person", principal.person());
  block.Add("Groups", ListOrNone(principal.groups()));
  block.Add("Roles", ListOrNone(caller.roles()));
  block.AddIf("Credential", Kind(caller));
  block.Add("Vouched for by", principal.issuer());
  block.AddIf("Client certificate", principal.certificate_subject());
  block.AddIf("Proved by token", RenderClaims(principal));
  block.Add("Credential SHA-256", principal.credential_fingerprint());
  if (caller.has_credential_expire_time()) {
    block.Add("Credential ends",
              TimeTextFrom(FromProto(caller.credential_expire_time()), now));
  }
  block.Add("Sent by us", source);
  return block.Format();
}

}  // namespace countersign::client
