#include "client/oci/link_header.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(LinkHeaderTest, FindsTheNextPage) {
  const struct {
    const char *header, *want;
  } rows[] = {
      {"</v2/a?n=1>; rel=\"next\"", "/v2/a?n=1"},
      {"<a>; rel=next", "a"},
      {"<first>; rel=\"first\", <b> ; title=\"x\"; REL = \"next\"", "b"},
      {"", ""},
      {"<a>", ""},
      {"<a; rel=\"next\"", ""},
      {"a; rel=\"next\"", ""},
      {"<a>; rel=\"prev\"", ""},
      {"<>; rel=next", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(NextLink(row.header), row.want) << row.header;
  }
}

}  // namespace
}  // namespace countersign::client
