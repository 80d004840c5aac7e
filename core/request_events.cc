#include "core/request_events.h"

#include <cstdint>
#include <utility>

#include "base/encoding.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/time_text.h"

namespace countersign::core {
namespace {

using base::Json;

Json Who(const Principal& p) {
  Json who = Json::Object{{"issuer", p.issuer}, {"subject", p.subject}};
  if (!p.person.empty()) who.Set("person", p.person);
  return who;
}

// With what vouched for them: the leaf of a signature tells by itself who
// asked, and what their token proved.
Json WhoWithProof(const Principal& p) {
  Json who = Who(p);
  if (!p.certificate_subject.empty()) {
    who.Set("certificateSubject", p.certificate_subject);
  }
  if (!p.issuer_key.empty()) who.Set("issuerKey", p.issuer_key);
  if (!p.claims.empty()) {
    who.Set("claims", Json::Object(p.claims.begin(), p.claims.end()));
  }
  who.Set("credentialFingerprint", p.credential_fingerprint);
  return who;
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
    Json entry = Json::Object{{"label", digest.label}};
    if (content.hash == HashAlgorithm::kUnhashed) {
      entry.Set("messageSha256", base::Sha256Hex(digest.value));
      entry.Set("messageSize", uint64_t{digest.value.size()});
    } else {
      entry.Set("value", base::HexEncode(digest.value));
    }
    digests.push_back(std::move(entry));
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

// What was made, by which token, and with how many uses of the key where that
// is not one for each.
void SetSignatures(const std::vector<DigestSignature>& signatures,
                   Json& details) {
  Json::Array hashes;
  Json::Array tokens;
  hashes.reserve(signatures.size());
  int64_t uses = 0;
  bool one_token = true;
  for (const DigestSignature& signature : signatures) {
    hashes.push_back(base::Sha256Hex(signature.value));
    tokens.push_back(signature.token);
    uses += signature.key_uses;
    one_token = one_token && signature.token == signatures.front().token;
  }
  details.Set("signatureSha256", std::move(hashes));
  if (one_token && !signatures.empty()) {
    details.Set("token", signatures.front().token);
  } else {
    details.Set("tokens", std::move(tokens));
  }
  if (uses > static_cast<int64_t>(signatures.size())) {
    details.Set("keyUses", uses);
  }
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
  const std::string content_digest = ContentDigest(request.content);
  const std::string rule_digest = RuleDigest(request.rule);
  event.details = Json::Object{
      {"algorithm", ToString(request.content.algorithm)},
      {"contentDigest", content_digest},
      {"context", ContextJson(request.content)},
      {"description", request.content.description},
      {"digests", DigestsJson(request.content)},
      {"encoding", ToString(request.content.encoding)},
      {"etag", Etag(request, content_digest, rule_digest)},
      {"expireTime", base::TimeText(request.expire_time)},
      {"hash", ToString(request.content.hash)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"requestId", request.request_id},
      {"rule", RuleJson(request.rule)},
      {"ruleDigest", rule_digest},
      {"state", ToString(request.state)},
  };
  if (request.content.ecdsa_form != EcdsaForm::kDer) {
    event.details.Set("ecdsaForm", ToString(request.content.ecdsa_form));
  }
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

Event SigningInterruptedEvent(const SigningRequest& request,
                              const absl::Status& error, absl::Time now) {
  Event event =
      About(EventType::kSigningInterrupted, request, now, ServerPrincipal());
  event.details = Json::Object{
      {"code", absl::StatusCodeToString(error.code())},
      {"contentDigest", ContentDigest(request.content)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"keyUse", "unknown"},
      {"reason", base::GetReason(error)},
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
      {"approvers", ApproversJson(request)},
      {"contentDigest", ContentDigest(request.content)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"requester", WhoWithProof(request.requester)},
  };
  SetSignatures(request.signatures, event.details);
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
                              const std::vector<DigestSignature>& signatures,
                              const std::string& state, absl::Time now) {
  Event event =
      About(EventType::kSignatureDiscarded, request, now, ServerPrincipal());
  event.details = Json::Object{
      {"contentDigest", ContentDigest(request.content)},
      {"keySpkiSha256", request.key_spki_sha256},
      {"state", state},
  };
  SetSignatures(signatures, event.details);
  return event;
}

}  // namespace countersign::core
