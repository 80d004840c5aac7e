#include "client/sigstore/amend_tag.h"

#include <memory>
#include <string>

#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/media_types.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

class AmendTagTest : public testing::Test {
 protected:
  AmendTagTest()
      : repository_(
            registries_
                .Open(ParseImageReference("registry.example/app").value())
                .value()) {}

  absl::StatusOr<bool> Amend(const TagEdit& edit) {
    return AmendTag(*repository_, "t", std::string(kOciIndexType), edit);
  }

  FakeRegistries registries_;
  std::unique_ptr<OciRepository> repository_;
};

// Wants the tag to have exactly these bytes.
TagEdit Set(const std::string& bytes) {
  return [bytes](const std::optional<OciManifest>& there)
             -> absl::StatusOr<std::optional<std::string>> {
    if (there.has_value() && there->bytes == bytes) return {std::nullopt};
    return {bytes};
  };
}

TEST_F(AmendTagTest, WritesWhatIsNotThereYet) {
  EXPECT_THAT(Amend(Set("{}")), IsOkAndHolds(true));
  EXPECT_THAT(Amend(Set("{}")), IsOkAndHolds(false));
  EXPECT_EQ(registries_.Calls("PutManifest"), 1);
}

TEST_F(AmendTagTest, LooksAgainAfterEachPush) {
  int pushes = 0;
  bool inside = false;
  registries_.AfterPutManifest([&](const std::string& tag) {
    if (inside || ++pushes > 2) return;
    inside = true;
    EXPECT_OK(
        repository_->PutManifest(tag, std::string(kOciIndexType), "{\"x\":1}")
            .status());
    inside = false;
  });
  EXPECT_THAT(Amend(Set("{}")), IsOkAndHolds(true));
  EXPECT_EQ(pushes, 3);
  EXPECT_EQ(repository_->GetManifest("t")->bytes, "{}");
}

TEST_F(AmendTagTest, EndsAfterAFewTries) {
  int calls = 0;
  EXPECT_THAT(Amend([&](const std::optional<OciManifest>&)
                        -> absl::StatusOr<std::optional<std::string>> {
                ++calls;
                return {std::string("{}")};
              }),
              HasReason("TAG_CONTENDED"));
  EXPECT_EQ(calls, 8);
}

TEST_F(AmendTagTest, PassesErrorsOn) {
  EXPECT_TRUE(
      absl::IsInternal(Amend([](const std::optional<OciManifest>&)
                                 -> absl::StatusOr<std::optional<std::string>> {
                         return absl::InternalError("edit");
                       }).status()));
  registries_.Fail("PutManifest", absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Amend(Set("{}")).status()));
}

}  // namespace
}  // namespace countersign::client
