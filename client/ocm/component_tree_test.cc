#include "client/ocm/component_tree.h"

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/ocm/fake_component_repository.h"
#include "client/ocm/test_components.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

ComponentId Id(const std::string& name) {
  return {absl::StrCat("acme.org/", name), "1.0.0"};
}

// Each word is a component and those that it refers to: "a b c" is a -> b, c.
void Add(FakeComponentRepository& repository, const std::string& name,
         const std::vector<std::string>& to) {
  std::vector<std::string> references;
  for (const std::string& one : to) references.push_back(TestReference(one));
  repository.Add(Id(name), TestDescriptor(name, {}, references));
}

std::vector<std::string> Order(const ComponentTree& tree) {
  std::vector<std::string> names;
  for (const ComponentVersion& version : tree.versions) {
    names.push_back(version.id.name.substr(9));
  }
  return names;
}

TEST(ComponentTreeTest, PutsThoseReferredToFirstAndEachOnce) {
  FakeComponentRepository repository;
  Add(repository, "top", {"left", "right"});
  Add(repository, "left", {"base"});
  Add(repository, "right", {"base", "left"});
  Add(repository, "base", {});
  ASSERT_OK_AND_ASSIGN(const ComponentTree tree,
                       LoadComponentTree({Id("top")}, {&repository}));
  EXPECT_THAT(Order(tree), ElementsAre("base", "left", "right", "top"));
  EXPECT_THAT(tree.roots, ElementsAre(3));
  EXPECT_THAT(tree.versions[3].references, ElementsAre(1, 2));
  EXPECT_THAT(tree.versions[2].references, ElementsAre(0, 1));
  EXPECT_EQ(repository.reads(), 4);
}

TEST(ComponentTreeTest, TakesSeveralRoots) {
  FakeComponentRepository repository;
  Add(repository, "a", {"b"});
  Add(repository, "b", {});
  Add(repository, "c", {"b"});
  ASSERT_OK_AND_ASSIGN(
      const ComponentTree tree,
      LoadComponentTree({Id("a"), Id("b"), Id("c")}, {&repository}));
  EXPECT_THAT(Order(tree), ElementsAre("b", "a", "c"));
  EXPECT_THAT(tree.roots, ElementsAre(1, 0, 2));
}

TEST(ComponentTreeTest, LooksElsewhereInOrder) {
  FakeComponentRepository first("first"), second("second"), third("third");
  Add(first, "a", {"b", "c"});
  Add(second, "b", {"c"});
  Add(third, "b", {});
  Add(third, "c", {});
  ASSERT_OK_AND_ASSIGN(const ComponentTree tree,
                       LoadComponentTree({Id("a")}, {&first, &second, &third}));
  EXPECT_THAT(Order(tree), ElementsAre("c", "b", "a"));
  EXPECT_EQ(tree.versions[1].repository, &second);
  EXPECT_EQ(tree.versions[0].repository, &third);
  // A root is what was named, where it was named.
  EXPECT_THAT(
      LoadComponentTree({Id("c")}, {&first, &third}).status(),
      AllOf(HasReason("COMPONENT_VERSION_UNKNOWN"),
            testing::Property(&absl::Status::message, HasSubstr("first"))));
}

TEST(ComponentTreeTest, TellsTheWayToWhatIsMissing) {
  FakeComponentRepository repository("./ctf"), other("./parts");
  Add(repository, "a", {"b"});
  Add(repository, "b", {"gone"});
  for (const auto& repositories :
       std::vector<std::vector<ComponentRepository*>>{{&repository},
                                                      {&repository, &other}}) {
    const absl::Status status =
        LoadComponentTree({Id("a")}, repositories).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(status, HasReason("COMPONENT_VERSION_UNKNOWN"));
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr("acme.org/a:1.0.0 -> acme.org/b:1.0.0 -> "
                                "acme.org/gone:1.0.0"),
                      HasSubstr("./ctf"), HasSubstr("--lookup")));
  }
  // What is broken is not missing.
  repository.FailNextRead(1, absl::UnavailableError("away"));
  EXPECT_EQ(LoadComponentTree({Id("a")}, {&repository, &other}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(ComponentTreeTest, RefusesCycles) {
  FakeComponentRepository repository;
  Add(repository, "self", {"self"});
  Add(repository, "a", {"b"});
  Add(repository, "b", {"c"});
  Add(repository, "c", {"b"});
  EXPECT_THAT(LoadComponentTree({Id("self")}, {&repository}).status(),
              HasReason("COMPONENT_CYCLE"));
  EXPECT_THAT(LoadComponentTree({Id("a")}, {&repository}).status().message(),
              HasSubstr("acme.org/a:1.0.0 -> acme.org/b:1.0.0 -> "
                        "acme.org/c:1.0.0 -> acme.org/b:1.0.0"));
}

TEST(ComponentTreeTest, ReadsALongChainAndRefusesALongerOne) {
  FakeComponentRepository repository;
  for (int i = 0; i < 300; ++i) {
    Add(repository, absl::StrCat("n", i),
        i < 299 ? std::vector<std::string>{absl::StrCat("n", i + 1)}
                : std::vector<std::string>());
  }
  ASSERT_OK_AND_ASSIGN(const ComponentTree tree,
                       LoadComponentTree({Id("n0")}, {&repository}));
  EXPECT_EQ(tree.versions.size(), 300u);
  TreeLimits limits;
  limits.max_versions = 299;
  EXPECT_THAT(LoadComponentTree({Id("n0")}, {&repository}, limits).status(),
              HasReason("TREE_TOO_LARGE"));
  limits = TreeLimits();
  limits.max_bytes = 10000;
  EXPECT_THAT(LoadComponentTree({Id("n0")}, {&repository}, limits).status(),
              HasReason("TREE_TOO_LARGE"));
}

TEST(ComponentTreeTest, RefusesADescriptorOfAnotherVersion) {
  FakeComponentRepository repository;
  repository.Add(Id("a"), TestDescriptor("b", {}, {}));
  EXPECT_THAT(LoadComponentTree({Id("a")}, {&repository}).status(),
              HasReason("COMPONENT_VERSION_MISMATCH"));
  repository.Add(Id("a"), "no: descriptor");
  EXPECT_THAT(LoadComponentTree({Id("a")}, {&repository}).status(),
              HasReason("DESCRIPTOR_SCHEMA"));
}

}  // namespace
}  // namespace countersign::client
