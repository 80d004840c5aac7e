// An issuer that answers by script, and a world for logins around it: no
// network, a clock that sleeping moves. Tests only.
#ifndef COUNTERSIGN_CLIENT_LOGIN_FAKE_ISSUER_H_
#define COUNTERSIGN_CLIENT_LOGIN_FAKE_ISSUER_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/https_call.h"
#include "base/json.h"
#include "base/mutex.h"
#include "base/random.h"
#include "client/login/login_world.h"
#include "client/token/login_settings.h"

namespace countersign::client {

// Thread-safe but for the public members.
class FakeIssuer {
 public:
  static constexpr char kUrl[] = "https://login.example.org";

  FakeIssuer();

  // The discovery document, to be changed at will.
  base::Json document;
  base::FakeClock clock;
  base::FakeRandom random;
  bool interrupted = false;

  // The next answers of "/token" and so on, in turn. 599: nobody is there.
  void Answer(const std::string& path, int code, const std::string& body)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // What was posted to that path, oldest first.
  std::vector<base::HttpsCall> CallsTo(const std::string& path)
      ABSL_LOCKS_EXCLUDED(mutex_);

  LoginWorld World();
  LoginSettings Settings() const;
  // An ID token for the client "cli" with a signature of no worth, good for an
  // hour; `changes` replace claims, null takes one away.
  std::string IdToken(const base::Json::Object& changes = {}) const;
  // A whole answer of the token endpoint. Empty texts are left out.
  std::string Tokens(const std::string& access, const std::string& id,
                     const std::string& refresh, int expires_in = 3600) const;

 private:
  absl::StatusOr<base::HttpsAnswer> Call(const base::HttpsCall& call)
      ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex mutex_;
  std::map<std::string, std::deque<base::HttpsAnswer>> answers_
      ABSL_GUARDED_BY(mutex_);
  std::vector<base::HttpsCall> calls_ ABSL_GUARDED_BY(mutex_);
};

// The value of that name in a form; "(none)" where it is not there.
std::string FormValueOf(const base::HttpsCall& call, const std::string& name);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_FAKE_ISSUER_H_
