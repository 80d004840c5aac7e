// What every OciRegistries must do, as tests: FakeRegistries and HttpRegistries
// against a real registry each instantiate RegistryContract with a factory
// (INSTANTIATE_TEST_SUITE_P).
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_CONTRACT_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_CONTRACT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "client/oci/image_reference.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {

struct RegistryContractParam {
  std::string name;
  // Registries and a host where nothing is yet; both live to the test's end.
  // nullptr, after a line that says why, where it cannot be had here.
  std::function<std::shared_ptr<OciRegistries>(std::string& host)> make;
};

inline std::string RegistryContractName(
    const testing::TestParamInfo<RegistryContractParam>& info) {
  return info.param.name;
}

class RegistryContract : public testing::TestWithParam<RegistryContractParam> {
 protected:
  void SetUp() override {
    registries_ = GetParam().make(host_);
    if (registries_ == nullptr) GTEST_SKIP();
    repository_ = Open("team/app");
    ASSERT_NE(repository_, nullptr);
  }

  std::unique_ptr<OciRepository> Open(const std::string& name) {
    auto reference = ParseImageReference(absl::StrCat(host_, "/", name));
    EXPECT_OK(reference);
    if (!reference.ok()) return nullptr;
    auto repository = registries_->Open(*reference);
    EXPECT_OK(repository);
    return repository.ok() ? *std::move(repository) : nullptr;
  }

  // A manifest over the empty config and one layer, both of which it pushes.
  std::string MakeManifest(const std::string& layer,
                           const std::string& more = "") {
    EXPECT_OK(repository_->PutBlob(OciDigestOf(layer), layer));
    EXPECT_OK(
        repository_->PutBlob(std::string(kOciEmptyDigest), kOciEmptyBytes));
    return absl::StrCat(R"({"schemaVersion":2,"mediaType":")", kOciManifestType,
                        R"(","config":{"mediaType":")", kOciEmptyType,
                        R"(","digest":")", kOciEmptyDigest,
                        R"(","size":2},"layers":[{"mediaType":"text/plain",)",
                        R"("digest":")", OciDigestOf(layer), R"(","size":)",
                        layer.size(), "}]", more, "}\n");
  }

  absl::StatusOr<OciRepository::PutResult> PutManifest(
      const std::string& name, const std::string& bytes) {
    return repository_->PutManifest(name, std::string(kOciManifestType), bytes);
  }

  // Every octet value, many pieces, no period that a buffer could hide.
  static std::string BigBlob(size_t size) {
    std::string octets(size, '\0');
    uint64_t state = 1;
    for (char& c : octets) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      c = static_cast<char>(state >> 56);
    }
    return octets;
  }

  const std::string nobody_ = "sha256:" + std::string(64, '0');
  std::string host_;
  std::shared_ptr<OciRegistries> registries_;
  std::unique_ptr<OciRepository> repository_;
};

TEST_P(RegistryContract, GivesBackAManifestByTagAndByDigest) {
  const std::string bytes = MakeManifest("layer");
  ASSERT_OK_AND_ASSIGN(const auto put, PutManifest("1.0", bytes));
  EXPECT_EQ(put.digest, OciDigestOf(bytes));
  for (const std::string& name : {std::string("1.0"), put.digest}) {
    ASSERT_OK_AND_ASSIGN(const OciManifest got, repository_->GetManifest(name));
    EXPECT_EQ(got.bytes, bytes);
    EXPECT_EQ(got.digest, put.digest);
    EXPECT_EQ(got.media_type, kOciManifestType);
  }
}

TEST_P(RegistryContract, TakesAManifestByDigestAlone) {
  const std::string bytes = MakeManifest("layer");
  ASSERT_OK_AND_ASSIGN(const auto put, PutManifest(OciDigestOf(bytes), bytes));
  EXPECT_THAT(repository_->GetManifest(put.digest), base::IsOk());
}

TEST_P(RegistryContract, RefusesAManifestUnderAnotherDigest) {
  EXPECT_THAT(PutManifest(nobody_, MakeManifest("layer")),
              base::HasReason("DIGEST_MISMATCH"));
}

TEST_P(RegistryContract, RefusesAManifestWithoutItsBlobs) {
  std::string bytes = MakeManifest("layer");
  const std::string there = OciDigestOf("layer");
  bytes.replace(bytes.find(there), there.size(), nobody_);
  EXPECT_THAT(PutManifest("1.0", bytes), base::HasReason("REGISTRY_REFUSED"));
}

