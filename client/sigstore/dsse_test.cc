#include "client/sigstore/dsse.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(PreAuthenticationEncoding, IsThatOfTheSpecification) {
  EXPECT_EQ(
      PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"),
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(PreAuthenticationEncoding, CountsOctets) {
  EXPECT_EQ(PreAuthenticationEncoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(PreAuthenticationEncoding("t", "\xc3\xbc"),
            "DSSEv1 1 t 2 \xc3\xbc");
}

TEST(PreAuthenticationEncoding, TellsApartWhatRunsTogether) {
  EXPECT_NE(PreAuthenticationEncoding("a", "b 1 c"),
            PreAuthenticationEncoding("a b", "c"));
}

}  // namespace
}  // namespace countersign::client
