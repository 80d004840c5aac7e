#include "hsm/fault_module.h"

#include <dlfcn.h>

// The library itself: C_GetFunctionList answers SoftHSM's list with a few
// functions replaced. Its own global state is what a module has.
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

CK_RV Initialize(void* args) {
  const CK_RV code = Control().Enter(FaultPoint::kInitialize);
  return code != CKR_OK ? code : Real()->C_Initialize(args);
}

CK_RV Finalize(void* reserved) {
  const CK_RV code = Control().Enter(FaultPoint::kFinalize);
  return code != CKR_OK ? code : Real()->C_Finalize(reserved);
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const CK_RV code = Real()->C_GetTokenInfo(slot, info);
  if (code == CKR_OK) info->flags |= Control().flags();
  return code;
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application,
                  CK_NOTIFY notify, CK_SESSION_HANDLE* session) {
  const CK_RV code = Control().Enter(FaultPoint::kOpenSession);
  return code != CKR_OK
             ? code
             : Real()->C_OpenSession(slot, flags, application, notify, session);
}

CK_RV CloseSession(CK_SESSION_HANDLE session) {
  const CK_RV code = Control().Enter(FaultPoint::kCloseSession);
  return code != CKR_OK ? code : Real()->C_CloseSession(session);
}

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE* pin,
            CK_ULONG size) {
  const CK_RV code = Control().Enter(FaultPoint::kLogin);
  return code != CKR_OK ? code : Real()->C_Login(session, user, pin, size);
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted,
                      CK_ULONG count) {
  const CK_RV code = Control().Enter(FaultPoint::kFindObjects);
  return code != CKR_OK ? code
                        : Real()->C_FindObjectsInit(session, wanted, count);
}

CK_RV GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                        CK_ATTRIBUTE* attributes, CK_ULONG count) {
  const CK_RV code = Control().Enter(FaultPoint::kGetAttribute);
  return code != CKR_OK
             ? code
             : Real()->C_GetAttributeValue(session, object, attributes, count);
}

CK_RV SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
               CK_OBJECT_HANDLE key) {
  const CK_RV code = Control().Enter(FaultPoint::kSignInit);
  return code != CKR_OK ? code : Real()->C_SignInit(session, mechanism, key);
}

CK_RV Sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size,
           CK_BYTE* signature, CK_ULONG* signature_size) {
  CK_RV code = Control().Enter(FaultPoint::kSign);
  if (code != CKR_OK) return code;
  code = Real()->C_Sign(session, data, size, signature, signature_size);
  if (code == CKR_OK && Control().TakeCorruption()) {
    signature[*signature_size - 1] ^= 1;
  }
  return code;
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
  static CK_FUNCTION_LIST* const functions = [] {
    auto* mine = new CK_FUNCTION_LIST(*Real());
    mine->C_Initialize = Initialize;
    mine->C_Finalize = Finalize;
    mine->C_GetTokenInfo = GetTokenInfo;
    mine->C_OpenSession = OpenSession;
    mine->C_CloseSession = CloseSession;
    mine->C_Login = Login;
    mine->C_FindObjectsInit = FindObjectsInit;
    mine->C_GetAttributeValue = GetAttributeValue;
    mine->C_SignInit = SignInit;
    mine->C_Sign = Sign;
    return mine;
  }();
  *list = functions;
  return CKR_OK;
}
}
