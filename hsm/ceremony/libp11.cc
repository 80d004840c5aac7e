#include "hsm/ceremony/libp11.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

constexpr size_t kLabelSize = 32;  // CK_TOKEN_INFO

std::string Text(const char* text) { return text == nullptr ? "" : text; }

// libp11 takes PINs as C strings; this copy is zeroed.
class PinText {
 public:
  explicit PinText(const base::SecretBytes& pin) : text_(pin.size() + 1, '\0') {
    const absl::string_view octets = pin.DangerouslyExpose();
    std::copy(octets.begin(), octets.end(), text_.begin());
  }
  ~PinText() { OPENSSL_cleanse(text_.data(), text_.size()); }
  PinText(const PinText&) = delete;
  PinText& operator=(const PinText&) = delete;
  const char* get() const { return text_.data(); }

 private:
  std::vector<char> text_;
};

absl::Status CheckPin(const base::SecretBytes& pin) {
  if (pin.empty()) return error::BadPin("the PIN is empty");
  if (absl::StrContains(pin.DangerouslyExpose(), absl::string_view("\0", 1))) {
    return error::BadPin("the PIN holds an octet of value zero");
  }
  return absl::OkStatus();
}

// What the module said to the call that has just failed: libp11 keeps it in
// OpenSSL's queue, under a library number of its own (which is what the
// function named ..._CKR_code answers in 0.4.12).
absl::Status Failed(absl::string_view function) {
  std::string other;
  while (const unsigned long entry = ERR_get_error()) {
    if (ERR_GET_LIB(entry) == ERR_get_CKR_code()) {
      ERR_clear_error();
      return ReturnCodeStatus(static_cast<CK_RV>(ERR_GET_REASON(entry)),
                              function);
    }
    const char* const reason = ERR_reason_error_string(entry);
    absl::StrAppend(&other, "; ", reason == nullptr ? "unknown" : reason);
  }
  return absl::InternalError(
      absl::StrCat("libp11 failed at ", function, other));
}

absl::Status CheckModule(const std::string& path) {
  if (!absl::StartsWith(path, "/")) {
    return error::BadOptions(
        absl::StrCat("--module is an absolute path, not ", path));
  }
  if (access(path.c_str(), F_OK) != 0) return error::ModuleNotFound(path);
  // libp11 does not say which of these it was.
  void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return error::NotAModule(path, Text(dlerror()));
  const absl::Cleanup close = [library] { dlclose(library); };
  if (dlsym(library, "C_GetFunctionList") == nullptr) {
    return error::NotAModule(path, "it has no C_GetFunctionList");
  }
  return absl::OkStatus();
}

SlotInfo Describe(PKCS11_SLOT* slot) {
  SlotInfo info;
  info.id = PKCS11_get_slotid_from_slot(slot);
  info.description = Text(slot->description);
  const PKCS11_TOKEN* const token = slot->token;
  if (token == nullptr) return info;
  info.has_token = true;
  info.initialised = token->initialized != 0;
  info.label = Text(token->label);
  info.serial = Text(token->serialnr);
  info.manufacturer = Text(token->manufacturer);
  info.model = Text(token->model);
  info.user_pin = {token->userPinSet != 0, token->userPinCountLow != 0,
                   token->userPinFinalTry != 0, token->userPinLocked != 0,
                   token->userPinToBeChanged != 0};
  // An initialised token has a security officer's PIN; there is no flag for it.
  info.so_pin = {token->initialized != 0, token->soPinCountLow != 0,
                 token->soPinFinalTry != 0, token->soPinLocked != 0,
                 token->soPinToBeChanged != 0};
  return info;
}

std::string IdOf(const unsigned char* id, size_t size) {
  return std::string(reinterpret_cast<const char*>(id),
                     id == nullptr ? 0 : size);
}

using Enumerate = int (*)(PKCS11_TOKEN*, PKCS11_KEY**, unsigned int*);

