// How a decision meets the machinery (docs/adr/0001). A flow is one change on
// its way: it says what to do next as an Effect, the driver (server/pipeline)
// does it and feeds the outcome back. A flow holds values only: no thread, no
// I/O, no clock. With fakes that answer at once a whole flow runs in
// microseconds.
#ifndef COUNTERSIGN_CORE_FLOW_H_
#define COUNTERSIGN_CORE_FLOW_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/policy.h"
#include "core/product.h"
#include "core/signer.h"
#include "core/signing_request.h"
#include "core/store.h"

namespace countersign::core {

// What the caller gets: the resource as it is now, or for a CSR the signature
// over its digest.
using Resource = std::variant<Product, SigningRequest, std::string>;
using Answer = absl::StatusOr<Resource>;

// What signing needs that this change leads to.
struct SignNeed {
  KeyRef key;
  size_t digests = 0;
};
struct CommitEffect {
  ChangeSet changes;
  // Where set, the driver asks Signer::Reserve before it commits, and keeps the
  // room until the job of the next SignEffect has it. A refusal comes to
  // OnCommitted as that error, and nothing was recorded.
  std::optional<SignNeed> need;
};
struct SignEffect {
  SignJob job;  // the driver sets the deadline where it is infinite
};
// Takes long: the driver has a thread for it.
struct MakeKeyEffect {
  KeyRef key;
  bool existing = false;  // RegisterKey instead of MakeKey
};
// As MakeKeyEffect.
struct DestroyKeyEffect {
  KeyRef key;
};
struct DoneEffect {};

// An answer may leave while the flow goes on (an approval is answered when it
// is durable; signing follows). Exactly one effect of a flow carries an answer.
struct Effect {
  std::optional<Answer> answer;
  std::variant<DoneEffect, CommitEffect, SignEffect, MakeKeyEffect,
               DestroyKeyEffect>
      next;
};

// The world at the moment of a step, as immutable snapshots.
struct World {
  std::shared_ptr<const Policy> policy;
  // The flow's product as it is committed now; nullptr where there is none.
  std::shared_ptr<const Product> product;
  absl::Time now;
};

// Single-thread: the driver calls one step at a time, in order.
class Flow {
 public:
  virtual ~Flow() = default;

  // Which product's snapshot every step needs.
  virtual ProductName product() const = 0;
  // Whether the signing it leads to was released by a person just now.
  virtual bool priority() const { return false; }

  virtual Effect Start(const World& world) = 0;
  // A store that failed as a whole comes as an error: sign nothing.
  virtual Effect OnCommitted(const absl::StatusOr<CommitOutcome>& outcome,
                             const World& world) = 0;
  virtual Effect OnSigned(SignResult result, const World& world) = 0;
  virtual Effect OnKeyMade(absl::StatusOr<KeyReport> report,
                           const World& world) = 0;
  virtual Effect OnKeyDestroyed(absl::Status status, const World& world) = 0;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FLOW_H_
