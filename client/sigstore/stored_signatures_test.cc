// Both ways: what push_signatures stores, stored_signatures finds.
#include "client/sigstore/stored_signatures.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/sigstore/push_signatures.h"
#include "client/sigstore/statement.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

const std::string kImage = "sha256:" + std::string(64, 'a');

std::string Data(const std::string& name) {
  const auto octets =
      base::ReadFile("client/sigstore/testdata/" + name, 1 << 20);
  EXPECT_OK(octets.status());
  return octets.value_or("");
}

class StoredSignaturesTest : public testing::TestWithParam<bool> {
 protected:
  StoredSignaturesTest() {
    registries_.KeepReferrers(GetParam());
    repository_ =
        registries_.Open(ParseImageReference("registry.example/app").value())
            .value();
  }

  absl::StatusOr<Pushed> Push(const std::string& payload,
                              const std::string& signature) {
    return PushSimpleSignature(
        *repository_, kImage,
        {OciDigestOf(payload), payload.size(), signature, "", ""}, payload,
        pause_);
  }
  absl::StatusOr<std::string> PushABundle(const std::string& bundle) {
    BundleReferrer referrer;
    referrer.subject.media_type = std::string(kOciManifestType);
    referrer.subject.digest = kImage;
    referrer.subject.size = 401;
    referrer.bundle = bundle;
    referrer.predicate_type = kCosignSignPredicate;
    referrer.created = absl::FromUnixSeconds(1795219634);
    return PushBundle(*repository_, referrer, pause_);
  }
  size_t Signatures() {
    const auto stored = ReadSimpleSignatures(*repository_, kImage);
    EXPECT_OK(stored.status());
    return stored.ok() ? stored->size() : 0;
  }

  base::SystemRandom random_;
  RetryPause pause_{random_, [](absl::Duration) {}};
  FakeRegistries registries_;
  std::unique_ptr<OciRepository> repository_;
};

TEST_P(StoredSignaturesTest, NothingIsThereAtFirst) {
  EXPECT_EQ(Signatures(), 0);
  EXPECT_THAT(HasBundles(*repository_, kImage), IsOkAndHolds(false));
  EXPECT_TRUE(ReadBundles(*repository_, kImage)->empty());
}

TEST_P(StoredSignaturesTest, AppendsToTheTag) {
  EXPECT_THAT(Push("p1", "c2ln"), IsOkAndHolds(Pushed::kAdded));
  EXPECT_THAT(Push("p2", "c2ln"), IsOkAndHolds(Pushed::kAdded));
  const auto stored = ReadSimpleSignatures(*repository_, kImage);
  ASSERT_OK(stored.status());
  ASSERT_EQ(stored->size(), 2);
  EXPECT_EQ((*stored)[0].payload.value(), "p1");
  EXPECT_EQ((*stored)[1].payload.value(), "p2");
}

TEST_P(StoredSignaturesTest, TwiceIsOnce) {
  EXPECT_OK(Push("p1", "c2ln").status());
  EXPECT_THAT(Push("p1", "c2ln"), IsOkAndHolds(Pushed::kWasThere));
  EXPECT_EQ(Signatures(), 1);
}

TEST_P(StoredSignaturesTest, KeepsWhatSomebodyElsePushesMeanwhile) {
  const auto other =
      registries_.Open(ParseImageReference("registry.example/app").value());
  bool done = false;
  registries_.AfterPutManifest([&](const std::string& tag) {
    if (done || tag != SignatureTag(kImage)) return;
    done = true;
    // Made from what was there before ours.
    SignatureManifest theirs;
    ASSERT_OK(theirs.Append({OciDigestOf("p2"), 2, "b3Ro", "", ""}));
    ASSERT_OK((*other)->PutBlob(OciDigestOf("p2"), "p2"));
    ASSERT_OK((*other)->PutBlob(OciDigestOf(theirs.Config()), theirs.Config()));
    ASSERT_OK(
        (*other)
            ->PutManifest(tag, std::string(kOciManifestType), theirs.Manifest())
            .status());
  });
  EXPECT_THAT(Push("p1", "c2ln"), IsOkAndHolds(Pushed::kAdded));
  EXPECT_TRUE(done);
  EXPECT_EQ(Signatures(), 2);
}

