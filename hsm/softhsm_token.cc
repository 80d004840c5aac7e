#include "hsm/softhsm_token.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace countersign::hsm {
namespace {

namespace fs = std::filesystem;

constexpr char kPin[] = "1234567890";

absl::Status Run(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  if (posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ) !=
      0) {
    return absl::UnavailableError(absl::StrCat("cannot start ", words[0]));
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) {
    return absl::InternalError(absl::StrCat(words[0], " ended with ", status));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SoftHsmToken>> SoftHsmToken::Create() {
  const char* tmp = getenv("TEST_TMPDIR");
  std::string directory =
      absl::StrCat(tmp != nullptr ? tmp : "/tmp", "/softhsm-XXXXXX");
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError("mkdtemp failed");
  }
  std::unique_ptr<SoftHsmToken> token(new SoftHsmToken(std::move(directory)));
  fs::create_directory(token->directory_ + "/tokens");
  const std::string conf = token->WriteFile(
      "softhsm2.conf",
      absl::StrCat("directories.tokendir = ", token->directory_,
                   "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"),
      0600);
  setenv("SOFTHSM2_CONF", conf.c_str(), 1);
  token->pin_file_ = token->WriteFile("pin", absl::StrCat(kPin, "\n"), 0600);
  RETURN_IF_ERROR(token->AddToken("test"));
  return token;
}

SoftHsmToken::SoftHsmToken(std::string directory)
    : directory_(std::move(directory)) {}

SoftHsmToken::~SoftHsmToken() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

absl::Status SoftHsmToken::AddToken(absl::string_view label) {
  return Run({"softhsm2-util", "--init-token", "--free", "--label",
              std::string(label), "--so-pin", "0987654321", "--pin", kPin});
}

absl::Status SoftHsmToken::HideFiles() {
  std::error_code error;
  fs::rename(directory_ + "/tokens", directory_ + "/hidden", error);
  if (error) return absl::InternalError(error.message());
  return absl::OkStatus();
}

absl::Status SoftHsmToken::RestoreFiles() {
  std::error_code error;
  fs::rename(directory_ + "/hidden", directory_ + "/tokens", error);
  if (error) return absl::InternalError(error.message());
  return absl::OkStatus();
}

std::string SoftHsmToken::WriteFile(absl::string_view name,
                                    absl::string_view text, int mode) const {
  const std::string path = absl::StrCat(directory_, "/", name);
  std::ofstream(path, std::ios::trunc) << text;
  chmod(path.c_str(), static_cast<mode_t>(mode));
  return path;
}

TokenOptions SoftHsmToken::Token(absl::string_view label) const {
  TokenOptions token;
  token.name = std::string(label);
  token.module_path = kSoftHsmModule;
  token.token_label = std::string(label);
  token.pin_file = pin_file_;
  // Of its own, as the PIN file is shared.
  token.latch_file = absl::StrCat(directory_, "/", label, ".latch");
  token.sessions = 2;
  return token;
}

Pkcs11SignerOptions SoftHsmToken::Options(
    const std::vector<std::string>& labels) const {
  Pkcs11SignerOptions options;
  for (const std::string& label : labels) {
    options.tokens.push_back(Token(label));
  }
  return options;
}

}  // namespace countersign::hsm
