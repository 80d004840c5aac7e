#include "client/ocm/open_components.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/ocm/sample_ctf.h"
#include "client/ocm/sample_registry.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

class OpenComponentsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = absl::StrCat(testing::TempDir(), "/", test->name());
    options_.spool_folder = testing::TempDir();
  }

  // The descriptor of what `text` names.
  absl::StatusOr<std::string> Read(const std::string& text) {
    const auto reference = ParseComponentReference(text);
    if (!reference.ok()) return reference.status();
    auto repository = OpenComponents(*reference, registries_, options_);
    if (!repository.ok()) return repository.status();
    return (*repository)->ReadDescriptor({reference->name, reference->version});
  }

  FakeRegistries registries_;
  CtfArchiveOptions options_;
  std::string folder_;
};

TEST_F(OpenComponentsTest, ReadsADirectory) {
  WriteFiles(folder_, MakeSampleCtf(SampleVersions()));
  EXPECT_THAT(Read(folder_ + "//acme.org/test/app:1.0.0"),
              base::IsOkAndHolds(SampleVersions()[2].text));
  EXPECT_THAT(Read("ctf::" + folder_ + "//acme.org/test/app:1.1.0+build.3"),
              base::IsOkAndHolds(SampleVersions()[1].text));
}

TEST_F(OpenComponentsTest, TellsTarFromTgzByContentAndNotByName) {
  const std::string tar = MakeTar(MakeSampleCtf(SampleVersions()));
  WriteFiles(folder_, {{"a.tgz", tar}, {"b.tar", MakeGzip(tar)}});
  for (const char* name : {"a.tgz", "b.tar"}) {
    EXPECT_THAT(
        Read(absl::StrCat(folder_, "/", name, "//acme.org/test/lib:v2")),
        base::IsOkAndHolds(SampleVersions()[0].text));
  }
}

TEST_F(OpenComponentsTest, ReadsARegistry) {
  FillRegistry(registries_, "registry.example.org/team", SampleVersions(), {});
  EXPECT_THAT(Read("registry.example.org/team//acme.org/test/app:1.0.0"),
              base::IsOkAndHolds(SampleVersions()[2].text));
}

TEST_F(OpenComponentsTest, RefusesPlainHttpToAnotherMachine) {
  EXPECT_THAT(Read("http://registry.example.org//acme.org/test/app:1.0.0"),
              base::HasReason("PLAIN_HTTP_REFUSED"));
}

TEST_F(OpenComponentsTest, SaysThatAnArchiveIsNotThere) {
  EXPECT_THAT(Read("./none.tar//acme.org/test/app:1.0.0"),
              base::StatusIs(absl::StatusCode::kNotFound,
                             testing::HasSubstr("./none.tar")));
}

}  // namespace
}  // namespace countersign::client
