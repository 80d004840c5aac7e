#include "client/ocm/registry_components.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/oci/image_reference.h"
#include "client/ocm/component_repository_contract.h"
#include "client/ocm/sample_ctf.h"
#include "client/ocm/sample_registry.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

constexpr char kWhere[] = "registry.example.org/team/ocm";

ComponentReference Where() {
  ComponentReference reference;
  reference.kind = ComponentReference::Kind::kRegistry;
  reference.host = "registry.example.org";
  reference.sub_path = "team/ocm";
  return reference;
}

class FakeRegistryWorld final : public RepositoryWorld {
 public:
  FakeRegistryWorld(const std::vector<SampleVersion>& versions,
                    const SampleForm& form) {
    FillRegistry(registries_, kWhere, versions, form);
  }
  absl::StatusOr<std::unique_ptr<ComponentRepository>> Open() override {
    return std::make_unique<RegistryComponents>(registries_, Where());
  }
  FakeRegistries& registries() { return registries_; }

 private:
  FakeRegistries registries_;
};

ComponentRepositoryContractParam Param(const std::string& name,
                                       const SampleForm& form) {
  ComponentRepositoryContractParam param;
  param.name = name;
  param.make = [form](const std::vector<SampleVersion>& versions) {
    return std::make_unique<FakeRegistryWorld>(versions, form);
  };
  param.lists = false;
  return param;
}

INSTANTIATE_TEST_SUITE_P(
    FakeRegistry, ComponentRepositoryContract,
    testing::Values(Param("YamlTar", {}), Param("Json", {kJsonLayer}),
                    Param("Wrapped", {kJsonLayer, kComponentConfig, true})),
    ComponentRepositoryContractName);

class RegistryComponentsTest : public testing::Test {
 protected:
  const ComponentId app_{"acme.org/test/app", "1.0.0"};
  const ComponentId lib_{"acme.org/test/lib", "v2"};
  FakeRegistryWorld world_{SampleVersions(),
                           {kJsonLayer, kComponentConfig, true}};
  FakeRegistries& registries_ = world_.registries();
  RegistryComponents components_{registries_, Where()};
};

TEST_F(RegistryComponentsTest, PassesOnThatALoginIsNeeded) {
  registries_.Fail("GetManifest", absl::UnauthenticatedError("log in"));
  EXPECT_THAT(components_.ReadDescriptor(app_),
              base::HasCode(absl::StatusCode::kUnauthenticated));
}

TEST_F(RegistryComponentsTest, NamesWhatWasWrittenBeforeAnError) {
  int tags = 0;
  registries_.AfterPutManifest([&](const std::string& tag_or_digest) {
    if (tag_or_digest == "1.0.0" && ++tags == 1) {
      registries_.Fail("PutBlob", absl::UnavailableError("away"));
    }
  });
  EXPECT_THAT(
      components_.WriteDescriptors(
          {{app_, SampleText(app_, "app"), SampleText(app_, "new")},
           {lib_, SampleText(lib_, "lib"), SampleText(lib_, "new")}}),
      base::StatusIs(
          absl::StatusCode::kUnavailable,
          testing::HasSubstr("writing acme.org/test/lib:v2 (written before: "
                             "acme.org/test/app:1.0.0)")));
  EXPECT_THAT(components_.ReadDescriptor(app_),
              base::IsOkAndHolds(SampleText(app_, "new")));
  EXPECT_THAT(components_.ReadDescriptor(lib_),
              base::IsOkAndHolds(SampleText(lib_, "lib")));
}

TEST_F(RegistryComponentsTest, WritesNothingWhereALaterOneWasChanged) {
  EXPECT_THAT(components_.WriteDescriptors(
                  {{app_, SampleText(app_, "app"), SampleText(app_, "new")},
                   {lib_, "something else", SampleText(lib_, "new")}}),
              base::HasReason("COMPONENT_VERSION_CHANGED"));
  EXPECT_THAT(components_.ReadDescriptor(app_),
              base::IsOkAndHolds(SampleText(app_, "app")));
}