absl::StatusOr<std::vector<Libp11Object>> ListKeys(PKCS11_SLOT* slot,
                                                   Enumerate enumerate) {
  PKCS11_KEY* keys = nullptr;
  unsigned int count = 0;
  ERR_clear_error();
  if (enumerate(slot->token, &keys, &count) != 0) {
    return Failed("C_FindObjects");
  }
  std::vector<Libp11Object> found;
  for (unsigned int i = 0; i < count; ++i) {
    found.push_back(
        {Text(keys[i].label), IdOf(keys[i].id, keys[i].id_len), ""});
  }
  return found;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Libp11>> Libp11::Load(
    const std::string& path, const std::string& init_args) {
  RETURN_IF_ERROR(CheckModule(path));
  std::unique_ptr<Libp11> libp11(new Libp11(PKCS11_CTX_new()));
  if (libp11->context_ == nullptr) {
    return absl::ResourceExhaustedError("no memory for libp11");
  }
  PKCS11_CTX* const context = libp11->context_.get();
  if (!init_args.empty()) PKCS11_CTX_init_args(context, init_args.c_str());
  ERR_clear_error();
  if (PKCS11_CTX_load(context, path.c_str()) != 0) {
    return Failed("C_Initialize");
  }
  libp11->loaded_ = true;
  RETURN_IF_ERROR(libp11->Refresh());
  return libp11;
}

Libp11::~Libp11() {
  ReleaseSlots();
  if (loaded_) PKCS11_CTX_unload(context_.get());
}

void Libp11::ReleaseSlots() {
  if (slots_ != nullptr) {
    PKCS11_release_all_slots(context_.get(), slots_, count_);
  }
  slots_ = nullptr;
  count_ = 0;
}

absl::Status Libp11::Refresh() {
  ReleaseSlots();
  ERR_clear_error();
  if (PKCS11_enumerate_slots(context_.get(), &slots_, &count_) != 0) {
    slots_ = nullptr;
    count_ = 0;
    return Failed("C_GetSlotList");
  }
  return absl::OkStatus();
}

std::vector<SlotInfo> Libp11::Slots() const {
  std::vector<SlotInfo> slots;
  for (unsigned int i = 0; i < count_; ++i) {
    slots.push_back(Describe(&slots_[i]));
  }
  return slots;
}

PKCS11_SLOT* Libp11::Find(unsigned long slot) const {
  for (unsigned int i = 0; i < count_; ++i) {
    if (PKCS11_get_slotid_from_slot(&slots_[i]) == slot) return &slots_[i];
  }
  return nullptr;
}

absl::StatusOr<PKCS11_SLOT*> Libp11::WithToken(unsigned long slot) const {
  PKCS11_SLOT* const found = Find(slot);
  if (found != nullptr && found->token != nullptr) return found;
  return absl::NotFoundError(absl::StrCat("no token in slot ", slot));
}

absl::Status Libp11::OpenSession(unsigned long slot, bool read_write) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  ERR_clear_error();
  if (PKCS11_open_session(at, read_write ? 1 : 0) != 0) {
    return Failed("C_OpenSession");
  }
  return absl::OkStatus();
}

absl::Status Libp11::LogIn(unsigned long slot, Role role,
                           const base::SecretBytes& pin) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  RETURN_IF_ERROR(CheckPin(pin));
  const PinText text(pin);
  ERR_clear_error();
  if (PKCS11_login(at, role == Role::kSecurityOfficer ? 1 : 0, text.get()) !=
      0) {
    return Failed("C_Login");
  }
  return absl::OkStatus();
}

absl::Status Libp11::InitToken(unsigned long slot,
                               const base::SecretBytes& so_pin,
                               const std::string& label) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  RETURN_IF_ERROR(CheckPin(so_pin));
  const PinText text(so_pin);
  // libp11 0.4.12 fills up with zeros; blanks are right (PKCS#11 2.40 5.5), and
  // other tools do not find the token otherwise.
  std::string padded = label;
  padded.resize(kLabelSize, ' ');
  ERR_clear_error();
  if (PKCS11_init_token(at->token, text.get(), padded.c_str()) != 0) {
    return Failed("C_InitToken");
  }
  return absl::OkStatus();
}

