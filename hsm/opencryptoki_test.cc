// The PIN guard on a token that really locks: the soft token of opencryptoki
// says LOW, FINAL_TRY and LOCKED. opencryptoki_test.sh runs this in a mount
// namespace with a fresh token; without that, or where the package is not
// installed, it is skipped.
#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status_matchers.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/token_options.h"

namespace countersign::hsm {
namespace {

constexpr char kModule[] =
    "/usr/lib/x86_64-linux-gnu/opencryptoki/libopencryptoki.so.0";
constexpr char kSoPin[] = "87654321";  // of a new token
constexpr char kPin[] = "1234567";
constexpr char kWrong[] = "7654321";

CK_BYTE* Octets(std::string& text) {
  return reinterpret_cast<CK_BYTE*>(text.data());
}

// What somebody else does with the token meanwhile, past the engine.
class Stranger {
 public:
  Stranger() {
    void* library = dlopen(kModule, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(
        dlsym(library, "C_GetFunctionList"));
    get(&p11_);
    CK_C_INITIALIZE_ARGS args = {};
    args.flags = CKF_OS_LOCKING_OK;
    EXPECT_EQ(p11_->C_Initialize(&args), CKR_OK);
  }
  ~Stranger() { p11_->C_Finalize(nullptr); }

  void MakeToken() {
    std::string so_pin = kSoPin;
    std::string pin = kPin;
    std::string label(32, ' ');
    std::copy_n("locking", 7, label.begin());
    ASSERT_EQ(p11_->C_InitToken(0, Octets(so_pin), so_pin.size(),
                                reinterpret_cast<CK_UTF8CHAR*>(label.data())),
              CKR_OK);
    const CK_SESSION_HANDLE session = Open();
    ASSERT_EQ(p11_->C_Login(session, CKU_SO, Octets(so_pin), so_pin.size()),
              CKR_OK);
    ASSERT_EQ(p11_->C_InitPIN(session, Octets(pin), pin.size()), CKR_OK);
    p11_->C_CloseAllSessions(0);
  }
  void LogInWrongly() {
    std::string wrong = kWrong;
    EXPECT_NE(p11_->C_Login(Open(), CKU_USER, Octets(wrong), wrong.size()),
              CKR_OK);
    p11_->C_CloseAllSessions(0);
  }
  CK_FLAGS Flags() const {
    CK_TOKEN_INFO info = {};
    EXPECT_EQ(p11_->C_GetTokenInfo(0, &info), CKR_OK);
    return info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY |
                         CKF_USER_PIN_LOCKED);
  }

 private:
  CK_SESSION_HANDLE Open() {
    CK_SESSION_HANDLE session = 0;
    EXPECT_EQ(p11_->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                  nullptr, nullptr, &session),
              CKR_OK);
    return session;
  }

  CK_FUNCTION_LIST* p11_ = nullptr;
};

class OpencryptokiTest : public testing::Test {
 protected:
  void SetUp() override {
    if (getenv("OPENCRYPTOKI_READY") == nullptr) {
      GTEST_SKIP() << "opencryptoki is not installed, or this process may not "
                      "make mount namespaces";
    }
  }

  // A signer with that PIN, by a file of that name.
  absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Open(const char* name,
                                                     const char* pin) {
    Pkcs11SignerOptions options;
    TokenOptions token;
    token.name = "locking";
    token.module_path = kModule;
    token.token_label = "locking";
    token.pin_file = std::string(getenv("TEST_TMPDIR")) + "/" + name;
    token.sessions = 2;
    std::ofstream(token.pin_file, std::ios::trunc) << pin << "\n";
    chmod(token.pin_file.c_str(), 0600);
    options.tokens.push_back(token);
    return Pkcs11Signer::Create(options, clock_);
  }

  // What is said when it is refused before the token was asked.
  std::string Why(const char* name, const char* pin) {
    const auto signer = Open(name, pin);
    EXPECT_THAT(signer, base::HasReason("PIN_REFUSED"));
    return std::string(signer.status().message());
  }

  static CK_FLAGS Flags() { return Stranger().Flags(); }

  base::SystemClock clock_;
};

TEST_F(OpencryptokiTest, NeverTakesTheLastTry) {
  Stranger().MakeToken();
  EXPECT_EQ(Flags(), 0u);
  {
    ASSERT_OK_AND_ASSIGN(const auto signer, Open("right", kPin));
    const core::KeyRef key =
        MakeKey(*signer, Key("k", core::KeyType::kRsa2048));
    EXPECT_OK(SignAndWait(*signer, Job(key)));
  }

  // One wrong PIN is one try, however often we are started.
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Open("wrong", kWrong).ok());
  EXPECT_EQ(Flags(), CKF_USER_PIN_COUNT_LOW);
  EXPECT_OK(Open("right", kPin));
  EXPECT_EQ(Flags(), 0u);

  // Others leave one try: not even the right PIN is tried then.
  for (int i = 0; i < 2; ++i) Stranger().LogInWrongly();
  const CK_FLAGS last = Flags();
  EXPECT_NE(last & CKF_USER_PIN_FINAL_TRY, 0u);
  EXPECT_THAT(Why("right", kPin), testing::HasSubstr("would lock it"));
  EXPECT_EQ(Flags(), last);

  Stranger().LogInWrongly();
  EXPECT_NE(Flags() & CKF_USER_PIN_LOCKED, 0u);
  EXPECT_THAT(Why("right", kPin), testing::HasSubstr("is locked"));
}

}  // namespace
}  // namespace countersign::hsm
