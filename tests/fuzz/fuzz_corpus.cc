#include "tests/fuzz/fuzz_corpus.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/cleanup/cleanup.h"

// Sanitizers end the process without a signal; they call this back instead.
extern "C" void __sanitizer_set_death_callback(void (*callback)())
    __attribute__((weak));

namespace countersign::fuzz {
namespace {

// Words of the formats that are parsed here, and numbers at the edges.
constexpr absl::string_view kWords[] = {
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "/",
    "//",
    "../",
    "@",
    "=",
    "sha256:",
    "sha512:",
    "\r\n",
    "\r\n\r\n",
    " ",
    "\t",
    "%00",
    "%2e%2e",
    "&",
    ";",
    "\xff",
    "\x80",
    "\xc0\xaf",
    "\xed\xa0\x80",
    "\xe2\x80\xae",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "-----BEGIN ",
    "-----END ",
    "-----\n",
};

std::string* current = nullptr;  // of the run that goes on

// Async-signal-safe: only write(2).
void PrintCurrent() {
  if (current == nullptr) return;
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr absl::string_view kTitle = "\nfuzz: the input was (hex): ";
  char line[256];
  size_t used = 0;
  ssize_t written = write(STDERR_FILENO, kTitle.data(), kTitle.size());
  for (const char c : *current) {
    line[used++] = kDigits[static_cast<unsigned char>(c) >> 4];
    line[used++] = kDigits[static_cast<unsigned char>(c) & 15];
    if (used == sizeof line) {
      written = write(STDERR_FILENO, line, used);
      used = 0;
    }
  }
  line[used++] = '\n';
  written = write(STDERR_FILENO, line, used);
  static_cast<void>(written);
}

void OnSignal(int number) {
  PrintCurrent();
  // The ordinary end of that signal follows.
  std::signal(number, SIG_DFL);
  raise(number);
}

void WatchForTheEnd() {
  for (const int number : {SIGABRT, SIGFPE, SIGILL, SIGALRM}) {
    std::signal(number, OnSignal);
  }
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(PrintCurrent);
  } else {
    // AddressSanitizer wants SIGSEGV for itself.
    std::signal(SIGSEGV, OnSignal);
    std::signal(SIGBUS, OnSignal);
  }
}

}  // namespace

Mutator::Mutator(std::vector<std::string> seeds, uint64_t start)
    : seeds_(std::move(seeds)), engine_(start) {
  if (seeds_.empty()) seeds_.emplace_back();
}

size_t Mutator::Below(size_t bound) {
  return bound == 0 ? 0 : static_cast<size_t>(engine_() % bound);
}

void Mutator::Insert(std::string& input, absl::string_view piece) {
  input.insert(Below(input.size() + 1), piece.data(), piece.size());
}

void Mutator::Change(std::string& input) {
  const size_t at = Below(input.size());
  const size_t length = 1 + Below(Below(2) == 0 ? 8 : input.size());
  switch (Below(9)) {
    case 0:
      if (!input.empty()) input[at] ^= static_cast<char>(1 << Below(8));
      break;
    case 1:
      if (!input.empty()) input[at] = static_cast<char>(Below(256));
      break;
    case 2:
      if (!input.empty()) input.erase(at, length);
      break;
    case 3:
      if (!input.empty()) Insert(input, std::string(input.substr(at, length)));
      break;
    case 4:
      input.resize(at);
      break;
    case 5: {
      const std::string& other = seeds_[Below(seeds_.size())];
      const size_t from = Below(other.size());
      Insert(input, absl::string_view(other).substr(from, length));
      break;
    }
    case 6:
      Insert(input, std::string(1 + Below(64), static_cast<char>(Below(256))));
      break;
    default:
      Insert(input, kWords[Below(std::size(kWords))]);
  }
}

std::string Mutator::Next(size_t max_bytes) {
  std::string input = seeds_[Below(seeds_.size())];
  for (size_t changes = 1 + Below(8); changes > 0; --changes) Change(input);
  if (input.size() > max_bytes) input.resize(max_bytes);
  return input;
}

void RunFuzz(const std::vector<std::string>& seeds, int iterations,
             const std::function<void(absl::string_view input)>& target) {
  constexpr unsigned kSeconds = 10;
  std::string input;
  current = &input;
  WatchForTheEnd();
  const absl::Cleanup over = [] {
    alarm(0);
    current = nullptr;
  };
  const auto run = [&](std::string next) {
    input = std::move(next);
    alarm(kSeconds);
    // A copy of the exact size: reading past the end is then seen.
    const std::vector<char> exact(input.begin(), input.end());
    target(absl::string_view(exact.data(), exact.size()));
  };
  run("");
  for (const std::string& seed : seeds) run(seed);
  Mutator mutator(seeds);
  for (int i = 0; i < iterations; ++i) run(mutator.Next());
}

}  // namespace countersign::fuzz