TEST_P(RegistryContract, MovesATag) {
  const std::string first = MakeManifest("one");
  const std::string second = MakeManifest("two");
  ASSERT_OK(PutManifest("latest", first));
  ASSERT_OK(PutManifest("latest", second));
  ASSERT_OK_AND_ASSIGN(const auto got, repository_->GetManifest("latest"));
  EXPECT_EQ(got.bytes, second);
  EXPECT_OK(repository_->GetManifest(OciDigestOf(first)));
}

TEST_P(RegistryContract, TakesAnIndex) {
  const std::string manifest = MakeManifest("layer");
  ASSERT_OK_AND_ASSIGN(const auto put,
                       PutManifest(OciDigestOf(manifest), manifest));
  const std::string index = absl::StrCat(
      R"({"schemaVersion":2,"mediaType":")", kOciIndexType,
      R"(","manifests":[{"mediaType":")", kOciManifestType, R"(","digest":")",
      put.digest, R"(","size":)", manifest.size(), "}]}");
  ASSERT_OK(repository_->PutManifest("all", std::string(kOciIndexType), index));
  ASSERT_OK_AND_ASSIGN(const auto got, repository_->GetManifest("all"));
  EXPECT_EQ(got.bytes, index);
  EXPECT_EQ(got.media_type, kOciIndexType);
}

