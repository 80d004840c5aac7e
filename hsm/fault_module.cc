// A PKCS#11 module for tests: C_GetFunctionList answers SoftHSM's list with
// functions that count, and fail, hang or lie on command (fault_control.h). Its
// own global state is what a module has.
#include <dlfcn.h>

#include "hsm/fault_control.h"

namespace countersign::hsm {
namespace {

constexpr char kReal[] = "/usr/lib/softhsm/libsofthsm2.so";

FaultControl& Control() {
  static FaultControl* const control = new FaultControl;
  return *control;
}

CK_FUNCTION_LIST* Real() {
  static CK_FUNCTION_LIST* const real = [] {
    CK_FUNCTION_LIST* list = nullptr;
    void* library = dlopen(kReal, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) return list;
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(
        dlsym(library, "C_GetFunctionList"));
    if (get != nullptr) get(&list);
    return list;
  }();
  return real;
}

// One call into the module.
class Call {
 public:
  explicit Call(FaultPoint at) : code_(Control().Enter(at)) {}
  ~Call() { Control().Leave(); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  bool failed() const { return code_ != CKR_OK; }
  CK_RV code() const { return code_; }

 private:
  const CK_RV code_;
};

// What is only counted and failed.
template <FaultPoint kAt, auto kFunction, typename... Arguments>
CK_RV Pass(Arguments... arguments) {
  const Call call(kAt);
  return call.failed() ? call.code() : (Real()->*kFunction)(arguments...);
}

CK_RV Finalize(void* reserved) {
  const Call call(FaultPoint::kFinalize);
  if (call.failed()) return call.code();
  const CK_RV code = Real()->C_Finalize(reserved);
  if (code == CKR_OK) Control().DropAllSessions();
  return code;
}

CK_RV GetSlotList(CK_BBOOL with_token, CK_SLOT_ID* slots, CK_ULONG* count) {
  const Call call(FaultPoint::kGetSlotList);
  if (call.failed()) return call.code();
  if (!Control().pretence().no_token) {
    return Real()->C_GetSlotList(with_token, slots, count);
  }
  *count = 0;
  return CKR_OK;
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const Call call(FaultPoint::kGetTokenInfo);
  if (call.failed()) return call.code();
  const CK_RV code = Real()->C_GetTokenInfo(slot, info);
  if (code != CKR_OK) return code;
  const Pretence pretence = Control().pretence();
  info->flags |= pretence.token_flags;
  if (pretence.max_sessions.has_value()) {
    info->ulMaxSessionCount = *pretence.max_sessions;
    info->ulMaxRwSessionCount = *pretence.max_sessions;
  }
  return CKR_OK;
}

bool IsAbsent(CK_MECHANISM_TYPE mechanism) {
  return Control().pretence().absent_mechanisms.count(mechanism) > 0;
}

CK_RV GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
                       CK_MECHANISM_INFO* info) {
  const Call call(FaultPoint::kGetMechanismInfo);
  if (call.failed()) return call.code();
  if (IsAbsent(type)) return CKR_MECHANISM_INVALID;
  return Real()->C_GetMechanismInfo(slot, type, info);
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application,
                  CK_NOTIFY notify, CK_SESSION_HANDLE* session) {
  const Call call(FaultPoint::kOpenSession);
  if (call.failed()) return call.code();
  if (!Control().TakeSession()) return CKR_SESSION_COUNT;
  const CK_RV code =
      Real()->C_OpenSession(slot, flags, application, notify, session);
  if (code != CKR_OK) Control().DropSession();
  return code;
}

CK_RV CloseSession(CK_SESSION_HANDLE session) {
  const Call call(FaultPoint::kCloseSession);
  if (call.failed()) return call.code();
  const CK_RV code = Real()->C_CloseSession(session);
  if (code == CKR_OK) Control().DropSession();
  return code;
}

CK_RV FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* objects,
                  CK_ULONG room, CK_ULONG* count) {
  const Call call(FaultPoint::kOther);
  if (call.failed()) return call.code();
  const CK_RV code = Real()->C_FindObjects(session, objects, room, count);
  const Pretence::Found found = Control().pretence().found;
  if (code != CKR_OK || *count == 0) return code;
  if (found == Pretence::Found::kNone) *count = 0;
  if (found == Pretence::Found::kDoubled && *count < room) {
    objects[*count] = objects[0];
    ++*count;
  }
  return CKR_OK;
}

CK_RV GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                        CK_ATTRIBUTE* attributes, CK_ULONG count) {
  const Call call(FaultPoint::kGetAttribute);
  if (call.failed()) return call.code();
  CK_RV code = Real()->C_GetAttributeValue(session, object, attributes, count);
  for (const auto& [type, value] : Control().pretence().attributes) {
    for (CK_ATTRIBUTE* at = attributes; at != attributes + count; ++at) {
      if (at->type != type) continue;
      if (!value.has_value()) {
        at->ulValueLen = CK_UNAVAILABLE_INFORMATION;
        code = CKR_ATTRIBUTE_TYPE_INVALID;
      } else if (at->pValue != nullptr && at->ulValueLen >= sizeof(CK_BBOOL)) {
        *static_cast<CK_BBOOL*>(at->pValue) = *value ? CK_TRUE : CK_FALSE;
      }
    }
  }
  return code;
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
               CK_OBJECT_HANDLE key) {
  const Call call(FaultPoint::kSignInit);
  if (call.failed()) return call.code();
  if (mechanism != nullptr && IsAbsent(mechanism->mechanism)) {
    return CKR_MECHANISM_INVALID;
  }
  return Real()->C_SignInit(session, mechanism, key);
}

