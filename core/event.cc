#include "core/event.h"

namespace countersign::core {
namespace {

// These texts stand in leaves for ever: none is changed or used again.
struct Row {
  EventType type;
  absl::string_view text;
};
constexpr Row kEvents[] = {
    {EventType::kProductCreated, "PRODUCT_CREATED"},
    {EventType::kProductApproved, "PRODUCT_APPROVED"},
    {EventType::kProductActivated, "PRODUCT_ACTIVATED"},
    {EventType::kProductRejected, "PRODUCT_REJECTED"},
    {EventType::kProductEnabled, "PRODUCT_ENABLED"},
    {EventType::kProductDisabled, "PRODUCT_DISABLED"},
    {EventType::kKeyGenerating, "KEY_GENERATING"},
    {EventType::kKeyGenerated, "KEY_GENERATED"},
    {EventType::kKeyRegistering, "KEY_REGISTERING"},
    {EventType::kKeyRegistered, "KEY_REGISTERED"},
    {EventType::kKeyRegistrationFailed, "KEY_REGISTRATION_FAILED"},
    {EventType::kKeyChainSet, "KEY_CHAIN_SET"},
    {EventType::kKeyDisabled, "KEY_DISABLED"},
    {EventType::kKeyEnabled, "KEY_ENABLED"},
    {EventType::kKeyDestroyScheduled, "KEY_DESTROY_SCHEDULED"},
    {EventType::kKeyRestored, "KEY_RESTORED"},
    {EventType::kKeyDestroying, "KEY_DESTROYING"},
    {EventType::kKeyDestroyed, "KEY_DESTROYED"},
    {EventType::kCsrSigned, "CSR_SIGNED"},
    {EventType::kRequestCreated, "REQUEST_CREATED"},
    {EventType::kRequestApproved, "REQUEST_APPROVED"},
    {EventType::kRequestRejected, "REQUEST_REJECTED"},
    {EventType::kRequestCancelled, "REQUEST_CANCELLED"},
    {EventType::kRequestExpired, "REQUEST_EXPIRED"},
    {EventType::kSignatureDiscarded, "SIGNATURE_DISCARDED"},
    {EventType::kSigningInterrupted, "SIGNING_INTERRUPTED"},
    {EventType::kSigningResumed, "SIGNING_RESUMED"},
    {EventType::kRequestSigned, "REQUEST_SIGNED"},
    {EventType::kRequestFailed, "REQUEST_FAILED"},
    {EventType::kCallDenied, "CALL_DENIED"},
    {EventType::kServerStarted, "SERVER_STARTED"},
    {EventType::kIssuerKeysChanged, "ISSUER_KEYS_CHANGED"},
    {EventType::kCertificateIssuing, "CERTIFICATE_ISSUING"},
    {EventType::kCertificateIssued, "CERTIFICATE_ISSUED"},
    {EventType::kCertificateFailed, "CERTIFICATE_FAILED"},
    {EventType::kRenewalRequested, "RENEWAL_REQUESTED"},
    {EventType::kCertificateRevoked, "CERTIFICATE_REVOKED"},
    {EventType::kCrlSigned, "CRL_SIGNED"},
};

}  // namespace

absl::string_view ToString(EventType type) {
  for (const Row& row : kEvents) {
    if (row.type == type) return row.text;
  }
  return "";
}

bool ParseEventType(absl::string_view text, EventType* type) {
  for (const Row& row : kEvents) {
    if (row.text == text) {
      *type = row.type;
      return true;
    }
  }
  return false;
}

bool Event::operator==(const Event& o) const {
  return type == o.type && time == o.time && actor == o.actor &&
         resource == o.resource && operation == o.operation &&
         key_version == o.key_version && details == o.details;
}

Principal ServerPrincipal() {
  Principal server;
  server.subject = "server";
  return server;
}

}  // namespace countersign::core
