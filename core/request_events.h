// The leaves that a signing request leaves behind: what each says is normative
// (docs/audit-format.md). Pure.
#ifndef COUNTERSIGN_CORE_REQUEST_EVENTS_H_
#define COUNTERSIGN_CORE_REQUEST_EVENTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/event.h"
#include "core/signing_request.h"

namespace countersign::core {

// Everything that was asked for, under which rule, and whether people have to
// agree.
Event RequestCreatedEvent(const SigningRequest& request);
// The newest decision, or a cancellation or expiry; `request` is the state
// after it.
Event RequestDecidedEvent(EventType type, const SigningRequest& request,
                          const Principal& actor);
// The key may have been used, but no signature came of it.
Event SigningInterruptedEvent(const SigningRequest& request,
                              const absl::Status& error, absl::Time now);
// The key is about to be used once more.
Event SigningResumedEvent(const SigningRequest& request, absl::Time now);
// The key was used, for exactly this; signatures stand as SHA-256, with the
// token that made them.
Event RequestSignedEvent(const SigningRequest& request);
Event RequestFailedEvent(const SigningRequest& request);
// `state` is what the request had become meanwhile.
Event SignatureDiscardedEvent(const SigningRequest& request,
                              const std::vector<DigestSignature>& signatures,
                              const std::string& state, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_REQUEST_EVENTS_H_
