#include "client/oci/referrers.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/image_reference.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::IsOkAndHolds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReferrersTest : public testing::TestWithParam<bool> {
 protected:
  ReferrersTest() {
    registries_.KeepReferrers(GetParam());
    repository_ = *registries_.Open(*ParseImageReference("registry.example/a"));
  }
  void SetUp() override {
    ASSERT_OK(
        repository_->PutBlob(std::string(kOciEmptyDigest), kOciEmptyBytes));
  }

  std::string Signature(const std::string& mark) const {
    return absl::StrCat(
        R"({"schemaVersion":2,"mediaType":")", kOciManifestType,
        R"(","artifactType":"a/signature","config":{"mediaType":")",
        kOciEmptyType, R"(","digest":")", kOciEmptyDigest,
        R"(","size":2},"layers":[],"subject":{"mediaType":")", kOciManifestType,
        R"(","digest":")", image_, R"(","size":3},"annotations":{"mark":")",
        mark, R"("}})");
  }
  absl::StatusOr<std::string> Attach(const std::string& manifest) {
    return AttachReferrer(*repository_, manifest, pause_);
  }
  absl::StatusOr<std::string> Index() const {
    const auto index = repository_->GetManifest(ReferrersTag(image_));
    if (!index.ok()) return index.status();
    return index->bytes;
  }
  absl::Status PutIndex(const std::string& bytes,
                        absl::string_view type = kOciIndexType) {
    return repository_
        ->PutManifest(ReferrersTag(image_), std::string(type), bytes)
        .status();
  }

  const std::string image_ = "sha256:" + std::string(64, '1');
  FakeRegistries registries_;
  base::FakeRandom random_;
  RetryPause pause_{random_, [](absl::Duration) {}};
  std::unique_ptr<OciRepository> repository_;
};

INSTANTIATE_TEST_SUITE_P(RegistryKeeps, ReferrersTest, testing::Bool());

TEST_P(ReferrersTest, FindsNothingWhereNothingIs) {
  EXPECT_THAT(ReadReferrers(*repository_, image_), IsOkAndHolds(IsEmpty()));
}

TEST_P(ReferrersTest, FindsWhatWasAttached) {
  ASSERT_OK_AND_ASSIGN(const std::string one, Attach(Signature("one")));
  ASSERT_OK_AND_ASSIGN(const std::string two, Attach(Signature("two")));
  ASSERT_OK_AND_ASSIGN(const auto found, ReadReferrers(*repository_, image_));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].digest, one);
  EXPECT_EQ(found[1].digest, two);
  EXPECT_EQ(found[0].artifact_type, "a/signature");
  EXPECT_EQ(found[0].size, Signature("one").size());
  EXPECT_EQ(repository_->GetManifest(one)->bytes, Signature("one"));
  // The fallback tag only where it is needed.
  EXPECT_EQ(Index().ok(), !GetParam());
}

TEST_P(ReferrersTest, AttachesOnce) {
  ASSERT_OK(Attach(Signature("one")));
  ASSERT_OK(Attach(Signature("one")));
  EXPECT_THAT(ReadReferrers(*repository_, image_), IsOkAndHolds(SizeIs(1)));
}

TEST_P(ReferrersTest, RefusesAManifestThatRefersToNothing) {
  for (const char* manifest :
       {"", "[]", "{}", R"({"subject":1})", R"({"subject":{"digest":"x"}})"}) {
    EXPECT_THAT(Attach(manifest), HasReason("NO_SUBJECT")) << manifest;
  }
  EXPECT_EQ(registries_.Calls("PutManifest"), 0);
}

class FallbackTest : public ReferrersTest {};
INSTANTIATE_TEST_SUITE_P(RegistryKeepsNone, FallbackTest,
                         testing::Values(false));

TEST_P(FallbackTest, WritesTypeAndAnnotationsIntoTheIndex) {
  ASSERT_OK_AND_ASSIGN(const std::string one, Attach(Signature("one")));
  EXPECT_THAT(
      Index(),
      IsOkAndHolds(absl::StrCat(
          R"({"schemaVersion":2,"mediaType":")", kOciIndexType,
          R"(","manifests":[{"mediaType":")", kOciManifestType,
          R"(","digest":")", one, R"(","size":)", Signature("one").size(),
          R"(,"artifactType":"a/signature","annotations":{"mark":"one"}}]})")));
}

TEST_P(FallbackTest, KeepsEntriesAndMembersThatItDoesNotKnow) {
  ASSERT_OK(PutIndex(
      R"({"x":{"y":[1]},"manifests":[{"odd":true}],"annotations":{"k":"v"}})"));
  ASSERT_OK(Attach(Signature("one")));
  ASSERT_OK_AND_ASSIGN(const std::string index, Index());
  EXPECT_THAT(index, HasSubstr(R"("x":{"y":[1]})"));
  EXPECT_THAT(index, HasSubstr(R"([{"odd":true},{"mediaType")"));
  EXPECT_THAT(index, HasSubstr(R"("annotations":{"k":"v"}})"));
}

TEST_P(FallbackTest, AddsAgainWhatSomebodyElseOverwrote) {
  bool done = false;
  registries_.AfterPutManifest([&](const std::string& tag) {
    if (done || tag != ReferrersTag(image_)) return;
    done = true;
    ASSERT_OK(PutIndex(R"({"manifests":[]})"));
  });
  ASSERT_OK(Attach(Signature("one")));
  EXPECT_TRUE(done);
  EXPECT_THAT(ReadReferrers(*repository_, image_), IsOkAndHolds(SizeIs(1)));
}

TEST_P(FallbackTest, LeavesATagAloneThatIsNoIndex) {
  ASSERT_OK(PutIndex("{}", kOciManifestType));
  EXPECT_THAT(Attach(Signature("one")), HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(Index(), IsOkAndHolds("{}"));
  EXPECT_THAT(ReadReferrers(*repository_, image_),
              HasReason("REGISTRY_ANSWER"));
}

TEST_P(FallbackTest, DoesNotTakeAFailureForAnEmptyList) {
  registries_.Fail("ListReferrers", absl::UnavailableError("away"));
  EXPECT_EQ(ReadReferrers(*repository_, image_).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Attach(Signature("one")).status().code(),
            absl::StatusCode::kUnavailable);
  registries_.Fail("ListReferrers", absl::OkStatus());
  registries_.Fail("GetManifest", absl::UnavailableError("away"));
  EXPECT_EQ(ReadReferrers(*repository_, image_).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace countersign::client
