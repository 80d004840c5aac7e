#include "client/ocm/ctf_components.h"

#include <memory>
#include <string>
#include <thread>  // NOLINT: writers that race
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/ocm/component_repository_contract.h"
#include "client/ocm/ctf_archive.h"
#include "client/ocm/ctf_directory.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

enum class Kind { kDirectory, kTar, kTgz };

std::string FreshPath() {
  static int made = 0;
  return absl::StrCat(testing::TempDir(), "/ctf-", made++);
}

class CtfWorld final : public RepositoryWorld {
 public:
  CtfWorld(const CtfFiles& files, Kind kind) : path_(FreshPath()), kind_(kind) {
    if (kind == Kind::kDirectory) {
      WriteFiles(path_, files);
      return;
    }
    const std::string tar = MakeTar(files);
    const std::string folder = FreshPath();
    WriteFiles(folder, {{"x", kind == Kind::kTgz ? MakeGzip(tar) : tar}});
    path_ = folder + "/x";
  }

  absl::StatusOr<std::unique_ptr<ComponentRepository>> Open() override {
    CtfArchiveOptions options;
    options.spool_folder = testing::TempDir();
    auto storage = kind_ == Kind::kDirectory ? CtfDirectory::Open(path_)
                                             : CtfArchive::Open(path_, options);
    if (!storage.ok()) return storage.status();
    return std::make_unique<CtfComponents>(*std::move(storage));
  }

 private:
  std::string path_;
  Kind kind_;
};

ComponentRepositoryContractParam Param(const std::string& name, Kind kind,
                                       const SampleForm& form) {
  return {name, [=](const std::vector<SampleVersion>& versions) {
            return std::make_unique<CtfWorld>(MakeSampleCtf(versions, form),
                                              kind);
          }};
}

std::vector<ComponentRepositoryContractParam> Params() {
  const std::string old = "application/vnd.gardener.cloud.cnudie.";
  return {
      Param("Directory", Kind::kDirectory, {}),
      Param("Tar", Kind::kTar, {}),
      Param("Tgz", Kind::kTgz, {}),
      Param("DirectoryOfJsonLayers", Kind::kDirectory, {kJsonLayer}),
      Param("TarOfWrappedManifests", Kind::kTar,
            {kJsonLayer, kComponentConfig, true}),
      Param("TgzOfOldNames", Kind::kTgz,
            {old + "component-descriptor.v2+yaml+tar",
             old + "component.config.v1+json", true}),
      Param("DirectoryOfOldestNames", Kind::kDirectory,
            {"application/vnd.oci.gardener.cloud.cnudie.component-descriptor."
             "config.v2+yaml+tar",
             "application/vnd.oci.gardener.cloud.cnudie.component-descriptor-"
             "metadata.config.v2+json"}),
      Param("DirectoryOfYamlLayers", Kind::kDirectory,
            {"application/vnd.ocm.software.component-descriptor.v2+yaml"}),
  };
}

INSTANTIATE_TEST_SUITE_P(Ctf, ComponentRepositoryContract,
                         testing::ValuesIn(Params()),
                         ComponentRepositoryContractName);

TEST(CtfComponents, WritersOfOtherVersionsDoNotDisturbEachOther) {
  for (const Kind kind : {Kind::kDirectory, Kind::kTar, Kind::kTgz}) {
    std::vector<SampleVersion> versions;
    for (int i = 0; i < 6; ++i) {
      const ComponentId id{absl::StrCat("acme.org/c", i), "1"};
      versions.push_back({id, SampleText(id, "old"), {}});
    }
    CtfWorld world(MakeSampleCtf(versions), kind);
    std::vector<std::thread> writers;
    for (const SampleVersion& version : versions) {
      auto repository = world.Open();
      ASSERT_OK(repository);
      writers.emplace_back([&version, own = *std::move(repository)] {
        EXPECT_OK(own->WriteDescriptors(
            {{version.id, version.text, SampleText(version.id, "new")}}));
      });
    }
    for (std::thread& writer : writers) writer.join();
    auto repository = world.Open();
    ASSERT_OK(repository);
    for (const SampleVersion& version : versions) {
      EXPECT_THAT((*repository)->ReadDescriptor(version.id),
                  base::IsOkAndHolds(SampleText(version.id, "new")));
    }
  }
}

TEST(CtfComponents, RefusesAVersionWithTwoManifests) {
  CtfFiles files = MakeSampleCtf(SampleVersions());
  // The tag of one version is given to the other one of its component too.
  files[0].second = absl::StrReplaceAll(
      files[0].second, {{"\"1.1.0.build-build.3\"", "\"1.0.0\""}});
  auto repository = CtfWorld(files, Kind::kDirectory).Open();
  ASSERT_OK(repository);
  EXPECT_THAT((*repository)->ReadDescriptor({"acme.org/test/app", "1.0.0"}),
              base::HasReason("ARTIFACT_INDEX"));
}

}  // namespace
}  // namespace countersign::client
