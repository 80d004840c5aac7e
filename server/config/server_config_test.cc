#include "server/config/server_config.h"

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ChangesThatNeedRestart, AreNoneBetweenEquals) {
  EXPECT_THAT(ChangesThatNeedRestart({}, {}), IsEmpty());
}

TEST(ChangesThatNeedRestart, LeaveOutWhatIsReloaded) {
  ServerConfig fresh;
  fresh.access = std::make_shared<const auth::AccessSnapshot>();
  EXPECT_THAT(ChangesThatNeedRestart({}, fresh), IsEmpty());
}

ServerConfig With(std::function<void(auth::AccessSnapshot&)> change) {
  auth::AccessSnapshot access;
  change(access);
  ServerConfig config;
  config.access = std::make_shared<const auth::AccessSnapshot>(access);
  return config;
}

TEST(ChangesThatNeedRestart, AreTheFirstTokenIssuerAndNotTheNext) {
  const ServerConfig none;
  const ServerConfig one =
      With([](auto& access) { access.token_issuers.resize(1); });
  const ServerConfig two = With([](auto& access) {
    access.token_issuers.resize(2);
    access.token_issuers[1].audiences = {"x"};
    access.policy.people[{"token:ann", "x"}] = "Ann";
  });
  EXPECT_THAT(ChangesThatNeedRestart(none, one),
              ElementsAre("identity.token_issuers"));
  EXPECT_THAT(ChangesThatNeedRestart(one, two), IsEmpty());
  EXPECT_THAT(ChangesThatNeedRestart(two, none),
              ElementsAre("identity.token_issuers"));
}

TEST(ChangesThatNeedRestart, AreIssuingAuthorities) {
  const ServerConfig one =
      With([](auto& access) { access.policy.issuing_cas.resize(1); });
  const ServerConfig other = With([](auto& access) {
    access.policy.issuing_cas.resize(1);
    access.policy.issuing_cas[0].crl_url = "x";
  });
  EXPECT_THAT(ChangesThatNeedRestart(one, other), ElementsAre("issuing_cas"));
  EXPECT_THAT(ChangesThatNeedRestart(one, one), IsEmpty());
}

TEST(ChangesThatNeedRestart, NameEveryOtherField) {
  const struct {
    const char* field;
    std::function<void(ServerConfig&)> change;
  } kCases[] = {
      {"listen.address", [](auto& c) { c.listen.address = "x"; }},
      {"listen.certificate_file",
       [](auto& c) { c.listen.certificate_file = "x"; }},
      {"listen.private_key_file",
       [](auto& c) { c.listen.private_key_file = "x"; }},
      {"listen.port_file", [](auto& c) { c.listen.port_file = "x"; }},
      {"identity.client_ca_file", [](auto& c) { c.client_ca_file = "x"; }},
      {"hsm.default_token", [](auto& c) { c.hsm.default_token = "x"; }},
      {"hsm.tokens", [](auto& c) { c.hsm.tokens.emplace_back(); }},
      {"storage.sqlite.path", [](auto& c) { c.storage.sqlite_path = "x"; }},
      {"log.origin", [](auto& c) { c.log.origin = "x"; }},
      {"log.private_key_file", [](auto& c) { c.log.private_key_file = "x"; }},
      {"log.integration_interval",
       [](auto& c) { c.log.integration_interval = absl::Seconds(9); }},
      {"limits.sign_timeout",
       [](auto& c) { c.limits.sign_timeout = absl::Seconds(9); }},
      {"limits.max_in_flight", [](auto& c) { c.limits.max_in_flight = 9; }},
      {"limits.max_watches", [](auto& c) { c.limits.max_watches = 9; }},
      {"metrics.address", [](auto& c) { c.metrics.address = "x"; }},
      {"http.address", [](auto& c) { c.http.address = "x"; }},
      {"http.port_file", [](auto& c) { c.http.port_file = "x"; }},
      {"http.default_operation",
       [](auto& c) { c.http.default_operation.emplace(); }},
      {"http.paths", [](auto& c) { c.http.paths["/x"] = {}; }},
      {"http.max_wait", [](auto& c) { c.http.max_wait = absl::Seconds(9); }},
      {"http.answer_window",
       [](auto& c) { c.http.answer_window = absl::Seconds(9); }},
      {"http.max_waiting_calls", [](auto& c) { c.http.max_waiting_calls = 9; }},
      {"http.max_connections", [](auto& c) { c.http.max_connections = 9; }},
  };
  for (const auto& c : kCases) {
    ServerConfig fresh;
    c.change(fresh);
    EXPECT_THAT(ChangesThatNeedRestart({}, fresh), ElementsAre(c.field));
  }
}

TEST(ChangesThatNeedRestart, NameEveryFieldOfAToken) {
  const struct {
    const char* field;
    std::function<void(hsm::TokenOptions&)> change;
  } kCases[] = {
      {"hsm.tokens[0].name", [](auto& t) { t.name = "x"; }},
      {"hsm.tokens[0].module", [](auto& t) { t.module_path = "x"; }},
      {"hsm.tokens[0].token_label", [](auto& t) { t.token_label = "x"; }},
      {"hsm.tokens[0].pin_file", [](auto& t) { t.pin_file = "x"; }},
      {"hsm.tokens[0].init_args", [](auto& t) { t.init_args = "x"; }},
      {"hsm.tokens[0].sessions", [](auto& t) { t.sessions = 9; }},
      {"hsm.tokens[0].latch_file", [](auto& t) { t.latch_file = "x"; }},
      {"hsm.tokens[0].call_timeout",
       [](auto& t) { t.call_timeout = absl::Seconds(9); }},
      {"hsm.tokens[0].max_stuck_calls", [](auto& t) { t.max_stuck_calls = 9; }},
      {"hsm.tokens[0].keep_alive_interval",
       [](auto& t) { t.keep_alive_interval = absl::Seconds(9); }},
      {"hsm.tokens[0].reconnect_interval",
       [](auto& t) { t.reconnect_interval = absl::Seconds(9); }},
      {"hsm.tokens[0].accept_attributes",
       [](auto& t) { t.accept_attributes = {"CKA_LOCAL"}; }},
      {"hsm.max_queue_time",
       [](auto& t) { t.max_queue_time = absl::Seconds(9); }},
      {"hsm.max_queued_digests", [](auto& t) { t.max_queued_digests = 9; }},
      {"hsm.verify_ec", [](auto& t) { t.verify_ec = false; }},
  };
  ServerConfig running;
  running.hsm.tokens.resize(1);
  for (const auto& c : kCases) {
    ServerConfig fresh = running;
    c.change(fresh.hsm.tokens[0]);
    EXPECT_THAT(ChangesThatNeedRestart(running, fresh), ElementsAre(c.field));
  }
}

}  // namespace
}  // namespace countersign::server
