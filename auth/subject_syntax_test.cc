#include "auth/subject_syntax.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasCode;

TEST(CheckSpiffeId, AcceptsWorkloads) {
  for (const std::string& id : {
           std::string("spiffe://example.org/ci"),
           std::string("spiffe://a/b/c.d/E-f_9"),
           std::string("spiffe://10.0.0.1/x"),
           std::string("spiffe://under_score.example/..."),
           "spiffe://" + std::string(255, 'd') + "/x",
           "spiffe://d/" + std::string(2048 - 11, 'p'),
       }) {
    EXPECT_OK(CheckSpiffeId(id)) << id;
  }
}

TEST(CheckSpiffeId, RefusesEverythingElse) {
  for (const std::string& id : {
           std::string(""),
           std::string("spiffe:/d/x"),
           std::string("SPIFFE://d/x"),
           std::string("https://d/x"),
           std::string("spiffe://"),
           std::string("spiffe:///x"),
           std::string("spiffe://d"),
           std::string("spiffe://d/"),
           std::string("spiffe://d/x/"),
           std::string("spiffe://d//x"),
           std::string("spiffe://d/./x"),
           std::string("spiffe://d/x/.."),
           std::string("spiffe://D/x"),
           std::string("spiffe://d:443/x"),
           std::string("spiffe://u@d/x"),
           std::string("spiffe://d/x?y"),
           std::string("spiffe://d/x#y"),
           std::string("spiffe://d/%41"),
           std::string("spiffe://d/x y"),
           std::string("spiffe://d/x*"),
           std::string("spiffe://d/x\0y", 14),
           std::string("spiffe://d/\u00e4"),
           "spiffe://" + std::string(256, 'd') + "/x",
           "spiffe://d/" + std::string(2048 - 10, 'p'),
       }) {
    EXPECT_THAT(CheckSpiffeId(id), HasCode(absl::StatusCode::kInvalidArgument))
        << id;
  }
}

TEST(CheckSpiffeId, SaysWhatWouldBeRight) {
  EXPECT_THAT(CheckSpiffeId("spiffe://Example.org/x").message(),
              absl::string_view(
                  "\"spiffe://Example.org/x\" has a malformed trust domain: 1 "
                  "to 255 lower-case letters, digits, \".\", \"-\" and \"_\" "
                  "are allowed"));
}

TEST(CheckEmail, AcceptsAddresses) {
  for (const char* address :
       {"ann@example.org", "a.b+c@x", "O'Neill@Example.ORG", "1@2-3.4"}) {
    EXPECT_OK(CheckEmail(address)) << address;
  }
}

TEST(CheckEmail, RefusesEverythingElse) {
  for (const std::string& address :
       {std::string(""), std::string("ann"), std::string("@example.org"),
        std::string("ann@"), std::string("ann@b@example.org"),
        std::string("ann@.org"), std::string("ann@example."),
        std::string("ann@exa..mple"), std::string("ann @example.org"),
        std::string("\"ann\"@example.org"), std::string("ann@[10.0.0.1]"),
        std::string("ann\0@example.org", 16), std::string("ann@example.org\n"),
        std::string("\u00e4nn@example.org"),
        std::string(243, 'a') + "@example.org"}) {
    EXPECT_THAT(CheckEmail(address),
                HasCode(absl::StatusCode::kInvalidArgument))
        << address;
  }
}

TEST(CanonicalSubject, LowersMailAddressesAlone) {
  EXPECT_EQ(CanonicalSubject("email:Ann@Example.ORG"), "email:ann@example.org");
  EXPECT_EQ(CanonicalSubject("subject:CN=Ann"), "subject:CN=Ann");
  EXPECT_EQ(CanonicalSubject("spiffe://d/Ann"), "spiffe://d/Ann");
}

}  // namespace
}  // namespace countersign::auth
