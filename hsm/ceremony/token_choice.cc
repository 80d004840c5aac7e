#include "hsm/ceremony/token_choice.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hsm/ceremony/errors.h"

namespace countersign::hsm {
namespace {

bool Fits(const SlotInfo& slot, const TokenChoice& choice) {
  return (choice.label.empty() || slot.label == choice.label) &&
         (choice.serial.empty() || slot.serial == choice.serial) &&
         (!choice.slot.has_value() || slot.id == *choice.slot);
}

std::string Describe(const SlotInfo& slot) {
  return absl::StrCat(slot.label, " (serial ", slot.serial, ", slot ", slot.id,
                      ")");
}

std::string Describe(const TokenChoice& choice) {
  std::vector<std::string> parts;
  if (!choice.label.empty()) {
    parts.push_back(absl::StrCat("label \"", choice.label, "\""));
  }
  if (!choice.serial.empty()) {
    parts.push_back(absl::StrCat("serial \"", choice.serial, "\""));
  }
  if (choice.slot.has_value()) {
    parts.push_back(absl::StrCat("slot ", *choice.slot));
  }
  return parts.empty() ? "any label" : absl::StrJoin(parts, " and ");
}

}  // namespace

absl::StatusOr<SlotInfo> ChooseToken(const std::vector<SlotInfo>& slots,
                                     const TokenChoice& choice) {
  std::vector<std::string> all;
  std::vector<std::string> fitting;
  const SlotInfo* found = nullptr;
  for (const SlotInfo& slot : slots) {
    if (!slot.initialised) continue;
    all.push_back(Describe(slot));
    if (!Fits(slot, choice)) continue;
    fitting.push_back(Describe(slot));
    found = &slot;
  }
  if (found == nullptr) return error::NoSuchToken(Describe(choice), all);
  if (fitting.size() > 1) return error::TokenNotChosen(fitting);
  return *found;
}

absl::StatusOr<SlotInfo> ChooseFreeSlot(const std::vector<SlotInfo>& slots,
                                        const TokenChoice& choice) {
  if (!choice.serial.empty()) return ChooseToken(slots, choice);
  for (const SlotInfo& slot : slots) {
    if (!slot.has_token) continue;
    if (choice.slot.has_value() ? slot.id == *choice.slot : !slot.initialised) {
      return slot;
    }
  }
  return error::NoFreeSlot();
}

}  // namespace countersign::hsm
