#include "client/oci/image_reference.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::testing::HasSubstr;

const char kHex[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct Good {
  std::string text;
  std::string scheme, host, repository, tag;
  bool digest = false;
};

TEST(ImageReferenceTest, ReadsWhatDockerReads) {
  const std::string digest = absl::StrCat("sha256:", kHex);
  const Good rows[] = {
      {"alpine", "", "index.docker.io", "library/alpine", ""},
      {"alpine:3.19", "", "index.docker.io", "library/alpine", "3.19"},
      {"docker.io/alpine", "", "index.docker.io", "library/alpine", ""},
      {"docker.io/team/app", "", "index.docker.io", "team/app", ""},
      {"team/app:1", "", "index.docker.io", "team/app", "1"},
      {"ghcr.io/team/app", "", "ghcr.io", "team/app", ""},
      {"GHCR.io/team/app", "", "ghcr.io", "team/app", ""},
      {"localhost/app:x", "", "localhost", "app", "x"},
      {"host:5000/app:x", "", "host:5000", "app", "x"},
      {"127.0.0.1:5000/a/b/c", "", "127.0.0.1:5000", "a/b/c", ""},
      {"[::1]:5000/app", "", "[::1]:5000", "app", ""},
      {"[fe80::1]/app", "", "[fe80::1]", "app", ""},
      {"http://127.0.0.1:1/sub/component-descriptors/acme.org/x__y", "http",
       "127.0.0.1:1", "sub/component-descriptors/acme.org/x__y", ""},
      {"http://registry:80/app", "http", "registry:80", "app", ""},
      {"https://r.example/a--b/c_d:V-1_x", "https", "r.example", "a--b/c_d",
       "V-1_x"},
      {"r.example/a@" + digest, "", "r.example", "a", "", true},
      {"r.example/a:1@" + digest, "", "r.example", "a", "1", true},
  };
  for (const Good& row : rows) {
    const auto got = ParseImageReference(row.text);
    ASSERT_OK(got);
    EXPECT_EQ(got->scheme, row.scheme) << row.text;
    EXPECT_EQ(got->host, row.host) << row.text;
    EXPECT_EQ(got->repository, row.repository) << row.text;
    EXPECT_EQ(got->tag, row.tag) << row.text;
    EXPECT_EQ(got->digest, row.digest ? digest : "") << row.text;
  }
}

TEST(ImageReferenceTest, SaysWhatIsWrong) {
  const struct {
    std::string text, part;
  } rows[] = {
      {"", "no repository"},
      {"r.example/", "no repository"},
      {"r.example/:tag", "no repository"},
      {"r.example/App", "lower-case"},
      {"r.example/a//b", "lower-case"},
      {"r.example/a/../b", "lower-case"},
      {"r.example/a/.", "lower-case"},
      {"r.example/a..b", "lower-case"},
      {"r.example/a___b", "lower-case"},
      {"r.example/-a", "lower-case"},
      {"r.example/a?b=c", "lower-case"},
      {"r.example/a%2e", "lower-case"},
      {"r.example/a b", "lower-case"},
      {"r.example/a:", "a tag is"},
      {"r.example/a:.x", "a tag is"},
      {"r.example/a:x/y", "a tag is"},
      {"r.example/a:" + std::string(129, 'x'), "a tag is"},
      {"r.example/" + std::string(256, 'x'), "too long"},
      {"r.example/a@", "a digest is"},
      {"r.example/a@sha256:12", "a digest is"},
      {"r.example/a@md5:00000000000000000000000000000000", "a digest is"},
      {"http://registry/app", "needs its port"},
      {"user@r.example/a", "a digest is"},
      {"r.example:0/a", "host"},
      {"r.example:99999/a", "host"},
      {"r.example:+1/a", "host"},
      {"r.example:/a", "host"},
      {"r_x.example/a", "host"},
      {"r..example/a", "host"},
      {"-r.example/a", "host"},
      {"[::1/a", "host"},
      {"[1]:5/a", "host"},
      {"[::1]x/a", "host"},
      {"ftp://r.example/a", "host"},
      {"http:///a", "host"},
      {"r.example\r\nX: y/a", "host"},
  };
  for (const auto& row : rows) {
    const auto got = ParseImageReference(row.text);
    EXPECT_THAT(got, HasReason("REFERENCE_INVALID")) << row.text;
    EXPECT_THAT(std::string(got.status().message()), HasSubstr(row.part));
    EXPECT_THAT(std::string(got.status().message()),
                HasSubstr("registry.example/team/app:1.0"));
  }
}

TEST(ImageReferenceTest, FormatsWithDigestBeforeTag) {
  const auto both = ParseImageReference(
      absl::StrCat("http://localhost:1/a/b:1@sha256:", kHex));
  ASSERT_OK(both);
  EXPECT_EQ(both->Name(), "localhost:1/a/b");
  EXPECT_EQ(both->Format(), absl::StrCat("localhost:1/a/b@sha256:", kHex));
  EXPECT_EQ(ParseImageReference("localhost/a:1")->Format(), "localhost/a:1");
  EXPECT_EQ(ParseImageReference("x")->Format(), "index.docker.io/library/x");
}

}  // namespace
}  // namespace countersign::client
