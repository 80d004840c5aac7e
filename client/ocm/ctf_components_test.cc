#include "client/ocm/ctf_components.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

}  // namespace
}  // namespace countersign::client
