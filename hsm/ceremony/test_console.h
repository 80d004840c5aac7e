// One run of the ceremony tool in the test's process. Tests only.
#ifndef COUNTERSIGN_HSM_CEREMONY_TEST_CONSOLE_H_
#define COUNTERSIGN_HSM_CEREMONY_TEST_CONSOLE_H_

#include <deque>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "hsm/ceremony/app.h"
#include "hsm/ceremony/console.h"
#include "hsm/ceremony/errors.h"

namespace countersign::hsm {

struct TestRun {
  ExitCode code = ExitCode::kOk;
  std::string out;
  std::string err;
};

class TestConsole {
 public:
  TestConsole()
      : console_{
            out_,
            err_,
            in_,
            false,
            clock_,
            random_,
            [this](const std::string& question) { return Ask(question); }} {}

  Console& console() { return console_; }
  // There is a terminal from now on; these secrets are typed at it, and then
  // Ctrl-C.
  void Type(std::vector<std::string> secrets, const std::string& line = "") {
    console_.interactive = true;
    secrets_.assign(secrets.begin(), secrets.end());
    in_.clear();
    in_.str(line);
  }
  // What was asked.
  const std::vector<std::string>& questions() const { return questions_; }

  TestRun Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    TestRun run;
    run.code = RunCeremony(arguments, console_);
    run.out = out_.str();
    run.err = err_.str();
    return run;
  }

 private:
  absl::StatusOr<base::SecretBytes> Ask(const std::string& question) {
    questions_.push_back(question);
    if (secrets_.empty()) return error::Interrupted();
    base::SecretBytes secret(secrets_.front());
    secrets_.pop_front();
    return secret;
  }

  std::ostringstream out_;
  std::ostringstream err_;
  std::istringstream in_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::deque<std::string> secrets_;
  std::vector<std::string> questions_;
  Console console_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_TEST_CONSOLE_H_
