#include "server/config/config.h"

#include <sys/stat.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

TEST(LoadConfig, GivesCheckedValuesAndDefaults) {
  const TestingSite site;
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.listen.address, "127.0.0.1:0");
  EXPECT_EQ(config.listen.private_key_file, site.Path("server.key"));
  EXPECT_THAT(config.listen.certificate_pem, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_EQ(config.listen.port_file, "");
  EXPECT_EQ(config.client_ca_pem, site.ca().pem());
  ASSERT_EQ(config.hsm.tokens.size(), 1u);
  EXPECT_EQ(config.hsm.tokens[0].token_label, "token");
  EXPECT_EQ(config.storage.sqlite_path, site.Path("countersign.db"));
  EXPECT_EQ(config.log.origin, "d.org/log");
  EXPECT_EQ(config.log.private_key_file, site.Path("log.key"));
  EXPECT_EQ(config.log.integration_interval, absl::Milliseconds(200));
  EXPECT_EQ(config.limits.sign_timeout, absl::Seconds(30));
  EXPECT_EQ(config.limits.max_in_flight, 4096);
  EXPECT_EQ(config.limits.max_watches, 10000);
  EXPECT_EQ(config.metrics.address, "");
  EXPECT_THAT(config.access->policy.known_groups, ElementsAre("ci", "people"));
  EXPECT_THAT(config.access->policy.administrator_groups,
              ElementsAre("people"));
  EXPECT_EQ(config.access->policy.default_request_expiry, absl::Hours(168));
  EXPECT_EQ(config.access->policy.max_request_expiry, absl::Hours(2160));
  EXPECT_EQ(config.access->policy.key_destroy_delay, absl::Hours(720));
  EXPECT_THAT(config.access->policy.tokens, ElementsAre("main"));
  EXPECT_EQ(config.access->policy.default_token, "main");
  EXPECT_THAT(config.access->group_rules.Evaluate("spiffe://d/ci/x", ""),
              ElementsAre("ci"));
}

