#include "hsm/slot.h"

#include "absl/strings/ascii.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// Fixed size, blank padded, not zero ended (PKCS#11 2.40 3.1); some modules end
// it with zeros all the same.
template <size_t kSize>
std::string Text(const unsigned char (&field)[kSize]) {
  absl::string_view text(reinterpret_cast<const char*>(field), kSize);
  text = text.substr(0, text.find('\0'));
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

absl::StatusOr<std::vector<CK_SLOT_ID>> SlotsWithToken(
    const Module::Entry& entry) {
  std::vector<CK_SLOT_ID> slots;
  CK_ULONG count = 0;
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList"));
  slots.resize(count);
  if (count == 0) return slots;
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList"));
  slots.resize(count);
  return slots;
}

}  // namespace

absl::StatusOr<std::vector<TokenInfo>> ListTokens(Module& module) {
  ASSIGN_OR_RETURN(const Module::Entry entry, module.Enter());
  ASSIGN_OR_RETURN(const std::vector<CK_SLOT_ID> slots, SlotsWithToken(entry));
  std::vector<TokenInfo> tokens;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info = {};
    // A slot that cannot tell of its token (a broken reader, say) hides none
    // of the others.
    if (entry->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    if ((info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    const CK_ULONG most = info.ulMaxSessionCount;
    tokens.push_back({slot, Text(info.label), Text(info.serialNumber),
                      Text(info.model), info.flags,
                      most == CK_UNAVAILABLE_INFORMATION ? 0 : most});
  }
  return tokens;
}

absl::StatusOr<TokenInfo> FindToken(Module& module, absl::string_view label) {
  ASSIGN_OR_RETURN(const std::vector<TokenInfo> tokens, ListTokens(module));
  if (tokens.empty()) return error::NoToken();
  std::vector<std::string> labels;
  std::vector<std::string> serials;
  const TokenInfo* found = nullptr;
  for (const TokenInfo& token : tokens) {
    labels.push_back(base::EscapeForDisplay(token.label));
    if (token.label != label) continue;
    serials.push_back(base::EscapeForDisplay(token.serial));
    found = &token;
  }
  if (found == nullptr) return error::TokenNotFound(label, labels);
  if (serials.size() > 1) return error::TokenAmbiguous(label, serials);
  return *found;
}

}  // namespace countersign::hsm
