#include "server/config/hsm_checks.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "hsm/token_options.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

constexpr char kEnd[] = "pin_file: pin\n";

// One more entry of hsm.tokens, with `fields` between braces.
std::string Another(const std::string& fields) {
  return absl::StrCat(kEnd, "    - {", fields, "}\n");
}

TEST(CheckHsm, GivesTheDefaultsOfOneToken) {
  const TestingSite site;
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.hsm.default_token, "main");
  ASSERT_EQ(config.hsm.tokens.size(), 1u);
  const hsm::TokenOptions& token = config.hsm.tokens[0];
  EXPECT_EQ(token.name, "main");
  EXPECT_EQ(token.module_path, site.Path("module.so"));
  EXPECT_EQ(token.module_path[0], '/');
  EXPECT_EQ(token.token_label, "token");
  EXPECT_EQ(token.pin_file, site.Path("pin"));
  EXPECT_EQ(token.latch_file, site.Path("pin.latch"));
  EXPECT_EQ(token.init_args, "");
  EXPECT_EQ(token.sessions, 2);
  EXPECT_EQ(token.max_queued_digests, 20000u);
  EXPECT_EQ(token.max_queue_time, absl::Seconds(2));
  EXPECT_EQ(token.call_timeout, absl::Seconds(10));
  EXPECT_EQ(token.max_stuck_calls, 4);
  EXPECT_EQ(token.keep_alive_interval, absl::Seconds(30));
  EXPECT_EQ(token.reconnect_interval, absl::Milliseconds(100));
  EXPECT_THAT(token.accept_attributes, ElementsAre());
  EXPECT_TRUE(token.verify_ec);
}

TEST(CheckHsm, TakesEveryFieldAndSharesWhatStandsOnce) {
  const TestingSite site;
  site.Write("other.so", "another module", 0644);
  site.Write("other-pin", "5678\n");
  site.Replace("hsm:\n",
               "hsm:\n"
               "  default_token: other-1\n"
               "  max_queue_time: 10ms\n"
               "  max_queued_digests: 1000\n"
               "  verify_ec: false\n");
  site.Replace(kEnd, Another("name: other-1, module: other.so,"
                             " token_label: token, pin_file: other-pin,"
                             " init_args: \"configdir='/x'\", sessions: 64,"
                             " latch_file: refused, call_timeout: 10m,"
                             " max_stuck_calls: 64, keep_alive_interval: 1h,"
                             " reconnect_interval: 10ms,"
                             " accept_attributes: [CKA_LOCAL]"));
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.hsm.default_token, "other-1");
  ASSERT_EQ(config.hsm.tokens.size(), 2u);
  for (const hsm::TokenOptions& token : config.hsm.tokens) {
    EXPECT_EQ(token.max_queue_time, absl::Milliseconds(10));
    EXPECT_EQ(token.max_queued_digests, 1000u);
    EXPECT_FALSE(token.verify_ec);
  }
  const hsm::TokenOptions& other = config.hsm.tokens[1];
  EXPECT_EQ(other.name, "other-1");
  EXPECT_EQ(other.module_path, site.Path("other.so"));
  EXPECT_EQ(other.init_args, "configdir='/x'");
  EXPECT_EQ(other.latch_file, site.Path("refused"));
  EXPECT_EQ(other.sessions, 64);
  EXPECT_EQ(other.call_timeout, absl::Minutes(10));
  EXPECT_EQ(other.max_stuck_calls, 64);
  EXPECT_EQ(other.keep_alive_interval, absl::Hours(1));
  EXPECT_EQ(other.reconnect_interval, absl::Milliseconds(10));
  EXPECT_THAT(other.accept_attributes, ElementsAre("CKA_LOCAL"));
}

