#include "core/signing_request.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "core/canonical_text.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxReason = 1024;  // octets

using S = RequestState;

// Every change of state that there is. Approve stays in PENDING_APPROVAL until
// the rule is met.
struct Transition {
  RequestState from;
  RequestState to;
};
constexpr Transition kTransitions[] = {
    {S::kPendingApproval, S::kPendingApproval},  // Approve, one of several
    {S::kPendingApproval, S::kApproved},         // Approve, the last
    {S::kPendingApproval, S::kRejected},         // Reject
    {S::kPendingApproval, S::kExpired},          // Expire
    {S::kPendingApproval, S::kCancelled},        // Cancel
    {S::kApproved, S::kCancelled},               // Cancel
    {S::kApproved, S::kFailed},                  // Fail
    {S::kApproved, S::kSigned},                  // Sign
};

bool IsAllowed(RequestState from, RequestState to) {
  return std::any_of(
      std::begin(kTransitions), std::end(kTransitions),
      [=](const Transition& t) { return t.from == from && t.to == to; });
}

SigningRequest Next(const SigningRequest& request, RequestState state,
                    absl::Time now) {
  SigningRequest next = request;
  next.state = state;
  next.revision = request.revision + 1;
  next.update_time = now;
  return next;
}

absl::Status NotPending(const SigningRequest& request) {
  return error::RequestNotPending(request.name.Format(),
                                  ToString(request.state));
}

bool HasDecided(const SigningRequest& request, const Principal& p,
                const Policy& policy) {
  return std::any_of(
      request.decisions.begin(), request.decisions.end(),
      [&](const Decision& d) { return policy.SamePerson(d.approver, p); });
}

// What a yes and a no have in common. The order matters: who may not decide
// does not learn whether an etag is the right one.
absl::Status CheckDecision(const SigningRequest& request, RequestState to,
                           const Principal& approver, const Policy& policy,
                           absl::string_view action, const std::string& etag,
                           absl::Time now) {
  const std::string name = request.name.Format();
  if (!IsAllowed(request.state, to)) return NotPending(request);
  if (now >= request.expire_time) {
    return error::RequestExpired(name, request.expire_time);
  }
  if (!request.rule.MayApprove(approver)) {
    return error::PermissionDenied(approver.subject, action, name);
  }
  if (policy.SamePerson(request.requester, approver)) {
    return error::OwnRequest(name);
  }
  if (HasDecided(request, approver, policy)) {
    return error::AlreadyDecided(name, approver.subject);
  }
  if (etag.empty()) {
    return error::BadRequest(
        {{"etag", "is empty; send that of the request as it was shown"}});
  }
  if (!base::SameDigest(etag, Etag(request))) return error::StaleEtag(name);
  return absl::OkStatus();
}

absl::Status CheckReason(const std::string& reason, size_t min) {
  if (reason.size() < min || reason.size() > kMaxReason) {
    return error::BadRequest(
        {{"reason", absl::StrCat("has ", reason.size(), " octets; ", min,
                                 " to ", kMaxReason, " are possible")}});
  }
  if (!base::IsValidUtf8(reason)) {
    return error::BadRequest(
        {{"reason", "is not UTF-8; only UTF-8 is accepted"}});
  }
  return absl::OkStatus();
}

// The approvals that count (invariant 2).
int CountApprovals(const SigningRequest& request) {
  const std::string etag = Etag(request);
  std::vector<const Principal*> counted;
  for (const Decision& d : request.decisions) {
    const bool twice = std::any_of(
        counted.begin(), counted.end(),
        [&d](const Principal* p) { return p->SamePerson(d.approver); });
    if (d.kind == DecisionKind::kApproval && !twice &&
        request.rule.MayApprove(d.approver) &&
        !request.requester.SamePerson(d.approver) &&
        d.time < request.expire_time && base::SameDigest(d.etag, etag)) {
      counted.push_back(&d.approver);
    }
  }
  return static_cast<int>(counted.size());
}

}  // namespace

absl::string_view ToString(RequestState state) {
  switch (state) {
    case S::kPendingApproval:
      return "PENDING_APPROVAL";
    case S::kApproved:
      return "APPROVED";
    case S::kSigned:
      return "SIGNED";
    case S::kRejected:
      return "REJECTED";
    case S::kExpired:
      return "EXPIRED";
    case S::kCancelled:
      return "CANCELLED";
    case S::kFailed:
      return "FAILED";
  }
  return "";
}

bool IsTerminal(RequestState state) {
  return std::none_of(std::begin(kTransitions), std::end(kTransitions),
                      [=](const Transition& t) { return t.from == state; });
}

bool Decision::operator==(const Decision& o) const {
  return kind == o.kind && approver == o.approver && reason == o.reason &&
         etag == o.etag && time == o.time;
}

bool SigningRequest::operator==(const SigningRequest& o) const {
  return name == o.name && content == o.content && requester == o.requester &&
         request_id == o.request_id && rule == o.rule &&
         key_version == o.key_version && key_spki_sha256 == o.key_spki_sha256 &&
         state == o.state && decisions == o.decisions &&
         signatures == o.signatures && state_reason == o.state_reason &&
         create_time == o.create_time && update_time == o.update_time &&
         expire_time == o.expire_time && revision == o.revision;
}

std::string Etag(const SigningRequest& request) {
  return Etag(request, ContentDigest(request.content),
              RuleDigest(request.rule));
}

