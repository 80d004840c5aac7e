// Which of a module's tokens is meant: by label, serial number or slot, as far
// as needed. Pure.
#ifndef COUNTERSIGN_HSM_CEREMONY_TOKEN_CHOICE_H_
#define COUNTERSIGN_HSM_CEREMONY_TOKEN_CHOICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hsm/ceremony/libp11.h"

namespace countersign::hsm {

struct TokenChoice {
  std::string label;
  std::string serial;
  std::optional<unsigned long> slot;
};

// The one initialised token that all parts of `choice` fit; with none of them
// the only one there is. NOT_FOUND TOKEN_NOT_FOUND, INVALID_ARGUMENT
// TOKEN_NOT_CHOSEN: both name those that are there.
absl::StatusOr<SlotInfo> ChooseToken(const std::vector<SlotInfo>& slots,
                                     const TokenChoice& choice);

// Where a new token goes: the slot that was chosen, or the first whose token
// is not initialised yet.
absl::StatusOr<SlotInfo> ChooseFreeSlot(const std::vector<SlotInfo>& slots,
                                        const TokenChoice& choice);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_TOKEN_CHOICE_H_
