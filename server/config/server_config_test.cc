#include "server/config/server_config.h"

#include <functional>
#include <memory>

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

TEST(ChangesThatNeedRestart, NameEveryOtherField) {
  const struct {
    const char* field;
    std::function<void(ServerConfig&)> change;
  } kCases[] = {
      {"listen.address", [](auto& c) { c.listen.address = "x"; }},
      {"listen.certificate_file",
       [](auto& c) { c.listen.certificate_pem = "x"; }},
      {"listen.private_key_file",
       [](auto& c) { c.listen.private_key_file = "x"; }},
      {"listen.port_file", [](auto& c) { c.listen.port_file = "x"; }},
      {"identity.client_ca_file", [](auto& c) { c.client_ca_pem = "x"; }},
      {"hsm.module", [](auto& c) { c.hsm.module = "x"; }},
      {"hsm.token_label", [](auto& c) { c.hsm.token_label = "x"; }},
      {"hsm.pin_file", [](auto& c) { c.hsm.pin_file = "x"; }},
      {"hsm.sessions", [](auto& c) { c.hsm.sessions = 9; }},
      {"hsm.max_queued_digests", [](auto& c) { c.hsm.max_queued_digests = 9; }},
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
  };
  for (const auto& c : kCases) {
    ServerConfig fresh;
    c.change(fresh);
    EXPECT_THAT(ChangesThatNeedRestart({}, fresh), ElementsAre(c.field));
  }
}

}  // namespace
}  // namespace countersign::server
