#include "hsm/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// RSA-4096 makes 512 octets, the most of all.
constexpr size_t kMaxSignature = 1024;
// No attribute that is read here is larger.
constexpr CK_ULONG kMaxAttribute = 64 << 10;

// PKCS#11 2.40 takes inputs through pointers to non-const and leaves them.
CK_BYTE* In(absl::string_view octets) {
  return reinterpret_cast<CK_BYTE*>(const_cast<char*>(octets.data()));
}

CK_MECHANISM ToCk(const Mechanism& mechanism) {
  CK_MECHANISM out = {mechanism.type, nullptr, 0};
  if (mechanism.type == CKM_RSA_PKCS_PSS) {
    out.pParameter = const_cast<CK_RSA_PKCS_PSS_PARAMS*>(&mechanism.pss);
    out.ulParameterLen = sizeof mechanism.pss;
  }
  return out;
}

}  // namespace

absl::StatusOr<Session> Session::Open(std::shared_ptr<Module> module,
                                      CK_SLOT_ID slot, Mode mode) {
  ASSIGN_OR_RETURN(const Module::Entry entry, module->Enter());
  CK_FLAGS flags = CKF_SERIAL_SESSION;
  if (mode == Mode::kReadWrite) flags |= CKF_RW_SESSION;
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_OpenSession(slot, flags, nullptr, nullptr, &handle),
      "C_OpenSession"));
  return Session(std::move(module), handle, entry.epoch());
}

Session::Session(Session&& other) noexcept
    : module_(std::move(other.module_)),
      handle_(other.handle_),
      epoch_(other.epoch_) {}

Session::~Session() {
  if (module_ == nullptr) return;
  // A session of an earlier epoch is closed already, and its number may be
  // another's now.
  const auto entry = Enter();
  if (entry.ok()) (*entry)->C_CloseSession(handle_);
}

absl::StatusOr<Module::Entry> Session::Enter() {
  ASSIGN_OR_RETURN(Module::Entry entry, module_->Enter());
  if (entry.epoch() != epoch_) {
    return ReturnCodeStatus(CKR_SESSION_CLOSED, "C_Initialize");
  }
  return entry;
}

absl::Status Session::LogIn(const base::SecretBytes& pin) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  const absl::string_view octets = pin.DangerouslyExpose();
  const CK_RV code =
      entry->C_Login(handle_, CKU_USER, In(octets), octets.size());
  if (code == CKR_USER_ALREADY_LOGGED_IN) return absl::OkStatus();
  return ReturnCodeStatus(code, "C_Login");
}

absl::Status Session::KeepAlive() {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  CK_SESSION_INFO info = {};
  return ReturnCodeStatus(entry->C_GetSessionInfo(handle_, &info),
                          "C_GetSessionInfo");
}

absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> Session::FindObjects(
    ObjectTemplate& wanted, size_t limit) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_FindObjectsInit(handle_, wanted.data(), wanted.size()),
      "C_FindObjectsInit"));
  const absl::Cleanup end = [&] { entry->C_FindObjectsFinal(handle_); };
  std::vector<CK_OBJECT_HANDLE> found;
  while (found.size() < limit) {
    std::array<CK_OBJECT_HANDLE, 16> some;
    CK_ULONG count = 0;
    const CK_ULONG most = std::min<size_t>(some.size(), limit - found.size());
    RETURN_IF_ERROR(ReturnCodeStatus(
        entry->C_FindObjects(handle_, some.data(), most, &count),
        "C_FindObjects"));
    if (count == 0) break;
    found.insert(found.end(), some.begin(),
                 some.begin() + std::min(count, most));
  }
  return found;
}

absl::StatusOr<std::string> Session::GetAttribute(CK_OBJECT_HANDLE object,
                                                  CK_ATTRIBUTE_TYPE type) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  CK_ATTRIBUTE attribute = {type, nullptr, 0};
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_GetAttributeValue(handle_, object, &attribute, 1),
      "C_GetAttributeValue"));
  // Unknown attributes may come back as length -1 with CKR_OK.
  if (attribute.ulValueLen > kMaxAttribute) {
    return ReturnCodeStatus(CKR_ATTRIBUTE_TYPE_INVALID, "C_GetAttributeValue");
  }
  std::string value(attribute.ulValueLen, '\0');
  attribute.pValue = value.data();
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_GetAttributeValue(handle_, object, &attribute, 1),
      "C_GetAttributeValue"));
  value.resize(std::min<size_t>(value.size(), attribute.ulValueLen));
  return value;
}

absl::StatusOr<KeyPairHandles> Session::GenerateKeyPair(
    CK_MECHANISM_TYPE mechanism, ObjectTemplate& public_key,
    ObjectTemplate& private_key) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  CK_MECHANISM how = {mechanism, nullptr, 0};
  KeyPairHandles pair;
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_GenerateKeyPair(handle_, &how, public_key.data(),
                               public_key.size(), private_key.data(),
                               private_key.size(), &pair.public_key,
                               &pair.private_key),
      "C_GenerateKeyPair"));
  return pair;
}

absl::Status Session::DestroyObject(CK_OBJECT_HANDLE object) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  return ReturnCodeStatus(entry->C_DestroyObject(handle_, object),
                          "C_DestroyObject");
}

absl::StatusOr<std::string> Session::Sign(const Mechanism& mechanism,
                                          CK_OBJECT_HANDLE key,
                                          absl::string_view digest,
                                          std::atomic<bool>* begun) {
  ASSIGN_OR_RETURN(const Module::Entry entry, Enter());
  CK_MECHANISM how = ToCk(mechanism);
  const CK_RV init = entry->C_SignInit(handle_, &how, key);
  if (init == CKR_MECHANISM_INVALID) {
    return error::MechanismAbsent(MechanismName(mechanism.type));
  }
  RETURN_IF_ERROR(ReturnCodeStatus(init, "C_SignInit"));
  const std::string input = SignInput(mechanism, digest);
  std::array<CK_BYTE, kMaxSignature> signature;
  CK_ULONG size = signature.size();
  if (begun != nullptr) begun->store(true, std::memory_order_relaxed);
  RETURN_IF_ERROR(ReturnCodeStatus(
      entry->C_Sign(handle_, In(input), input.size(), signature.data(), &size),
      "C_Sign"));
  if (size > signature.size()) {
    return ReturnCodeStatus(CKR_BUFFER_TOO_SMALL, "C_Sign");
  }
  return std::string(reinterpret_cast<const char*>(signature.data()), size);
}

}  // namespace countersign::hsm
