#include "hsm/nss_token.h"

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace countersign::hsm {
namespace {

namespace fs = std::filesystem;

constexpr char kPin[] = "1234567890";
constexpr char kLabel[] = "NSSTEST";
// The first slot has no keys of its own (PKCS#11 "crypto services").
constexpr CK_SLOT_ID kKeySlot = 2;

absl::Status Check(CK_RV code, absl::string_view function) {
  if (code == CKR_OK) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("NSS ", function, ": ", code));
}

absl::StatusOr<CK_FUNCTION_LIST*> LoadNss() {
  void* library = dlopen(kNssModule, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return absl::NotFoundError(dlerror());
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get == nullptr) return absl::NotFoundError("C_GetFunctionList");
  RETURN_IF_ERROR(Check(get(&functions), "C_GetFunctionList"));
  return functions;
}

// A new database takes its first PIN from a security officer without one.
absl::Status SetFirstPin(const CK_FUNCTION_LIST& nss) {
  CK_SESSION_HANDLE session = 0;
  RETURN_IF_ERROR(
      Check(nss.C_OpenSession(kKeySlot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                              nullptr, nullptr, &session),
            "C_OpenSession"));
  std::string empty;
  std::string pin = kPin;
  RETURN_IF_ERROR(Check(
      nss.C_Login(session, CKU_SO, reinterpret_cast<CK_BYTE*>(empty.data()), 0),
      "C_Login"));
  RETURN_IF_ERROR(
      Check(nss.C_InitPIN(session, reinterpret_cast<CK_BYTE*>(pin.data()),
                          pin.size()),
            "C_InitPIN"));
  RETURN_IF_ERROR(Check(nss.C_Logout(session), "C_Logout"));
  return Check(nss.C_CloseSession(session), "C_CloseSession");
}

}  // namespace

absl::StatusOr<std::unique_ptr<NssToken>> NssToken::Create() {
  const char* tmp = getenv("TEST_TMPDIR");
  std::string directory =
      absl::StrCat(tmp != nullptr ? tmp : "/tmp", "/nss-XXXXXX");
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError("mkdtemp failed");
  }
  std::unique_ptr<NssToken> token(new NssToken(std::move(directory)));
  fs::create_directory(token->directory_ + "/db");
  const std::string pin_file = token->directory_ + "/pin";
  std::ofstream(pin_file) << kPin << "\n";
  chmod(pin_file.c_str(), 0600);
  // Otherwise each use of a key would derive the database's key anew, 50 ms.
  setenv("NSS_MAX_MP_PBE_ITERATION_COUNT", "1", 1);
  RETURN_IF_ERROR(token->SetPin());
  return token;
}

NssToken::~NssToken() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string NssToken::InitArgs() const {
  return absl::StrCat("configdir='sql:", directory_,
                      "/db' certPrefix='' keyPrefix='' secmod='secmod.db' "
                      "flags= dbTokenDescription='",
                      kLabel, "'");
}

absl::Status NssToken::SetPin() const {
  ASSIGN_OR_RETURN(const CK_FUNCTION_LIST* nss, LoadNss());
  std::string init_args = InitArgs();
  CK_C_INITIALIZE_ARGS args = {};
  args.flags = CKF_OS_LOCKING_OK;
  args.pReserved = init_args.data();
  RETURN_IF_ERROR(Check(nss->C_Initialize(&args), "C_Initialize"));
  const absl::Status set = SetFirstPin(*nss);
  RETURN_IF_ERROR(Check(nss->C_Finalize(nullptr), "C_Finalize"));
  return set;
}

TokenOptions NssToken::Token() const {
  TokenOptions token;
  token.name = "nss";
  token.module_path = kNssModule;
  token.init_args = InitArgs();
  token.token_label = kLabel;
  token.pin_file = directory_ + "/pin";
  token.sessions = 2;
  token.accept_attributes = {"CKA_LOCAL"};
  return token;
}

Pkcs11SignerOptions NssToken::Options() const {
  Pkcs11SignerOptions options;
  options.tokens.push_back(Token());
  return options;
}

}  // namespace countersign::hsm
