#include "client/oci/loopback.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(LoopbackTest, KnowsThisMachineByItsSpelling) {
  for (const char* host : {"localhost", "LOCALHOST:5000", "127.0.0.1",
                           "127.0.0.1:80", "127.255.1.2", "[::1]", "[::1]:1"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
}

TEST(LoopbackTest, IsNotFooledByNamesThatLookLikeIt) {
  for (const char* host :
       {"", "localhost.example", "xlocalhost", "127.0.0.1.example", "127.0.0",
        "127.0.0.256", "127.0.0.01", "128.0.0.1", "127.0.0.1x", "127.0.0.-1",
        "127.0.0.+1", "[::1", "[::1]x", "[::2]", "10.0.0.1", "0.0.0.0"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

}  // namespace
}  // namespace countersign::client