TEST_P(RegistryContract, SaysWhichManifestIsNotThere) {
  ASSERT_OK(PutManifest("1.0", MakeManifest("layer")));
  for (const std::string& name : {std::string("2.0"), nobody_}) {
    const auto got = repository_->GetManifest(name);
    EXPECT_THAT(got, base::HasReason("MANIFEST_UNKNOWN"));
    EXPECT_THAT(got, base::StatusIs(absl::StatusCode::kNotFound,
                                    testing::HasSubstr(name)));
  }
  EXPECT_EQ(Open("nobody/here")->GetManifest("1.0").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(RegistryContract, RefusesNamesThatAreNeitherTagNorDigest) {
  for (const char* name : {"", "../blobs", "a/b", "sha256:12", "-x", "a b"}) {
    EXPECT_THAT(repository_->GetManifest(name),
                base::HasReason("REFERENCE_INVALID"))
        << name;
    EXPECT_THAT(PutManifest(name, "{}"), base::HasReason("REFERENCE_INVALID"));
    EXPECT_THAT(repository_->HasBlob(name),
                base::HasReason("REFERENCE_INVALID"));
    EXPECT_THAT(repository_->GetBlob(name, 10),
                base::HasReason("REFERENCE_INVALID"));
  }
}

TEST_P(RegistryContract, GivesBackABlobInOrder) {
  for (const size_t size : {size_t{1}, size_t{4096}, size_t{3000001}}) {
    const std::string octets = BigBlob(size);
    const std::string digest = OciDigestOf(octets);
    EXPECT_THAT(repository_->HasBlob(digest), base::IsOkAndHolds(false));
    ASSERT_OK(repository_->PutBlob(digest, octets));
    EXPECT_THAT(repository_->HasBlob(digest), base::IsOkAndHolds(true));
    std::string got;
    ASSERT_OK(repository_->ReadBlob(digest, [&](absl::string_view piece) {
      got.append(piece.data(), piece.size());
      return absl::OkStatus();
    }));
    EXPECT_TRUE(got == octets) << size;
    EXPECT_THAT(repository_->GetBlob(digest, size), base::IsOk());
  }
}

TEST_P(RegistryContract, BoundsABlobThatIsWantedWhole) {
  ASSERT_OK(repository_->PutBlob(OciDigestOf("12345"), "12345"));
  EXPECT_THAT(repository_->GetBlob(OciDigestOf("12345"), 5),
              base::IsOkAndHolds("12345"));
  EXPECT_THAT(repository_->GetBlob(OciDigestOf("12345"), 4),
              base::HasReason("BLOB_TOO_LARGE"));
}

TEST_P(RegistryContract, DoesNotReadTheSourceOfABlobThatIsThere) {
  const std::string digest = OciDigestOf("once");
  ASSERT_OK(repository_->PutBlob(digest, "once"));
  EXPECT_OK(repository_->PutBlob(digest, 4,
                                 [](size_t) -> absl::StatusOr<std::string> {
                                   ADD_FAILURE() << "the source was asked";
                                   return std::string();
                                 }));
}

TEST_P(RegistryContract, RefusesABlobOfAnotherDigestOrSize) {
  EXPECT_THAT(repository_->PutBlob(nobody_, "something"),
              base::HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(repository_->HasBlob(nobody_), base::IsOkAndHolds(false));
  for (const uint64_t size : {4u, 6u}) {
    bool given = false;
    EXPECT_THAT(
        repository_->PutBlob(OciDigestOf("12345"), size,
                             [&](size_t) -> absl::StatusOr<std::string> {
                               if (given) return std::string();
                               given = true;
                               return std::string("12345");
                             }),
        base::HasReason("DIGEST_MISMATCH"))
        << size;
    EXPECT_THAT(repository_->HasBlob(OciDigestOf("12345")),
                base::IsOkAndHolds(false));
  }
}

TEST_P(RegistryContract, EndsWithTheErrorOfSourceOrSink) {
  const std::string octets = BigBlob(300000);
  EXPECT_THAT(
      repository_->PutBlob(OciDigestOf(octets), octets.size(),
                           [](size_t) -> absl::StatusOr<std::string> {
                             return absl::DataLossError("the disk is broken");
                           }),
      base::StatusIs(absl::StatusCode::kDataLoss,
                     testing::HasSubstr("the disk is broken")));
  ASSERT_OK(repository_->PutBlob(OciDigestOf(octets), octets));
  int pieces = 0;
  EXPECT_THAT(
      repository_->ReadBlob(OciDigestOf(octets),
                            [&](absl::string_view) -> absl::Status {
                              ++pieces;
                              return absl::AbortedError("enough");
                            }),
      base::StatusIs(absl::StatusCode::kAborted, testing::HasSubstr("enough")));
  EXPECT_EQ(pieces, 1);
  // The repository can still be used.
  EXPECT_THAT(repository_->HasBlob(OciDigestOf(octets)),
              base::IsOkAndHolds(true));
}

TEST_P(RegistryContract, SaysWhichBlobIsNotThere) {
  const auto ignore = [](absl::string_view) { return absl::OkStatus(); };
  EXPECT_THAT(repository_->ReadBlob(nobody_, ignore),
              base::HasReason("BLOB_UNKNOWN"));
  EXPECT_THAT(repository_->GetBlob(nobody_, 10),
              base::HasReason("BLOB_UNKNOWN"));
}

TEST_P(RegistryContract, KeepsRepositoriesApart) {
  ASSERT_OK(PutManifest("1.0", MakeManifest("layer")));
  const auto other = Open("team/other");
  EXPECT_EQ(other->GetManifest("1.0").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(other->HasBlob(OciDigestOf("layer")), base::IsOkAndHolds(false));
}

TEST_P(RegistryContract, ListsReferrersOrSaysThatItCannot) {
  const std::string image = MakeManifest("image");
  ASSERT_OK(PutManifest("1.0", image));
  const std::string referrer = MakeManifest(
      "signature",
      absl::StrCat(R"(,"artifactType":"text/plain","subject":{"mediaType":")",
                   kOciManifestType, R"(","digest":")", OciDigestOf(image),
                   R"(","size":)", image.size(), "}"));
  ASSERT_OK_AND_ASSIGN(const auto put,
                       PutManifest(OciDigestOf(referrer), referrer));
  const auto listed = repository_->ListReferrers(OciDigestOf(image));
  if (!put.keeps_referrers) {
    EXPECT_THAT(listed, base::HasReason("REFERRERS_UNSUPPORTED"));
    return;
  }
  ASSERT_OK(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ((*listed)[0].digest, OciDigestOf(referrer));
  EXPECT_EQ((*listed)[0].artifact_type, "text/plain");
  EXPECT_THAT(repository_->ListReferrers(nobody_),
              base::IsOkAndHolds(testing::IsEmpty()));
}

TEST_P(RegistryContract, RefusesPlainHttpToAnotherMachine) {
  ASSERT_OK_AND_ASSIGN(const ImageReference reference,
                       ParseImageReference("http://registry.example/a/b"));
  EXPECT_THAT(registries_->Open(reference),
              base::HasReason("PLAIN_HTTP_REFUSED"));
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_CONTRACT_H_
