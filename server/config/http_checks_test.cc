#include <string>

#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

TEST(HttpSection, IsOffWhereItIsLeftOut) {
  const TestingSite site;
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.http.address, "");
}

TEST(HttpSection, HasDefaults) {
  const TestingSite site;
  site.Replace("hsm:\n", "http: {address: '127.0.0.1:0'}\nhsm:\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.http.address, "127.0.0.1:0");
  EXPECT_FALSE(config.http.default_operation.has_value());
  EXPECT_TRUE(config.http.paths.empty());
  EXPECT_EQ(config.http.max_wait, absl::Hours(1));
  EXPECT_EQ(config.http.answer_window, absl::Hours(1));
  EXPECT_EQ(config.http.max_waiting_calls, 1000);
  EXPECT_EQ(config.http.max_connections, 2000);
}

TEST(HttpSection, TakesAllFields) {
  const TestingSite site;
  site.Replace("hsm:\n",
               "http:\n"
               "  address: '[::1]:8444'\n"
               "  port_file: http.port\n"
               "  default_operation: products/p/operations/o\n"
               "  paths:\n"
               "    - {path: /k/a, operation: products/p/operations/a}\n"
               "    - {path: /k/b, operation: products/p/operations/b}\n"
               "  max_wait: 10m\n"
               "  answer_window: 0s\n"
               "  max_waiting_calls: 7\n"
               "  max_connections: 9\n"
               "hsm:\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  EXPECT_EQ(config.http.port_file, site.Path("http.port"));
  EXPECT_EQ(config.http.default_operation->Format(), "products/p/operations/o");
  ASSERT_EQ(config.http.paths.size(), 2u);
  EXPECT_EQ(config.http.paths.at("/k/b").Format(), "products/p/operations/b");
  EXPECT_EQ(config.http.max_wait, absl::Minutes(10));
  EXPECT_EQ(config.http.answer_window, absl::ZeroDuration());
  EXPECT_EQ(config.http.max_waiting_calls, 7);
  EXPECT_EQ(config.http.max_connections, 9);
}

TEST(HttpSection, TellsAllMistakesAtOnce) {
  const TestingSite site;
  site.Replace("hsm:\n",
               "http:\n"
               "  address: nowhere\n"
               "  port_file: no-such-folder/port\n"
               "  default_operation: release\n"
               "  paths:\n"
               "    - {path: /sign/x, operation: products/p/operations/a}\n"
               "    - {path: /k, operation: o}\n"
               "    - {path: /j, operation: products/p/operations/a}\n"
               "    - {path: /j, operation: products/p/operations/b}\n"
               "    - {path: /i}\n"
               "  max_wait: 1ms\n"
               "  answer_window: soon\n"
               "  max_waiting_calls: 0\n"
               "  max_connections: -1\n"
               "hsm:\n");
  const auto config = LoadConfig(site.config_path(), kNow);
  ASSERT_FALSE(config.ok());
  const std::string text(config.status().message());
  for (const char* says :
       {"http.address", "http.port_file", "http.default_operation",
        "http.paths[0].path: begins with /sign", "http.paths[1].operation",
        "http.paths[3].path: stands in the list twice",
        "http.paths[4].operation", "http.max_wait", "http.answer_window",
        "http.max_waiting_calls", "http.max_connections"}) {
    EXPECT_THAT(text, HasSubstr(says));
  }
}

}  // namespace
}  // namespace countersign::server
