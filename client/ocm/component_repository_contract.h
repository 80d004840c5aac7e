// What every ComponentRepository must do, as tests: the fake, CTFs in each form
// and registries instantiate ComponentRepositoryContract with a factory
// (INSTANTIATE_TEST_SUITE_P).
#ifndef COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_CONTRACT_H_
#define COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/sample_ctf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {

// A repository somewhere, with what it was made of.
class RepositoryWorld {
 public:
  virtual ~RepositoryWorld() = default;
  // Each opening is of its own: none sees what another one remembers.
  virtual absl::StatusOr<std::unique_ptr<ComponentRepository>> Open() = 0;
};

struct ComponentRepositoryContractParam {
  std::string name;
  // nullptr, after a line that says why, where what it needs is not here.
  std::function<std::unique_ptr<RepositoryWorld>(
      const std::vector<SampleVersion>& versions)>
      make;
  bool lists = true;  // else List is UNIMPLEMENTED
};

inline std::string ComponentRepositoryContractName(
    const testing::TestParamInfo<ComponentRepositoryContractParam>& info) {
  return info.param.name;
}

class ComponentRepositoryContract
    : public testing::TestWithParam<ComponentRepositoryContractParam> {
 protected:
  void SetUp() override {
    world_ = GetParam().make(SampleVersions());
    if (world_ == nullptr) GTEST_SKIP() << "what it needs is not here";
  }

  std::unique_ptr<ComponentRepository> Open() {
    auto opened = world_->Open();
    EXPECT_OK(opened);
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  const ComponentId app_{"acme.org/test/app", "1.0.0"};
  const ComponentId built_{"acme.org/test/app", "1.1.0+build.3"};
  const ComponentId lib_{"acme.org/test/lib", "v2"};
  std::unique_ptr<RepositoryWorld> world_;
};

TEST_P(ComponentRepositoryContract, ReadsDescriptorsAsTheyAreStored) {
  const auto repository = Open();
  for (const SampleVersion& version : SampleVersions()) {
    EXPECT_THAT(repository->ReadDescriptor(version.id),
                base::IsOkAndHolds(version.text));
  }
  EXPECT_FALSE(repository->Name().empty());
}

TEST_P(ComponentRepositoryContract, NamesAnUnknownVersion) {
  const auto repository = Open();
  const auto text = repository->ReadDescriptor({"acme.org/test/app", "9.9.9"});
  EXPECT_THAT(text, base::HasReason("COMPONENT_VERSION_UNKNOWN"));
  EXPECT_THAT(text,
              base::StatusIs(
                  absl::StatusCode::kNotFound,
                  testing::AllOf(testing::HasSubstr("acme.org/test/app:9.9.9"),
                                 testing::HasSubstr(repository->Name()))));
  if (GetParam().lists) {
    EXPECT_THAT(std::string(text.status().message()),
                testing::HasSubstr("\"1.1.0+build.3\""));
  }
}

TEST_P(ComponentRepositoryContract, ListsWhatIsThereSorted) {
  const auto repository = Open();
  const auto ids = repository->List();
  if (!GetParam().lists) {
    EXPECT_THAT(ids, base::HasCode(absl::StatusCode::kUnimplemented));
    return;
  }
  EXPECT_THAT(ids,
              base::IsOkAndHolds(testing::ElementsAre(app_, built_, lib_)));
}

TEST_P(ComponentRepositoryContract, ReadsLocalBlobs) {
  const auto repository = Open();
  for (const SampleVersion& version : SampleVersions()) {
    for (const std::string& octets : version.blobs) {
      std::string read;
      EXPECT_OK(repository->ReadLocalBlob(version.id, Sha256Reference(octets),
                                          [&](absl::string_view piece) {
                                            absl::StrAppend(&read, piece);
                                            return absl::OkStatus();
                                          }));
      EXPECT_TRUE(read == octets) << read.size() << " octets";
    }
  }
}

TEST_P(ComponentRepositoryContract, JoinsABlobInChunks) {
  const auto repository = Open();
  std::string read;
  EXPECT_OK(repository->ReadLocalBlob(
      app_,
      absl::StrCat(Sha256Reference("hello"), ",", Sha256Reference("hello")),
      [&](absl::string_view piece) {
        absl::StrAppend(&read, piece);
        return absl::OkStatus();
      }));
  EXPECT_EQ(read, "hellohello");
}

TEST_P(ComponentRepositoryContract, NamesAnUnknownBlob) {
  const auto repository = Open();
  const std::string unknown = Sha256Reference("never stored");
  EXPECT_THAT(
      repository->ReadLocalBlob(
          app_, unknown, [](absl::string_view) { return absl::OkStatus(); }),
      testing::AllOf(base::HasReason("BLOB_UNKNOWN"),
                     base::StatusIs(absl::StatusCode::kNotFound,
                                    testing::HasSubstr(unknown))));
}

TEST_P(ComponentRepositoryContract, EndsWithTheErrorOfTheSink) {
  const auto repository = Open();
  EXPECT_THAT(repository->ReadLocalBlob(app_, Sha256Reference("hello"),
                                        [](absl::string_view) {
                                          return absl::CancelledError("enough");
                                        }),
              base::HasCode(absl::StatusCode::kCancelled));
}

TEST_P(ComponentRepositoryContract, WritesSeveralDescriptorsAtOnce) {
  const auto repository = Open();
  const std::string app = SampleText(app_, "new");
  const std::string built = SampleText(built_, "newer");
  ASSERT_OK(repository->WriteDescriptors(
      {{app_, SampleText(app_, "app"), app},
       {built_, SampleText(built_, "built"), built}}));
  for (const auto& reader : {Open().release(), Open().release()}) {
    const std::unique_ptr<ComponentRepository> owned(reader);
    EXPECT_THAT(owned->ReadDescriptor(app_), base::IsOkAndHolds(app));
    EXPECT_THAT(owned->ReadDescriptor(built_), base::IsOkAndHolds(built));
    EXPECT_THAT(owned->ReadDescriptor(lib_),
                base::IsOkAndHolds(SampleText(lib_, "lib")));
  }
}

TEST_P(ComponentRepositoryContract, ReadsWhatItWrote) {
  const auto repository = Open();
  std::string old = SampleText(app_, "app");
  for (const char* provider : {"one", "two", "three"}) {
    const std::string text = SampleText(app_, provider);
    ASSERT_OK(repository->WriteDescriptors({{app_, old, text}}));
    EXPECT_THAT(repository->ReadDescriptor(app_), base::IsOkAndHolds(text));
    old = text;
  }
}

TEST_P(ComponentRepositoryContract, KeepsBlobsWhenItWrites) {
  const auto repository = Open();
  ASSERT_OK(repository->WriteDescriptors(
      {{app_, SampleText(app_, "app"), SampleText(app_, "new")}}));
  const auto fresh = Open();
  size_t size = 0;
  EXPECT_OK(fresh->ReadLocalBlob(app_,
                                 Sha256Reference(std::string(3 << 20, 'x')),
                                 [&](absl::string_view piece) {
                                   size += piece.size();
                                   return absl::OkStatus();
                                 }));
  EXPECT_EQ(size, size_t{3 << 20});
}

TEST_P(ComponentRepositoryContract, NoticesThatAnotherOneWrote) {
  const auto slow = Open();
  ASSERT_OK(slow->ReadDescriptor(app_));
  const std::string theirs = SampleText(app_, "theirs");
  ASSERT_OK(
      Open()->WriteDescriptors({{app_, SampleText(app_, "app"), theirs}}));
  EXPECT_THAT(slow->WriteDescriptors(
                  {{app_, SampleText(app_, "app"), SampleText(app_, "mine")}}),
              testing::AllOf(base::HasReason("COMPONENT_VERSION_CHANGED"),
                             base::HasCode(absl::StatusCode::kAborted)));
  EXPECT_THAT(Open()->ReadDescriptor(app_), base::IsOkAndHolds(theirs));
}

TEST_P(ComponentRepositoryContract, WritesNoneWhereOneWasChanged) {
  const auto repository = Open();
  EXPECT_THAT(repository->WriteDescriptors(
                  {{lib_, SampleText(lib_, "lib"), SampleText(lib_, "new")},
                   {app_, "something else", SampleText(app_, "new")}}),
              base::HasReason("COMPONENT_VERSION_CHANGED"));
  EXPECT_THAT(Open()->ReadDescriptor(lib_),
              base::IsOkAndHolds(SampleText(lib_, "lib")));
}

TEST_P(ComponentRepositoryContract, RefusesToWriteWhatIsNotThere) {
  const ComponentId unknown{"acme.org/test/app", "9.9.9"};
  EXPECT_THAT(
      Open()->WriteDescriptors({{unknown, "", SampleText(unknown, "")}}),
      base::HasReason("COMPONENT_VERSION_UNKNOWN"));
}

TEST_P(ComponentRepositoryContract, RefusesTwoTextsForOneVersion) {
  const std::string text = SampleText(app_, "app");
  EXPECT_THAT(
      Open()->WriteDescriptors({{app_, text, text}, {app_, text, text}}),
      base::HasReason("DUPLICATE_UPDATE"));
}

TEST_P(ComponentRepositoryContract, WritesNothingWhenAskedForNothing) {
  EXPECT_OK(Open()->WriteDescriptors({}));
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_CONTRACT_H_