CK_RV Sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size,
           CK_BYTE* signature, CK_ULONG* signature_size) {
  const Call call(FaultPoint::kSign);
  if (call.failed()) return call.code();
  const CK_RV code =
      Real()->C_Sign(session, data, size, signature, signature_size);
  if (code == CKR_OK && Control().TakeCorruption()) {
    signature[*signature_size - 1] ^= 1;
  }
  return code;
}

CK_FUNCTION_LIST MakeFunctions() {
  using F = CK_FUNCTION_LIST;
  using P = FaultPoint;
  F mine = *Real();
  mine.C_Initialize = Pass<P::kInitialize, &F::C_Initialize>;
  mine.C_Finalize = Finalize;
  mine.C_GetSlotList = GetSlotList;
  mine.C_GetTokenInfo = GetTokenInfo;
  mine.C_GetMechanismInfo = GetMechanismInfo;
  mine.C_GetMechanismList = Pass<P::kOther, &F::C_GetMechanismList>;
  mine.C_OpenSession = OpenSession;
  mine.C_CloseSession = CloseSession;
  mine.C_GetSessionInfo = Pass<P::kGetSessionInfo, &F::C_GetSessionInfo>;
  mine.C_Login = Pass<P::kLogin, &F::C_Login>;
  mine.C_FindObjectsInit = Pass<P::kFindObjects, &F::C_FindObjectsInit>;
  mine.C_FindObjects = FindObjects;
  mine.C_FindObjectsFinal = Pass<P::kOther, &F::C_FindObjectsFinal>;
  mine.C_GetAttributeValue = GetAttributeValue;
  mine.C_SetAttributeValue = Pass<P::kOther, &F::C_SetAttributeValue>;
  mine.C_CreateObject = Pass<P::kOther, &F::C_CreateObject>;
  mine.C_GenerateKeyPair = Pass<P::kGenerateKeyPair, &F::C_GenerateKeyPair>;
  mine.C_DestroyObject = Pass<P::kDestroyObject, &F::C_DestroyObject>;
  mine.C_SignInit = SignInit;
  mine.C_Sign = Sign;
  return mine;
}

}  // namespace
}  // namespace countersign::hsm

extern "C" {

__attribute__((visibility("default"))) countersign::hsm::FaultControl*
countersign_fault_control() {
  return &countersign::hsm::Control();
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(
    CK_FUNCTION_LIST** list) {
  using namespace countersign::hsm;  // NOLINT: the C entry point of the above
  if (Real() == nullptr) return CKR_GENERAL_ERROR;
  static CK_FUNCTION_LIST functions = MakeFunctions();
  *list = &functions;
  return CKR_OK;
}
}