TEST_F(RegistryComponentsTest, NoticesWhoSetsTheTagBetween) {
  // The inner manifest of the index is stored; then somebody else is faster.
  bool done = false;
  registries_.AfterPutManifest([&](const std::string&) {
    if (done) return;
    done = true;
    FillRegistry(registries_, kWhere, {{app_, SampleText(app_, "theirs"), {}}},
                 {});
  });
  EXPECT_THAT(components_.WriteDescriptors(
                  {{app_, SampleText(app_, "app"), SampleText(app_, "mine")}}),
              base::HasReason("COMPONENT_VERSION_CHANGED"));
  EXPECT_THAT(components_.ReadDescriptor(app_),
              base::IsOkAndHolds(SampleText(app_, "theirs")));
}

TEST_F(RegistryComponentsTest, NoticesWhoSetsTheTagRightAfter) {
  bool done = false;
  registries_.AfterPutManifest([&](const std::string& tag_or_digest) {
    if (done || tag_or_digest != "1.0.0") return;
    done = true;
    FillRegistry(registries_, kWhere, {{app_, SampleText(app_, "theirs"), {}}},
                 {});
  });
  EXPECT_THAT(components_.WriteDescriptors(
                  {{app_, SampleText(app_, "app"), SampleText(app_, "mine")}}),
              base::HasReason("COMPONENT_VERSION_CHANGED"));
}

TEST_F(RegistryComponentsTest, ReadsAnImageOfTheIndexAsALocalBlob) {
  const SampleParts parts = MakeSampleParts(
      SampleVersions()[2], {kJsonLayer, kComponentConfig, true});
  std::string read;
  EXPECT_OK(components_.ReadLocalBlob(app_, Sha256Reference(parts.manifests[1]),
                                      [&](absl::string_view piece) {
                                        absl::StrAppend(&read, piece);
                                        return absl::OkStatus();
                                      }));
  EXPECT_EQ(read, parts.manifests[1]);
}

TEST_F(RegistryComponentsTest, LosesNothingElseOfTheManifests) {
  const SampleForm form{kJsonLayer, kComponentConfig, true};
  const std::string text = SampleText(app_, "signed");
  ASSERT_OK(
      components_.WriteDescriptors({{app_, SampleText(app_, "app"), text}}));
  SampleVersion version = SampleVersions()[2];
  version.text = text;
  const SampleParts want = MakeSampleParts(version, form);
  const auto repository = OpenSample(registries_, kWhere, app_.name);
  ASSERT_OK_AND_ASSIGN(const OciManifest top, repository->GetManifest("1.0.0"));
  // The whole chain, octet by octet, is what a writer of the new text made.
  EXPECT_EQ(top.media_type, want.top_type);
  ASSERT_OK_AND_ASSIGN(
      const OciManifest manifest,
      repository->GetManifest(Sha256Reference(want.manifests[0])));
  EXPECT_EQ(manifest.bytes, want.manifests[0]);
  EXPECT_THAT(top.bytes, testing::HasSubstr("\"platform\":{\"os\":\"linux\"}"));
  EXPECT_THAT(top.bytes, testing::HasSubstr(Sha256Reference(manifest.bytes)));
}

TEST_F(RegistryComponentsTest, RefusesAVersionThatCanBeNoTag) {
  EXPECT_THAT(components_.ReadDescriptor({"acme.org/test/app", "1/2"}),
              base::HasReason("VERSION_INVALID"));
}

TEST_F(RegistryComponentsTest, RefusesADamagedLayer) {
  const SampleParts parts = MakeSampleParts(
      SampleVersions()[2], {kJsonLayer, kComponentConfig, true});
  registries_.Damage(absl::StrCat(kWhere, "/component-descriptors/", app_.name),
                     Sha256Reference(parts.blobs[0]), "{}");
  EXPECT_THAT(components_.ReadDescriptor(app_),
              base::HasReason("DIGEST_MISMATCH"));
}

}  // namespace
}  // namespace countersign::client
