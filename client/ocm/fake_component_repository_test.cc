#include "client/ocm/fake_component_repository.h"

#include <memory>
#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "client/ocm/component_repository_contract.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

class FakeWorld final : public RepositoryWorld {
 public:
  explicit FakeWorld(const std::vector<SampleVersion>& versions) {
    for (const SampleVersion& version : versions) {
      fake_.Add(version.id, version.text);
      for (const std::string& octets : version.blobs) {
        fake_.AddBlob(version.id, octets);
      }
    }
  }
  absl::StatusOr<std::unique_ptr<ComponentRepository>> Open() override {
    return std::make_unique<FakeComponentRepository>(fake_);
  }

 private:
  FakeComponentRepository fake_;
};

INSTANTIATE_TEST_SUITE_P(Fake, ComponentRepositoryContract,
                         testing::Values(ComponentRepositoryContractParam{
                             "Fake",
                             [](const std::vector<SampleVersion>& versions) {
                               return std::make_unique<FakeWorld>(versions);
                             }}),
                         ComponentRepositoryContractName);

TEST(FakeComponentRepository, FailsOnCommandAndRecovers) {
  FakeComponentRepository fake;
  const ComponentId id{"acme.org/x", "1"};
  fake.Add(id, "text");
  const std::string blob = fake.AddBlob(id, "octets");
  fake.FailNextRead(1, absl::UnavailableError("away"));
  fake.FailNextWrite(1, absl::PermissionDeniedError("no"));
  fake.FailNextBlob(1, absl::UnavailableError("away"));
  const auto sink = [](absl::string_view) { return absl::OkStatus(); };
  EXPECT_THAT(fake.ReadDescriptor(id),
              base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(fake.WriteDescriptors({{id, "text", "new"}}),
              base::HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(fake.ReadLocalBlob(id, blob, sink),
              base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(fake.ReadDescriptor(id), base::IsOkAndHolds("text"));
  EXPECT_OK(fake.ReadLocalBlob(id, blob, sink));
  EXPECT_EQ(fake.reads(), 2);
  EXPECT_EQ(fake.blob_reads(), 2);
  EXPECT_EQ(fake.writes(), 1);
}

TEST(FakeComponentRepository, AnswersADamagedBlobWithItsLoss) {
  FakeComponentRepository fake;
  const ComponentId id{"acme.org/x", "1"};
  const std::string blob = fake.AddBlob(id, "octets");
  fake.DamageBlob(blob);
  EXPECT_THAT(fake.ReadLocalBlob(
                  id, blob, [](absl::string_view) { return absl::OkStatus(); }),
              base::HasReason("DIGEST_MISMATCH"));
}

TEST(FakeComponentRepository, CanRefuseToListAsARegistry) {
  FakeComponentRepository fake;
  fake.RefuseList();
  EXPECT_THAT(fake.List(), base::HasReason("LIST_UNSUPPORTED"));
}

}  // namespace
}  // namespace countersign::client
