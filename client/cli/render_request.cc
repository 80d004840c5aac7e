#include "client/cli/render_request.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/message_text.h"
#include "client/cli/render_principal.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

std::string Groups(
    const google::protobuf::RepeatedPtrField<std::string>& groups) {
  return groups.empty() ? "nobody"
                        : base::EscapeForDisplay(absl::StrJoin(groups, ", "));
}

// "products/p/operations/o/signingRequests/r" -> "products/p/operations/o".
std::string OperationOf(const std::string& request) {
  const size_t cut = request.find("/signingRequests/");
  return cut == std::string::npos ? request : request.substr(0, cut);
}

std::string StateText(const SigningRequest& request) {
  std::string text = SigningRequest::State_Name(request.state());
  const int required = RequiredApprovals(request.approval_rule());
  if (request.state() == SigningRequest::PENDING_APPROVAL) {
    absl::StrAppend(&text, ": ", Approvals(request), " of ", required,
                    " agreed");
  }
  if (!request.state_reason().empty()) {
    absl::StrAppend(&text, ": ", request.state_reason());
  }
  return text;
}

std::string Context(const SigningRequest& request) {
  // The wire's map has no order; people want one.
  const std::map<std::string, std::string> sorted(request.context().begin(),
                                                  request.context().end());
  std::vector<std::string> lines;
  for (const auto& [key, value] : sorted) {
    lines.push_back(absl::StrCat(base::EscapeForDisplay(key), " = ",
                                 base::EscapeForDisplay(value)));
  }
  return absl::StrJoin(lines, "\n");
}

std::string Labelled(int index, const std::string& text,
                     const v1::LabelledDigest& digest) {
  return absl::StrCat(
      "[", index, "] ", text,
      digest.label().empty()
          ? ""
          : absl::StrCat("  ", base::EscapeForDisplay(digest.label())));
}

// What is signed with UNHASHED: every octet of it.
std::string Messages(const SigningRequest& request) {
  std::vector<std::string> parts;
  for (int i = 0; i < request.digests_size(); ++i) {
    const v1::LabelledDigest& digest = request.digests(i);
    const std::string text = MessageText(digest.message());
    // The label goes to the head, above the message's own lines.
    const size_t head = std::min(text.find('\n'), text.size());
    parts.push_back(absl::StrCat(Labelled(i, text.substr(0, head), digest),
                                 text.substr(head)));
  }
  return absl::StrJoin(parts, "\n");
}

// The token that made the signatures; which made which, where they differ.
std::string SignedBy(const SigningRequest& request) {
  std::vector<std::string> lines;
  bool same = true;
  for (int i = 0; i < request.signatures_size(); ++i) {
    const std::string& token = request.signatures(i).token();
    same = same && token == request.signatures(0).token();
    lines.push_back(absl::StrCat("[", i, "] ", base::EscapeForDisplay(token)));
  }
  if (lines.empty()) return "";
  return same ? request.signatures(0).token() : absl::StrJoin(lines, "\n");
}

std::string AlgorithmText(const SigningRequest& request) {
  const std::string over = request.hash_algorithm() == v1::UNHASHED
                               ? "the message itself"
                               : Format(request.hash_algorithm());
  return absl::StrCat(Format(request.signature_algorithm()), " over ", over,
                      request.encoding() == v1::PEM ? ", as PEM" : "",
                      request.ecdsa_form() == v1::FIXED_WIDTH
                          ? ", r and s of fixed width"
                          : "");
}

// One line for each: a label with a line break in it cannot make another.
std::string Digests(const SigningRequest& request) {
  std::vector<std::string> lines;
  for (int i = 0; i < request.digests_size(); ++i) {
    const v1::LabelledDigest& digest = request.digests(i);
    lines.push_back(Labelled(i, base::HexEncode(digest.value()), digest));
  }
  return absl::StrJoin(lines, "\n");
}

