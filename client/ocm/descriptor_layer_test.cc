#include "client/ocm/descriptor_layer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

constexpr char kMember[] = "component-descriptor.yaml";

TEST(DescriptorLayer, PacksATextAsTheToolsDo) {
  // Header, one block of text, two blocks of zeros; of 2022-01-01.
  ASSERT_OK_AND_ASSIGN(const std::string layer,
                       PackDescriptor(kYamlTarLayer, "a: b\n"));
  EXPECT_EQ(layer.size(), 4 * 512u);
  EXPECT_EQ(layer.substr(0, sizeof(kMember)), std::string(kMember) + '\0');
  EXPECT_EQ(layer.substr(136, 11), "14163714600");  // modification time
  EXPECT_EQ(layer.substr(257, 8), absl::string_view("ustar\00000", 8));
  EXPECT_EQ(layer.substr(512, 5), "a: b\n");
  EXPECT_EQ(layer.substr(517), std::string(4 * 512 - 517, '\0'));
}

TEST(DescriptorLayer, GivesTheSameOctetsForTheSameText) {
  for (const size_t size : {0, 1, 511, 512, 513, 100000}) {
    const std::string text(size, 'x');
    ASSERT_OK_AND_ASSIGN(const std::string layer,
                         PackDescriptor(kYamlTarLayer, text));
    EXPECT_EQ(layer.size() % 512, 0u);
    EXPECT_THAT(PackDescriptor(kYamlTarLayer, text), base::IsOkAndHolds(layer));
    EXPECT_THAT(UnpackDescriptor(kYamlTarLayer, layer),
                base::IsOkAndHolds(text));
  }
}

TEST(DescriptorLayer, LeavesBareTextAsItIs) {
  EXPECT_THAT(PackDescriptor(kJsonLayer, "{\"a\":1}"),
              base::IsOkAndHolds("{\"a\":1}"));
  EXPECT_THAT(UnpackDescriptor(kJsonLayer, "{\"a\":1}"),
              base::IsOkAndHolds("{\"a\":1}"));
}

TEST(DescriptorLayer, KnowsTheNamesOfBefore) {
  EXPECT_TRUE(IsDescriptorLayerType(kYamlTarLayer));
  EXPECT_TRUE(IsDescriptorLayerType(
      "application/vnd.gardener.cloud.cnudie.component-descriptor.v2+json"));
  EXPECT_TRUE(IsComponentConfigType(
      "application/vnd.oci.gardener.cloud.cnudie.component-descriptor-metadata."
      "config.v2+json"));
  EXPECT_FALSE(IsDescriptorLayerType("application/octet-stream"));
  EXPECT_FALSE(
      IsComponentConfigType("application/vnd.oci.image.config.v1+json"));
}

struct Row {
  const char* name;
  std::string layer;
};

class BadLayer : public testing::TestWithParam<Row> {};

TEST_P(BadLayer, IsRefused) {
  EXPECT_THAT(UnpackDescriptor(kYamlTarLayer, GetParam().layer),
              base::HasReason("DESCRIPTOR_LAYER"));
}

std::string Tar(const std::vector<TarMember>& members) {
  return MakeTar(members);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadLayer,
    testing::Values(
        Row{"NoTar", "a: b"}, Row{"Empty", ""},
        Row{"NoMember", std::string(1024, '\0')},
        Row{"AnotherName", Tar({{"descriptor.yaml", "a: b"}})},
        Row{"TwoMembers", Tar({{kMember, "a: b"}, {"more", "x"}})},
        Row{"TwoDescriptors", Tar({{kMember, "a: b"}, {kMember, "c: d"}})},
        Row{"Link", Tar({{kMember, "", '2', "/etc/passwd"}})},
        Row{"Folder", Tar({{kMember, "", '5'}})},
        Row{"Compressed", MakeGzip(Tar({{kMember, "a: b"}}))},
        Row{"Huge", Tar({{kMember, std::string((16 << 20) + 1, 'x')}})},
        Row{"Truncated",
            Tar({{kMember, std::string(2000, 'x')}}).substr(0, 1500)}),
    [](const auto& info) { return info.param.name; });

TEST(DescriptorLayer, RefusesAnotherMediaType) {
  EXPECT_THAT(UnpackDescriptor("application/json", "{}"),
              base::HasReason("DESCRIPTOR_LAYER"));
}

}  // namespace
}  // namespace countersign::client
