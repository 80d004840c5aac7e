#include "hsm/ceremony/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "absl/cleanup/cleanup.h"
#include "base/openssl.h"
#include "hsm/ceremony/errors.h"

namespace countersign::hsm {
namespace {

constexpr size_t kMaxLine = 1024;

// What it says is for eyes only: a terminal that does not take it is no error.
void Show(int fd, absl::string_view text) {
  if (write(fd, text.data(), text.size()) < 0) return;
}

}  // namespace

absl::StatusOr<base::SecretBytes> AskSecret(int in, int out,
                                            const std::string& question) {
  termios before = {};
  if (tcgetattr(in, &before) != 0) {
    return absl::UnavailableError("there is no terminal to ask at");
  }
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  silent.c_lflag |= ICANON | ISIG;
  // What was typed ahead, with echo, is not taken for the secret.
  if (tcsetattr(in, TCSAFLUSH, &silent) != 0) {
    return absl::UnavailableError("the terminal's echo cannot be switched off");
  }
  const absl::Cleanup restore = [&] {
    tcsetattr(in, TCSANOW, &before);
    Show(out, "\n");
  };
  // After the echo is off: whoever sees the question may type.
  Show(out, question);
  std::array<char, kMaxLine> line;
  const absl::Cleanup cleanse = [&line] {
    OPENSSL_cleanse(line.data(), line.size());
  };
  // A terminal in canonical mode gives one line at a time.
  const ssize_t size = read(in, line.data(), line.size());
  if (size <= 0) return error::Interrupted();
  absl::string_view text(line.data(), static_cast<size_t>(size));
  if (text.back() != '\n') {
    return error::BadPin("the line is too long or was ended without Enter");
  }
  text.remove_suffix(1);
  return base::SecretBytes(text);
}

}  // namespace countersign::hsm