absl::Status Libp11::SetUserPin(unsigned long slot,
                                const base::SecretBytes& pin) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  RETURN_IF_ERROR(CheckPin(pin));
  const PinText text(pin);
  ERR_clear_error();
  if (PKCS11_init_pin(at->token, text.get()) != 0) return Failed("C_InitPIN");
  return absl::OkStatus();
}

absl::Status Libp11::ChangePin(unsigned long slot,
                               const base::SecretBytes& from,
                               const base::SecretBytes& to) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  RETURN_IF_ERROR(CheckPin(from));
  RETURN_IF_ERROR(CheckPin(to));
  const PinText old_text(from);
  const PinText new_text(to);
  ERR_clear_error();
  if (PKCS11_change_pin(at, old_text.get(), new_text.get()) != 0) {
    return Failed("C_SetPIN");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Libp11Object>> Libp11::PrivateKeys(
    unsigned long slot) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  return ListKeys(at, &PKCS11_enumerate_keys);
}

absl::StatusOr<std::vector<Libp11Object>> Libp11::PublicKeys(
    unsigned long slot) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  return ListKeys(at, &PKCS11_enumerate_public_keys);
}

absl::StatusOr<base::EvpPkeyPtr> Libp11::PrivateKey(unsigned long slot,
                                                    absl::string_view id,
                                                    absl::string_view label) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  PKCS11_KEY* keys = nullptr;
  unsigned int count = 0;
  ERR_clear_error();
  if (PKCS11_enumerate_keys(at->token, &keys, &count) != 0) {
    return Failed("C_FindObjects");
  }
  PKCS11_KEY* found = nullptr;
  for (unsigned int i = 0; i < count; ++i) {
    if (IdOf(keys[i].id, keys[i].id_len) != id) continue;
    if (Text(keys[i].label) != label) continue;
    if (found != nullptr) {
      return absl::NotFoundError("libp11 sees the private key twice");
    }
    found = &keys[i];
  }
  if (found == nullptr) {
    return absl::NotFoundError("libp11 does not see the private key");
  }
  base::EvpPkeyPtr key(PKCS11_get_private_key(found));
  if (key == nullptr) return Failed("C_GetAttributeValue");
  return key;
}

absl::StatusOr<std::vector<Libp11Object>> Libp11::Certificates(
    unsigned long slot) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  PKCS11_CERT* certificates = nullptr;
  unsigned int count = 0;
  ERR_clear_error();
  if (PKCS11_enumerate_certs(at->token, &certificates, &count) != 0) {
    return Failed("C_FindObjects");
  }
  std::vector<Libp11Object> found;
  for (unsigned int i = 0; i < count; ++i) {
    const PKCS11_CERT& one = certificates[i];
    if (one.x509 == nullptr) continue;  // not X.509
    ASSIGN_OR_RETURN(std::string der, base::CertificateDer(one.x509));
    found.push_back(
        {Text(one.label), IdOf(one.id, one.id_len), std::move(der)});
  }
  return found;
}

absl::Status Libp11::StoreCertificate(unsigned long slot, absl::string_view der,
                                      absl::string_view id, std::string label) {
  ASSIGN_OR_RETURN(PKCS11_SLOT* const at, WithToken(slot));
  ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                   base::ParseCertificateDer(der));
  std::string octets(id);
  ERR_clear_error();
  if (PKCS11_store_certificate(at->token, certificate.get(), label.data(),
                               reinterpret_cast<unsigned char*>(octets.data()),
                               octets.size(), nullptr) != 0) {
    return Failed("C_CreateObject");
  }
  return absl::OkStatus();
}

}  // namespace countersign::hsm