TEST_P(StoredSignaturesTest, GivesUpAgainstSomebodyWhoNeverStops) {
  const auto other =
      registries_.Open(ParseImageReference("registry.example/app").value());
  int depth = 0;
  registries_.AfterPutManifest([&](const std::string& tag) {
    if (depth > 0) return;
    ++depth;
    SignatureManifest empty;
    ASSERT_OK((*other)->PutBlob(OciDigestOf(empty.Config()), empty.Config()));
    ASSERT_OK(
        (*other)
            ->PutManifest(tag, std::string(kOciManifestType), empty.Manifest())
            .status());
    --depth;
  });
  EXPECT_THAT(Push("p1", "c2ln"), HasReason("REGISTRY_CONTENDED"));
}

TEST_P(StoredSignaturesTest, PassesTheRegistrysErrorsOn) {
  registries_.Fail("GetManifest", absl::UnauthenticatedError("log in"));
  EXPECT_TRUE(absl::IsUnauthenticated(Push("p", "c2ln").status()));
  EXPECT_FALSE(ReadSimpleSignatures(*repository_, kImage).ok());
  registries_.Fail("GetManifest", absl::OkStatus());
  registries_.Fail("PutBlob", absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Push("p", "c2ln").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(PushABundle("{}").status()));
}

TEST_P(StoredSignaturesTest, ReportsAPayloadThatIsDamaged) {
  ASSERT_OK(Push("p1", "c2ln").status());
  registries_.Damage("registry.example/app", OciDigestOf("p1"), "xx");
  const auto stored = ReadSimpleSignatures(*repository_, kImage);
  ASSERT_OK(stored.status());
  EXPECT_THAT((*stored)[0].payload, HasReason("DIGEST_MISMATCH"));
}

TEST_P(StoredSignaturesTest, RefusesATagThatHoldsSomethingElse) {
  ASSERT_OK(
      repository_
          ->PutManifest(SignatureTag(kImage), std::string(kOciIndexType), "{}")
          .status());
  EXPECT_THAT(ReadSimpleSignatures(*repository_, kImage),
              HasReason("SIGNATURE_MANIFEST_UNREADABLE"));
  EXPECT_THAT(Push("p1", "c2ln"), HasReason("SIGNATURE_MANIFEST_UNREADABLE"));
}

TEST_P(StoredSignaturesTest, FindsBundlesAmongReferrers) {
  ASSERT_OK(PushABundle("{\"a\":1}").status());
  ASSERT_OK(PushABundle("{\"b\":2}").status());
  ASSERT_OK(PushABundle("{\"b\":2}").status());  // once more: no third one
  EXPECT_THAT(HasBundles(*repository_, kImage), IsOkAndHolds(true));
  const auto bundles = ReadBundles(*repository_, kImage);
  ASSERT_OK(bundles.status());
  ASSERT_EQ(bundles->size(), 2);
  EXPECT_EQ((*bundles)[0].octets.value(), "{\"a\":1}");
  EXPECT_EQ((*bundles)[1].octets.value(), "{\"b\":2}");
}

// The manifest that cosign 3 pushed for a bundle of that size; only the digest
// of the bundle and the subject's are our own.
TEST_P(StoredSignaturesTest, ReferrerHasTheMembersOfCosign) {
  const std::string want = Data("bundle/bundle-manifest.json");
  const std::string bundle = Data("bundle/bundle.json");
  ASSERT_NE(want.find(OciDigestOf(bundle)), std::string::npos);
  BundleReferrer referrer;
  referrer.subject.media_type = std::string(kOciManifestType);
  referrer.subject.digest = OciDigestOf(Data("bundle/image-manifest.json"));
  referrer.subject.size = Data("bundle/image-manifest.json").size();
  referrer.bundle = bundle;
  referrer.predicate_type = kCosignSignPredicate;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-11-21T00:07:14Z",
                              &referrer.created, nullptr));
  const auto digest = PushBundle(*repository_, referrer, pause_);
  ASSERT_OK(digest.status());
  EXPECT_EQ(repository_->GetManifest(*digest)->bytes, want);
}

INSTANTIATE_TEST_SUITE_P(Registries, StoredSignaturesTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "WithReferrers"
                                             : "WithFallbackIndex";
                         });

}  // namespace
}  // namespace countersign::client
