#include "server/listen_problem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/cleanup/cleanup.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(ListenProblemTest, SaysThatThePortIsTaken) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(fd, 0);
  const absl::Cleanup close_it = [fd] { close(fd); };
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  EXPECT_THAT(ListenProblem("127.0.0.1:" + port), HasSubstr("in use"));
}

TEST(ListenProblemTest, BlamesTheCertificateWhereTheAddressIsFree) {
  EXPECT_THAT(ListenProblem("127.0.0.1:0"), HasSubstr("certificate"));
}

TEST(ListenProblemTest, SaysThatTheAddressIsNotOfThisMachine) {
  // TEST-NET-1 (RFC 5737): never ours.
  EXPECT_THAT(ListenProblem("192.0.2.1:0"), HasSubstr("assign"));
}

TEST(ListenProblemTest, SaysThatThePortIsMissing) {
  EXPECT_THAT(ListenProblem("localhost"), HasSubstr("no port"));
}

}  // namespace
}  // namespace countersign::server