std::string Decisions(const SigningRequest& request) {
  std::vector<std::string> lines;
  for (const v1::Decision& decision : request.decisions()) {
    lines.push_back(absl::StrCat(
        decision.kind() == v1::Decision::APPROVAL ? "approved by "
                                                  : "rejected by ",
        RenderPrincipalShort(decision.approver()), " at ",
        TimeText(FromProto(decision.decide_time())),
        decision.reason().empty()
            ? ""
            : absl::StrCat(": ", base::EscapeForDisplay(decision.reason()))));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

int RequiredApprovals(const v1::ApprovalRule& rule) {
  if (rule.required_approvals() > 0) return rule.required_approvals();
  return rule.approval_groups().empty() ? 0 : 1;
}

int Approvals(const SigningRequest& request) {
  return static_cast<int>(
      std::count_if(request.decisions().begin(), request.decisions().end(),
                    [](const v1::Decision& d) {
                      return d.kind() == v1::Decision::APPROVAL;
                    }));
}

std::string RenderRule(const v1::ApprovalRule& rule) {
  std::string text;
  if (!rule.display_name().empty()) {
    absl::StrAppend(&text, base::EscapeForDisplay(rule.display_name()), "\n");
  }
  absl::StrAppend(&text, "may ask: ", Groups(rule.allowed_groups()));
  for (const v1::ClaimRule& claim : rule.required_claims()) {
    absl::StrAppend(&text, "\nwho asks must prove: ", RenderClaimRule(claim));
  }
  absl::StrAppend(&text, "\nmust agree: ",
                  rule.approval_groups().empty()
                      ? std::string("nobody")
                      : absl::StrCat(RequiredApprovals(rule), " of ",
                                     Groups(rule.approval_groups())));
  absl::StrAppend(&text,
                  "\nneed no agreement: ", Groups(rule.blanket_groups()));
  if (rule.has_request_expiry()) {
    absl::StrAppend(
        &text, "\nrequests expire after ",
        DurationText(absl::Seconds(rule.request_expiry().seconds())));
  }
  return text;
}

std::string RenderRequest(const SigningRequest& request, absl::Time now) {
  TextBlock block;
  block.Add("Signing request", request.name());
  block.Add("State", StateText(request));
  block.Add("Operation", OperationOf(request.name()));
  block.Add("Requested by", RenderPrincipal(request.requester()));
  block.AddIf("Description", request.description());
  // What the issuer of the token vouches for, and what the requester said and
  // nobody proved, are never one block.
  block.AddIf("Proved by token", RenderClaims(request.requester()));
  block.AddIf("Context (claimed)", Context(request));
  block.Add("Algorithm", AlgorithmText(request));
  block.AddIf("Key", request.key_version());
  block.AddIf("Key SPKI SHA-256", request.key_spki_sha256());
  block.AddIf("Signed by token", SignedBy(request));
  const bool messages = request.hash_algorithm() == v1::UNHASHED;
  const char* what = messages ? "Message" : "Digest";
  block.Add(request.digests_size() == 1
                ? what
                : absl::StrCat(request.digests_size(), " ",
                               messages ? "messages" : "digests"),
            messages ? Messages(request) : Digests(request));
  block.Add("Rule", RenderRule(request.approval_rule()));
  block.AddIf("Decisions", Decisions(request));
  block.Add("Created", TimeTextFrom(FromProto(request.create_time()), now));
  if (request.has_expire_time()) {
    block.Add("Expires", TimeTextFrom(FromProto(request.expire_time()), now));
  }
  block.AddIf("Etag", request.etag());
  return block.Format();
}

std::string RenderRequestList(const std::vector<SigningRequest>& requests,
                              absl::Time now) {
  if (requests.empty()) return "no signing requests\n";
  TextTable table({"STATE", "AGREED", "DIGESTS", "REQUESTED BY", "CREATED",
                   "DESCRIPTION", "NAME"});
  for (const SigningRequest& request : requests) {
    table.AddRow(
        {SigningRequest::State_Name(request.state()),
         absl::StrCat(Approvals(request), "/",
                      RequiredApprovals(request.approval_rule())),
         absl::StrCat(request.digests_size()), request.requester().subject(),
         absl::StrCat(DurationText(now - FromProto(request.create_time())),
                      " ago"),
         request.description(), request.name()});
  }
  return table.Format();
}

std::string RenderProgress(const SigningRequest& request, absl::Time now) {
  const v1::ApprovalRule& rule = request.approval_rule();
  const int required = RequiredApprovals(rule);
  const int given = Approvals(request);
  if (request.state() == SigningRequest::APPROVED) {
    return absl::StrCat("approved: ", given, " of ", required,
                        " agreed; waiting for the signature");
  }
  std::string text =
      absl::StrCat("waiting: ", given, " of ", required, " agreed, ",
                   std::max(required - given, 0), " more of ",
                   Groups(rule.approval_groups()), " must");
  if (request.has_expire_time()) {
    absl::StrAppend(&text, "; expires ",
                    TimeTextFrom(FromProto(request.expire_time()), now));
  }
  return EscapeLines(text);
}

std::string RenderEnd(const SigningRequest& request) {
  for (const v1::Decision& decision : request.decisions()) {
    if (decision.kind() != v1::Decision::REJECTION) continue;
    return absl::StrCat("rejected by ", decision.approver().subject(), ": \"",
                        decision.reason(), "\"");
  }
  std::string text =
      absl::AsciiStrToLower(SigningRequest::State_Name(request.state()));
  if (!request.state_reason().empty()) {
    absl::StrAppend(&text, ": ", request.state_reason());
  }
  return text;
}

}  // namespace countersign::client
