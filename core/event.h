// What is recorded: one event becomes one leaf of the Merkle log, numbered in
// the transaction that changes the state. core/ makes events; audit/leaf.h
// gives them their bytes. A regular value.
#ifndef COUNTERSIGN_CORE_EVENT_H_
#define COUNTERSIGN_CORE_EVENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "core/principal.h"

namespace countersign::core {

enum class EventType {
  kProductCreated,
  kProductApproved,   // by a person; keys are about to be made
  kProductActivated,  // its keys are in the token
  kProductRejected,
  kProductEnabled,
  kProductDisabled,
  kKeyGenerating,
  kKeyGenerated,
  kKeyRegistering,  // a key that is in the HSM already: intended
  kKeyRegistered,
  kKeyRegistrationFailed,
  kKeyChainSet,
  kKeyDisabled,
  kKeyEnabled,
  kKeyDestroyScheduled,
  kKeyRestored,
  kKeyDestroying,  // the token is about to destroy it
  kKeyDestroyed,
  kCsrSigned,
  kRequestCreated,
  kRequestApproved,  // one person's yes
  kRequestRejected,
  kRequestCancelled,
  kRequestExpired,
  kSignatureDiscarded,  // made, but the request had ended meanwhile
  kSigningInterrupted,  // the key may have been used; there is no signature
  kSigningResumed,      // a second use after a crash or an outage
  kRequestSigned,
  kRequestFailed,
  kCallDenied,
  kServerStarted,
  kIssuerKeysChanged,   // a token issuer's keys, as fetched or read
  kCertificateIssuing,  // the authority's key is about to be used
  kCertificateIssued,
  kCertificateFailed,  // the key may have been used; there is no certificate
  kRenewalRequested,
  kCertificateRevoked,
  kCrlSigned,
};
// "REQUEST_SIGNED"
absl::string_view ToString(EventType type);
bool ParseEventType(absl::string_view text, EventType* type);

struct Event {
  EventType type = EventType::kServerStarted;
  absl::Time time;
  Principal actor;        // who; the server itself has subject "server"
  std::string resource;   // resource name it is about; for a denied call, asked
  std::string operation;  // operation's name, or empty
  std::string key_version;  // key version's name, or empty
  base::Json details = base::Json::Object();

  bool operator==(const Event& o) const;
};

// The principal of what the server does by itself (expiry, recovery).
Principal ServerPrincipal();

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_EVENT_H_