TEST(CheckHsm, TakesTwoTokensOfOneModuleByOnePath) {
  const TestingSite site;
  ASSERT_EQ(symlink("module.so", site.Path("link.so").c_str()), 0);
  site.Replace(kEnd, Another("name: second, module: ./link.so, token_label: b,"
                             " pin_file: pin, latch_file: b.latch"));
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  ASSERT_EQ(config.hsm.tokens.size(), 2u);
  EXPECT_EQ(config.hsm.tokens[1].module_path, site.Path("module.so"));
}

struct Case {
  const char* name;
  std::string from;
  std::string to;
  const char* want;
};
class CheckHsmRefuses : public testing::TestWithParam<Case> {};
TEST_P(CheckHsmRefuses, WithTheSentenceOfTheTable) {
  const TestingSite site;
  site.Write("open-pin", "1234\n", 0644);
  site.Write("empty-pin", "");
  site.Write("b-pin", "5678\n");
  site.Replace(GetParam().from, GetParam().to);
  const auto config = LoadConfig(site.config_path(), kNow);
  EXPECT_THAT(config, base::StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr(GetParam().want)));
  EXPECT_THAT(config, base::HasReason("BAD_CONFIG"));
  // One mistake is one line, not a cascade.
  EXPECT_THAT(std::string(config.status().message()),
              testing::StartsWith("1 mistake in"));
}