std::string Etag(const SigningRequest& request,
                 absl::string_view content_digest,
                 absl::string_view rule_digest) {
  std::string text;
  text.reserve(1024);
  absl::StrAppend(&text, R"({"content":")", content_digest,
                  R"(","expireTime":")", absl::ToUnixNanos(request.expire_time),
                  R"(","keySpkiSha256":)");
  AppendString(request.key_spki_sha256, text);
  // Numbers as text: 64 bits do not fit into a JSON number.
  absl::StrAppend(&text, R"(,"keyVersion":")", request.key_version,
                  R"(","name":)");
  AppendString(request.name.Format(), text);
  text.append(R"(,"requester":{)");
  // What only tokens have is said for tokens only: etags of requests by
  // certificate stay what they were.
  if (!request.requester.certificate_subject.empty()) {
    text.append(R"("certificateSubject":)");
    AppendString(request.requester.certificate_subject, text);
    text.push_back(',');
  }
  if (!request.requester.claims.empty()) {
    text.append(R"("claims":)");
    AppendMap(request.requester.claims, text);
    text.push_back(',');
  }
  text.append(R"("credentialFingerprint":)");
  AppendString(request.requester.credential_fingerprint, text);
  text.append(R"(,"groups":)");
  AppendStrings(request.requester.groups, text);
  text.append(R"(,"issuer":)");
  AppendString(request.requester.issuer, text);
  if (!request.requester.issuer_key.empty()) {
    text.append(R"(,"issuerKey":)");
    AppendString(request.requester.issuer_key, text);
  }
  if (!request.requester.person.empty()) {
    text.append(R"(,"person":)");
    AppendString(request.requester.person, text);
  }
  text.append(R"(,"subject":)");
  AppendString(request.requester.subject, text);
  absl::StrAppend(&text, R"(},"rule":")", rule_digest, R"("})");
  return base::Sha256Hex(text);
}

absl::StatusOr<SigningRequest> Approve(const SigningRequest& request,
                                       const Principal& approver,
                                       const Policy& policy,
                                       const std::string& etag,
                                       const std::string& reason,
                                       absl::Time now) {
  RETURN_IF_ERROR(CheckDecision(request, S::kApproved, approver, policy,
                                "approve this request", etag, now));
  RETURN_IF_ERROR(CheckReason(reason, 0));
  SigningRequest next = Next(request, S::kPendingApproval, now);
  next.decisions.push_back(
      {DecisionKind::kApproval, approver, reason, etag, now});
  if (RuleIsMet(next)) next.state = S::kApproved;
  return next;
}

absl::StatusOr<SigningRequest> Reject(const SigningRequest& request,
                                      const Principal& approver,
                                      const Policy& policy,
                                      const std::string& etag,
                                      const std::string& reason,
                                      absl::Time now) {
  RETURN_IF_ERROR(CheckDecision(request, S::kRejected, approver, policy,
                                "reject this request", etag, now));
  RETURN_IF_ERROR(CheckReason(reason, 1));
  SigningRequest next = Next(request, S::kRejected, now);
  next.decisions.push_back(
      {DecisionKind::kRejection, approver, reason, etag, now});
  next.state_reason = reason;
  return next;
}

absl::StatusOr<SigningRequest> Cancel(const SigningRequest& request,
                                      const Principal& caller,
                                      const Policy& policy, absl::Time now) {
  if (!IsAllowed(request.state, S::kCancelled)) return NotPending(request);
  if (!request.requester.SameIdentity(caller) &&
      !policy.IsAdministrator(caller)) {
    return error::PermissionDenied(caller.subject, "cancel this request",
                                   request.name.Format());
  }
  SigningRequest next = Next(request, S::kCancelled, now);
  next.state_reason = absl::StrCat("cancelled by ", caller.subject);
  return next;
}

absl::StatusOr<SigningRequest> Expire(const SigningRequest& request,
                                      absl::Time now) {
  if (!IsAllowed(request.state, S::kExpired)) return NotPending(request);
  if (now < request.expire_time) {
    return error::RequestNotExpired(request.name.Format(), request.expire_time);
  }
  SigningRequest next = Next(request, S::kExpired, now);
  next.state_reason = "not enough approvals before it expired";
  return next;
}

absl::StatusOr<SigningRequest> Fail(const SigningRequest& request,
                                    const std::string& reason, absl::Time now) {
  if (!IsAllowed(request.state, S::kFailed)) {
    return error::RequestNotApproved(request.name.Format(),
                                     ToString(request.state));
  }
  SigningRequest next = Next(request, S::kFailed, now);
  next.state_reason = reason;
  return next;
}

absl::StatusOr<SigningRequest> Sign(const SigningRequest& request,
                                    std::vector<DigestSignature> signatures,
                                    absl::Time now) {
  const std::string name = request.name.Format();
  if (!IsAllowed(request.state, S::kSigned)) {
    return error::RequestNotApproved(name, ToString(request.state));
  }
  if (!RuleIsMet(request)) return error::RuleNotMet(name);
  const bool complete =
      !signatures.empty() &&
      signatures.size() == request.content.digests.size() &&
      std::none_of(signatures.begin(), signatures.end(),
                   [](const DigestSignature& s) { return s.value.empty(); });
  if (!complete) return error::SignaturesIncomplete(name);
  SigningRequest next = Next(request, S::kSigned, now);
  next.signatures = std::move(signatures);
  return next;
}

bool RuleIsMet(const SigningRequest& request) {
  const bool rejected = std::any_of(
      request.decisions.begin(), request.decisions.end(),
      [](const Decision& d) { return d.kind == DecisionKind::kRejection; });
  if (rejected) return false;
  if (FirstUnmet(request.rule.required_claims, request.requester.claims) !=
      nullptr) {
    return false;
  }
  if (request.rule.NeedsNoApproval(request.requester)) return true;
  return request.rule.required_approvals > 0 &&
         CountApprovals(request) >= request.rule.required_approvals;
}

}  // namespace countersign::core
