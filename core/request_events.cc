#include "core/request_events.h"

#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"

namespace countersign::core {
namespace {

using base::Json;

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

Json Who(const Principal& p) {
  return Json::Object{{"issuer", p.issuer}, {"subject", p.subject}};
}

Json ContextJson(const RequestContent& content) {
  Json::Object context;
  for (const auto& [key, value] : content.context) {
    context.emplace_back(key, value);
  }
  return context;
}

Json DigestsJson(const RequestContent& content) {
  Json::Array digests;
  digests.reserve(content.digests.size());
  for (const LabelledDigest& digest : content.digests) {
    digests.push_back(Json::Object{{"label", digest.label},
                                   {"value", base::HexEncode(digest.value)}});
  }
  return digests;
}

Json ApproversJson(const SigningRequest& request) {
  Json::Array approvers;
  for (const Decision& decision : request.decisions) {
    if (decision.kind == DecisionKind::kApproval) {
      approvers.push_back(Who(decision.approver));
    }
  }
  return approvers;
}

Json SignatureHashes(const std::vector<std::string>& signatures) {
  Json::Array hashes;
  hashes.reserve(signatures.size());
  for (const std::string& signature : signatures) {
    hashes.push_back(base::Sha256Hex(signature));
  }
  return hashes;
}

Event About(EventType type, const SigningRequest& request, absl::Time time,
            Principal actor) {
  Event event;
  event.type = type;
  event.time = time;
  event.actor = std::move(actor);
  event.resource = request.name.Format();
  event.operation = request.name.operation.Format();
  event.key_version =
      KeyVersionName{request.name.operation, request.key_version}.Format();
  return event;
}

}  // namespace

Event RequestCreatedEvent(const SigningRequest& request) {
  Event event = About(EventType::kRequestCreated, request, request.create_time,
                      request.requester);
  event.details = Json::Object{
      {"algorithm", ToString(request.content.algorithm)},
      {"contentDigest", ContentDigest(request.content)},
      {"context", ContextJson(request.content)},
      {"description", request.content.description},
      {"digests", DigestsJson(request.content)},
      {"encoding", ToString(request.content.encoding)},
      {"etag", Etag(request)},
      {"expireTime", TimeText(request.expire_time)},
      {"hash", ToString(request.content.hash)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"requestId", request.request_id},
      {"rule", RuleJson(request.rule)},
      {"ruleDigest", RuleDigest(request.rule)},
      {"state", ToString(request.state)},
  };
  return event;
}

Event RequestDecidedEvent(EventType type, const SigningRequest& request,
                          const Principal& actor) {
  Event event = About(type, request, request.update_time, actor);
  std::string reason = request.state_reason;
  if (type == EventType::kRequestApproved && !request.decisions.empty()) {
    reason = request.decisions.back().reason;
  }
  event.details = Json::Object{
      {"approvers", ApproversJson(request)},
      {"contentDigest", ContentDigest(request.content)},
      {"etag", Etag(request)},
      {"reason", reason},
      {"requester", Who(request.requester)},
      {"requiredApprovals", request.rule.required_approvals},
      {"ruleDigest", RuleDigest(request.rule)},
      {"state", ToString(request.state)},
  };
  return event;
}

Event SigningResumedEvent(const SigningRequest& request, absl::Time now) {
  Event event =
      About(EventType::kSigningResumed, request, now, ServerPrincipal());
  event.details = Json::Object{
      {"contentDigest", ContentDigest(request.content)},
      {"etag", Etag(request)},
      {"keySpkiSha256", request.key_spki_sha256},
  };
  return event;
}

Event RequestSignedEvent(const SigningRequest& request) {
  Event event = About(EventType::kRequestSigned, request, request.update_time,
                      ServerPrincipal());
  event.details = Json::Object{
      {"contentDigest", ContentDigest(request.content)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"requester", Who(request.requester)},
      {"signatureSha256", SignatureHashes(request.signatures)},
  };
  return event;
}

Event RequestFailedEvent(const SigningRequest& request) {
  Event event = About(EventType::kRequestFailed, request, request.update_time,
                      ServerPrincipal());
  event.details = Json::Object{
      {"contentDigest", ContentDigest(request.content)},
      {"reason", request.state_reason},
  };
  return event;
}

Event SignatureDiscardedEvent(const SigningRequest& request,
                              const std::vector<std::string>& signatures,
                              const std::string& state, absl::Time now) {
  Event event =
      About(EventType::kSignatureDiscarded, request, now, ServerPrincipal());
  event.details = Json::Object{
      {"contentDigest", ContentDigest(request.content)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"signatureSha256", SignatureHashes(signatures)},
      {"state", state},
  };
  return event;
}

}  // namespace countersign::core