TEST(LoadConfig, TakesOptionalFields) {
  const TestingSite site;
  site.Replace("hsm:\n",
               "metrics: {address: 'localhost:9090'}\n"
               "limits:\n"
               "  default_request_expiry: 24h\n"
               "  max_request_expiry: 48h\n"
               "  key_destroy_delay: 1m\n"
               "  sign_timeout: 1m30s\n"
               "  max_in_flight: 7\n"
               "  max_watches: 8\n"
               "hsm:\n"
               "  max_queued_digests: 1000\n");
  site.Replace("log:\n", "log:\n  integration_interval: 0.5s\n");
  site.Replace("listen:\n", "listen:\n  port_file: port\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.metrics.address, "localhost:9090");
  EXPECT_EQ(config.access->policy.default_request_expiry, absl::Hours(24));
  EXPECT_EQ(config.access->policy.max_request_expiry, absl::Hours(48));
  EXPECT_EQ(config.access->policy.key_destroy_delay, absl::Minutes(1));
  EXPECT_EQ(config.limits.sign_timeout, absl::Seconds(90));
  EXPECT_EQ(config.limits.max_in_flight, 7);
  EXPECT_EQ(config.limits.max_watches, 8);
  EXPECT_EQ(config.hsm.tokens[0].max_queued_digests, 1000u);
  EXPECT_EQ(config.log.integration_interval, absl::Milliseconds(500));
  EXPECT_EQ(config.listen.port_file, site.Path("port"));
}

TEST(LoadConfig, ShortensTheDefaultExpiryToTheLongestAllowed) {
  const TestingSite site;
  site.Replace("hsm:\n", "limits: {max_request_expiry: 2h}\nhsm:\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.access->policy.default_request_expiry, absl::Hours(2));
}

struct Case {
  const char* name;
  std::function<void(const TestingSite&)> damage;
  const char* want;
};
class LoadConfigRefuses : public testing::TestWithParam<Case> {};
TEST_P(LoadConfigRefuses, WithTheSentenceOfTheTable) {
  const TestingSite site;
  GetParam().damage(site);
  const auto config = LoadConfig(site.config_path(), kNow);
  EXPECT_THAT(config, base::StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr(GetParam().want)));
  EXPECT_THAT(config, base::HasReason("BAD_CONFIG"));
  // One mistake is one line, not a cascade.
  EXPECT_THAT(std::string(config.status().message()),
              testing::StartsWith("1 mistake in"));
}

// In the configuration, `from` becomes `to`.
auto Edit(const char* from, const char* to) {
  return [from, to](const TestingSite& site) { site.Replace(from, to); };
}
auto File(const char* name, const char* contents, int mode = 0600) {
  return [=](const TestingSite& site) { site.Write(name, contents, mode); };
}

INSTANTIATE_TEST_SUITE_P(
    Table, LoadConfigRefuses,
    testing::ValuesIn<Case>({
        {"BrokenYaml", Edit("listen:", "listen: ]"),
         "countersignd.yaml:1:9: not YAML"},
        {"Address", Edit("127.0.0.1:0", "127.0.0.1"),
         ":2:3: listen.address: has no port"},
        {"MetricsAddress", Edit("hsm:", "metrics: {address: x}\nhsm:"),
         "metrics.address: has no port"},
        {"PortFile", Edit("listen:", "listen:\n  port_file: no/port"),
         "listen.port_file: the folder"},
        {"CertificateAbsent", Edit("server.pem", "absent.pem"),
         ":3:3: listen.certificate_file: open"},
        {"CertificateBroken", File("server.pem", "x"),
         "server.pem holds no PEM block CERTIFICATE"},
        {"KeyAbsent", Edit("server.key", "absent.key"),
         "listen.private_key_file: open"},
        {"KeyOpenToOthers",
         [](const TestingSite& site) {
           EXPECT_EQ(chmod(site.Path("server.key").c_str(), 0640), 0);
         },
         "chmod 600"},
        {"KeyOfAnother",
         [](const TestingSite& site) {
           site.Write("server.key", auth::TestingKeyPem("P-256"));
         },
         "is not the key of the first certificate"},
        {"CertificateExpired",
         [](const TestingSite& site) {
           auth::CertificateSpec spec;
           spec.not_after = kNow - absl::Seconds(1);
           const auto server = site.ca().Issue(spec);
           site.Write("server.pem", server.pem());
           site.Write("server.key", server.key_pem());
         },
         "listen.certificate_file: its first certificate is expired"},
        {"CertificateNotYetValid",
         [](const TestingSite& site) {
           auth::CertificateSpec spec;
           spec.not_before = kNow + absl::Hours(1);
           const auto server = site.ca().Issue(spec);
           site.Write("server.pem", server.pem());
           site.Write("server.key", server.key_pem());
         },
         "is not valid yet"},
        {"CaThatIsNone",
         [](const TestingSite& site) {
           site.Write("ca.pem", site.ca().Issue({}).pem());
         },
         "holds a certificate that is no CA's"},
        {"CaAbsent", Edit("ca.pem", "absent.pem"),
         ":6:3: identity.client_ca_file: open"},
        {"Pattern", Edit("spiffe://d/ci/*", "*"),
         ":8:38: identity.group_rules[0].subject_patterns[0]: must start "
         "with"},
        {"Group", Edit("group: ci", "group: \"c i\""),
         ":8:8: identity.group_rules[0].group: must be 1 to 63"},
        {"RuleForNobody", Edit(", subject_patterns: [\"spiffe://d/ci/*\"]", ""),
         ":8:7: identity.group_rules[0]: matches nobody"},
        {"UnknownGroup",
         Edit("auditor_groups: [people]", "auditor_groups: [people, eve]"),
         "identity.auditor_groups[1]: no rule gives the group \"eve\"; "
         "group_rules give ci, people"},
        {"NoBackend", Edit("sqlite: {path: countersign.db}", "{}"),
         ":19:1: storage: must have one backend"},
        {"DatabaseFolder", Edit("countersign.db", "no/countersign.db"),
         "storage.sqlite.path: the folder"},
        {"Origin", Edit("d.org/log", "https://d.org/log"),
         "log.origin: must be a URL without scheme"},
        {"OriginWithPlus", Edit("d.org/log", "d.org+log"),
         "log.origin: must be"},
        {"LogKeyOfOtherType",
         [](const TestingSite& site) {
           site.Write("log.key", auth::TestingKeyPem("P-256"));
         },
         "log.private_key_file: must be an Ed25519 key"},
        {"LogKeyBroken", File("log.key", "x"), "holds no private key"},
        {"DurationWithoutUnit", Edit("log:", "limits: {sign_timeout: 5}\nlog:"),
         "limits.sign_timeout: \"5\" is no duration; write a number and a "
         "unit"},
        {"DurationInWords",
         Edit("log:", "limits: {sign_timeout: 5 days}\nlog:"),
         "\"5 days\" is no duration"},
        {"DurationTooLong", Edit("log:", "limits: {sign_timeout: 11m}\nlog:"),
         "is 11m; must be 1s to 10m"},
        {"DurationForEver",
         Edit("log:", "limits: {max_request_expiry: inf}\nlog:"),
         "is inf; must be 1m to 8760h"},
        {"DurationNegative",
         Edit("log:", "limits: {default_request_expiry: -5m}\nlog:"),
         "is -5m; must be 1m to 2160h"},
        {"DefaultOverLongest",
         Edit("log:",
              "limits: {default_request_expiry: 3h, max_request_expiry: "
              "2h}\nlog:"),
         "is 3h; must be 1m to 2h"},
        {"DestroyDelay", Edit("log:", "limits: {key_destroy_delay: 1s}\nlog:"),
         "limits.key_destroy_delay: is 1s; must be 1m to 8760h"},
        {"Watches", Edit("log:", "limits: {max_watches: 0}\nlog:"),
         "limits.max_watches: is 0; must be 1 to 1000000"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LoadConfig, ReportsAllMistakesOfAllSectionsAtOnce) {
  const TestingSite site;
  site.Replace("127.0.0.1:0", "nowhere");
  site.Replace("  certificate_file", "  certificat_file");
  site.Replace("email:*@d.org", "email:*");
  site.Replace("auditor_groups: [people]", "auditor_groups: [eve]");
  site.Replace("module.so", "absent.so");
  site.Replace("origin: d.org/log", "origin: a b");
  const absl::Status status = LoadConfig(site.config_path(), kNow).status();
  const auto details = base::GetErrorDetails(status);
  ASSERT_TRUE(details.has_value()) << status;
  std::vector<std::string> fields;
  for (const base::FieldViolation& v : details->field_violations) {
    fields.push_back(v.field);
  }
  EXPECT_THAT(fields, ElementsAre("listen.certificate_file", "listen.address",
                                  "listen.certificat_file",
                                  "identity.group_rules[1].subject_patterns[0]",
                                  "identity.auditor_groups[0]",
                                  "hsm.tokens[0].module", "log.origin"));
}

TEST(LoadConfig, SaysThatTheFileCannotBeRead) {
  EXPECT_THAT(LoadConfig(testing::TempDir() + "/absent.yaml", kNow),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(LoadConfig(testing::TempDir(), kNow),
              base::HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace countersign::server
