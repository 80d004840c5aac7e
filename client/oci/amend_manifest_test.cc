#include "client/oci/amend_manifest.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/image_reference.h"
#include "client/oci/media_types.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::StatusIs;

class AmendManifestTest : public testing::Test {
 protected:
  AmendManifestTest() {
    repository_ = *registries_.Open(*ParseImageReference("registry.example/a"));
  }

  absl::Status Put(const std::string& bytes) {
    return repository_->PutManifest("t", std::string(kOciIndexType), bytes)
        .status();
  }
  std::string Now() { return repository_->GetManifest("t")->bytes; }

  // {"": 0, ...}: adds `key` where it is not there.
  static ManifestEdit Adding(const std::string& key) {
    return [key](const std::optional<OciManifest>& now)
               -> absl::StatusOr<std::optional<NewManifest>> {
      std::string bytes = now.has_value() ? now->bytes : R"({"":0})";
      if (absl::StrContains(bytes, key)) return std::nullopt;
      bytes.insert(bytes.size() - 1, absl::StrCat(",\"", key, "\":0"));
      return NewManifest{std::string(kOciIndexType), bytes};
    };
  }
  absl::StatusOr<std::string> Amend(const std::string& key) {
    return AmendManifest(*repository_, "t", Adding(key), pause_);
  }

  FakeRegistries registries_;
  base::FakeRandom random_;
  std::vector<absl::Duration> pauses_;
  RetryPause pause_{random_,
                    [this](absl::Duration d) { pauses_.push_back(d); }};
  std::unique_ptr<OciRepository> repository_;
};

TEST_F(AmendManifestTest, MakesATagThatWasNotThere) {
  ASSERT_OK_AND_ASSIGN(const std::string digest, Amend("one"));
  EXPECT_EQ(repository_->GetManifest("t")->digest, digest);
  EXPECT_EQ(Now(), R"({"":0,"one":0})");
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(AmendManifestTest, KeepsWhatIsThere) {
  ASSERT_OK(Put(R"({"other":0})"));
  ASSERT_OK(Amend("one"));
  EXPECT_EQ(Now(), R"({"other":0,"one":0})");
}

TEST_F(AmendManifestTest, PushesNothingWhereNothingChanges) {
  ASSERT_OK(Amend("one"));
  const int puts = registries_.Calls("PutManifest");
  ASSERT_OK_AND_ASSIGN(const std::string digest, Amend("one"));
  EXPECT_EQ(digest, repository_->GetManifest("t")->digest);
  EXPECT_EQ(registries_.Calls("PutManifest"), puts);
}

TEST_F(AmendManifestTest, DoesItAgainWhereSomebodyElseWasLast) {
  int puts = 0;
  registries_.AfterPutManifest([&](const std::string&) {
    if (++puts == 1) {
      ASSERT_OK(Put(R"({"theirs":0})"));
    }
  });
  ASSERT_OK(Amend("one"));
  EXPECT_EQ(Now(), R"({"theirs":0,"one":0})");
  EXPECT_EQ(pauses_.size(), 1u);
}

TEST_F(AmendManifestTest, IsContentWhereSomebodyElseAddedToIt) {
  int puts = 0;
  registries_.AfterPutManifest([&](const std::string&) {
    if (++puts == 1) {
      ASSERT_OK(Put(R"({"":0,"one":0,"theirs":0})"));
    }
  });
  ASSERT_OK(Amend("one"));
  EXPECT_EQ(Now(), R"({"":0,"one":0,"theirs":0})");
  EXPECT_EQ(puts, 2);
}

TEST_F(AmendManifestTest, GivesUpAfterFivePushes) {
  bool inside = false;
  int ours = 0;
  registries_.AfterPutManifest([&](const std::string&) {
    if (inside) return;
    inside = true;
    ++ours;
    ASSERT_OK(Put(R"({"theirs":0})"));
    inside = false;
  });
  EXPECT_THAT(Amend("one"), HasReason("REGISTRY_CONTENDED"));
  EXPECT_EQ(ours, 5);
  EXPECT_EQ(Now(), R"({"theirs":0})");
}

TEST_F(AmendManifestTest, EndsWithTheErrorOfRegistryOrEdit) {
  registries_.Fail("PutManifest", absl::PermissionDeniedError("no"), 1);
  EXPECT_THAT(Amend("one"),
              StatusIs(absl::StatusCode::kPermissionDenied, "no"));
  registries_.Fail("GetManifest", absl::UnavailableError("away"), 1);
  EXPECT_THAT(Amend("one"), StatusIs(absl::StatusCode::kUnavailable, "away"));
  const auto failing = [](const std::optional<OciManifest>&)
      -> absl::StatusOr<std::optional<NewManifest>> {
    return absl::InvalidArgumentError("edit");
  };
  EXPECT_THAT(AmendManifest(*repository_, "t", failing, pause_),
              StatusIs(absl::StatusCode::kInvalidArgument, "edit"));
}

}  // namespace
}  // namespace countersign::client