// kEnd with one more field.
std::string With(const char* field) {
  return absl::StrCat(kEnd, "      ", field, "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Table, CheckHsmRefuses,
    testing::ValuesIn<Case>({
        {"Name", "name: main", "name: Main",
         ":15:7: hsm.tokens[0].name: must be 1 to 63 of a-z, 0-9 and \"-\""},
        {"LongName", "name: main", "name: " + std::string(64, 'a'),
         "hsm.tokens[0].name: must be 1 to 63"},
        {"ModuleAbsent", "module.so", "absent.so",
         "hsm.tokens[0].module: open /"},
        {"ModuleIsAFolder", "module.so", "/tmp", "is not a regular file"},
        {"TokenLabel", "label: token", "label: " + std::string(33, 'a'),
         ":17:7: hsm.tokens[0].token_label: must have at most 32 octets"},
        {"PinAbsent", "pin_file: pin", "pin_file: no/pin",
         "hsm.tokens[0].pin_file: "},
        {"PinOpenToOthers", "pin_file: pin", "pin_file: open-pin",
         ":18:7: hsm.tokens[0].pin_file: "},
        {"PinEmpty", "pin_file: pin", "pin_file: empty-pin",
         "hsm.tokens[0].pin_file: "},
        {"LatchFolder", kEnd, With("latch_file: no/latch"),
         "name a file in a folder that the server may write"},
        {"NoSessions", kEnd, With("sessions: 0"),
         ":19:7: hsm.tokens[0].sessions: is 0; must be 1 to 64"},
        {"ManySessions", kEnd, With("sessions: 65"),
         "hsm.tokens[0].sessions: is 65; must be 1 to 64"},
        {"NoStuckCalls", kEnd, With("max_stuck_calls: 0"),
         "hsm.tokens[0].max_stuck_calls: is 0; must be 1 to 64"},
        {"CallTimeout", kEnd, With("call_timeout: 99ms"),
         "hsm.tokens[0].call_timeout: is 99ms; must be 100ms to 10m"},
        {"KeepAlive", kEnd, With("keep_alive_interval: 2h"),
         "hsm.tokens[0].keep_alive_interval: is 2h; must be 1s to 1h"},
        {"Reconnect", kEnd, With("reconnect_interval: soon"),
         "hsm.tokens[0].reconnect_interval: \"soon\" is no duration"},
        {"AcceptAttributes", kEnd,
         With("accept_attributes: [CKA_LOCAL, CKA_SENSITIVE]"),
         "hsm.tokens[0].accept_attributes[1]: only CKA_LOCAL may be"},
        {"QueueTime", "hsm:\n", "hsm:\n  max_queue_time: 11m\n",
         "hsm.max_queue_time: is 11m; must be 10ms to 10m"},
        {"QueuedDigests", "hsm:\n", "hsm:\n  max_queued_digests: 999\n",
         "hsm.max_queued_digests: is 999; must be 1000 to 1000000"},
        {"DefaultToken", "hsm:\n", "hsm:\n  default_token: other\n",
         "hsm.default_token: no token is named \"other\"; there are main"},
        {"SecondPin", kEnd,
         Another("name: b, module: module.so, token_label: b, pin_file: x"),
         ":19:52: hsm.tokens[1].pin_file: "},
        {"SameName", kEnd,
         Another("name: main, module: module.so, token_label: b,"
                 " pin_file: b-pin"),
         "hsm.tokens[1].name: is also that of hsm.tokens[0]; "},
        {"SameToken", kEnd,
         Another("name: b, module: ./module.so, token_label: token,"
                 " pin_file: b-pin"),
         "hsm.tokens[1].token_label: is the token of hsm.tokens[0] (same "
         "module, same label)"},
        {"OtherInitArgs", kEnd,
         Another("name: b, module: module.so, token_label: b, init_args: x,"
                 " pin_file: b-pin"),
         "hsm.tokens[1].init_args: must be as in hsm.tokens[0]"},
        {"SameLatch", kEnd,
         Another("name: b, module: module.so, token_label: b, pin_file: pin"),
         "hsm.tokens[1].latch_file: is also that of hsm.tokens[0]; give each"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CheckHsm, RefusesMoreTokensThanSixteen) {
  const TestingSite site;
  std::string entries = kEnd;
  for (int i = 1; i <= 16; ++i) {
    absl::StrAppend(&entries, "    - {name: t", i,
                    ", module: module.so, token_label: t", i,
                    ", pin_file: pin, latch_file: l", i, "}\n");
  }
  site.Replace(kEnd, entries);
  EXPECT_THAT(LoadConfig(site.config_path(), kNow),
              base::StatusIs(
                  absl::StatusCode::kInvalidArgument,
                  HasSubstr("hsm.tokens: has 17 entries; must have 1 to 16")));
}

TEST(CheckHsm, ReportsAllMistakesOfAllTokensAtOnce) {
  const TestingSite site;
  site.Replace("hsm:\n", "hsm:\n  default_token: x\n  max_queue_time: 1\n");
  site.Replace("name: main", "name: M");
  site.Replace(kEnd, Another("name: b, module: absent.so, token_label: b,"
                             " pin_file: absent, sessions: 99"));
  const absl::Status status = LoadConfig(site.config_path(), kNow).status();
  const auto details = base::GetErrorDetails(status);
  ASSERT_TRUE(details.has_value()) << status;
  std::vector<std::string> fields;
  for (const base::FieldViolation& v : details->field_violations) {
    fields.push_back(v.field);
  }
  EXPECT_THAT(fields,
              ElementsAre("hsm.default_token", "hsm.max_queue_time",
                          "hsm.tokens[0].name", "hsm.tokens[1].module",
                          "hsm.tokens[1].pin_file", "hsm.tokens[1].sessions"));
}

TEST(CheckHsm, ShowsTheNewFormToThoseWhoHaveTheOldOne) {
  const TestingSite site;
  site.Replace(
      "  tokens:\n    - name: main\n      module: module.so\n"
      "      token_label: token\n      pin_file: pin\n",
      "  module: module.so\n  token_label: token\n  pin_file: pin\n");
  const std::string text(
      LoadConfig(site.config_path(), kNow).status().message());
  EXPECT_THAT(text, HasSubstr("3 mistakes"));
  EXPECT_THAT(text,
              HasSubstr("hsm.module: belongs in an entry of tokens, as in "
                        "hsm: {tokens: [{name: ..., module: ..., "
                        "token_label: ..., pin_file: ...}]}"));
}

}  // namespace
}  // namespace countersign::server
