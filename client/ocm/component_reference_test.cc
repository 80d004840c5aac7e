#include "client/ocm/component_reference.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using Kind = ComponentReference::Kind;

bool Exists(const std::string& path) {
  return path == "release" || path == "a//b" || path == "sub/dir";
}

struct Good {
  const char* name;
  const char* text;
  Kind kind;
  const char* repository;
  const char* component;
  const char* version;
};

class GoodReference : public testing::TestWithParam<Good> {};

TEST_P(GoodReference, IsRead) {
  const Good& row = GetParam();
  ASSERT_OK_AND_ASSIGN(const ComponentReference reference,
                       ParseComponentReference(row.text, Exists));
  EXPECT_EQ(reference.kind, row.kind);
  EXPECT_EQ(reference.Repository(), row.repository);
  EXPECT_EQ(reference.name, row.component);
  EXPECT_EQ(reference.version, row.version);
}

constexpr Good kGood[] = {
    {"RelativePath", "./x.tar//acme.org/x/y:1.0.0", Kind::kCtf, "./x.tar",
     "acme.org/x/y", "1.0.0"},
    {"AbsolutePath", "/srv/x//acme.org/x:1.0.0+b.3", Kind::kCtf, "/srv/x",
     "acme.org/x", "1.0.0+b.3"},
    {"BareDirectoryThatIsThere", "release//acme.org/x:v1", Kind::kCtf,
     "release", "acme.org/x", "v1"},
    {"BareArchiveByItsEnd", "x.tgz//acme.org/x:1", Kind::kCtf, "x.tgz",
     "acme.org/x", "1"},
    {"CtfPrefix", "ctf::x//acme.org/x:1", Kind::kCtf, "x", "acme.org/x", "1"},
    {"CtfPrefixOfTheNewTool", "ctf/v1::x//acme.org/x:1", Kind::kCtf, "x",
     "acme.org/x", "1"},
    {"DirectoryPrefix", "directory::x//acme.org/x:1", Kind::kCtf, "x",
     "acme.org/x", "1"},
    {"TarPrefix", "tar::x//acme.org/x:1", Kind::kCtf, "x", "acme.org/x", "1"},
    {"TgzPrefix", "TGZ::x//acme.org/x:1", Kind::kCtf, "x", "acme.org/x", "1"},
    {"LongName", "CommonTransportFormat::x//acme.org/x:1", Kind::kCtf, "x",
     "acme.org/x", "1"},
    {"FileUrl", "file:///srv/x.tar//acme.org/x:1", Kind::kCtf, "/srv/x.tar",
     "acme.org/x", "1"},
    {"FileUrlAlone", "file:///srv/x.tar", Kind::kCtf, "/srv/x.tar", "", ""},
    {"PathWithDoubleSlash", "./a//b//acme.org/x:1", Kind::kCtf, "./a//b",
     "acme.org/x", "1"},
    {"WholePathWithDoubleSlash", "a//b", Kind::kCtf, "a//b", "", ""},
    {"WholeArchive", "./x.tar", Kind::kCtf, "./x.tar", "", ""},
    {"WholeComponent", "./x.tar//acme.org/x", Kind::kCtf, "./x.tar",
     "acme.org/x", ""},
    {"Registry", "ghcr.io/team/ocm//acme.org/x:1", Kind::kRegistry,
     "ghcr.io/team/ocm", "acme.org/x", "1"},
    {"RegistryWithoutSubPath", "ghcr.io//acme.org/x:1", Kind::kRegistry,
     "ghcr.io", "acme.org/x", "1"},
    {"RegistryWithPort", "localhost:5000/a//acme.org/x:1", Kind::kRegistry,
     "localhost:5000/a", "acme.org/x", "1"},
    {"PlainHttp", "http://127.0.0.1:5000/sub//acme.org/x/y:1.0.0",
     Kind::kRegistry, "http://127.0.0.1:5000/sub", "acme.org/x/y", "1.0.0"},
    {"Https", "https://ghcr.io/team//acme.org/x:1", Kind::kRegistry,
     "https://ghcr.io/team", "acme.org/x", "1"},
    {"OciPrefix", "oci::ghcr.io/team//acme.org/x:1", Kind::kRegistry,
     "ghcr.io/team", "acme.org/x", "1"},
    {"OciPrefixWithScheme", "oci::http://localhost:1/a//acme.org/x:1",
     Kind::kRegistry, "http://localhost:1/a", "acme.org/x", "1"},
    {"OciRegistryPrefix", "OCIRegistry::ghcr.io/team//acme.org/x:1",
     Kind::kRegistry, "ghcr.io/team", "acme.org/x", "1"},
    {"OciPrefixBeatsAPathThatIsThere", "oci::ghcr.io//acme.org/x:1",
     Kind::kRegistry, "ghcr.io", "acme.org/x", "1"},
};

INSTANTIATE_TEST_SUITE_P(Rows, GoodReference, testing::ValuesIn(kGood),
                         [](const auto& info) { return info.param.name; });

struct Bad {
  const char* name;
  const char* text;
  const char* message;
};

class BadReference : public testing::TestWithParam<Bad> {};

TEST_P(BadReference, IsRefusedWithAnExample) {
  EXPECT_THAT(
      ParseComponentReference(GetParam().text, Exists),
      testing::AllOf(
          base::HasReason("REFERENCE_INVALID"),
          base::StatusIs(
              absl::StatusCode::kInvalidArgument,
              testing::AllOf(
                  testing::HasSubstr(GetParam().message),
                  testing::HasSubstr("REPO//NAME:VERSION"),
                  testing::HasSubstr("./release.tar//acme.org/app:1.2.0")))));
}

constexpr Bad kBad[] = {
    {"Empty", "", "no repository is named"},
    {"NoRepository", "//acme.org/x:1", "no repository is named"},
    {"NoName", "./x//:1", "no component name"},
    {"NoVersion", "./x//acme.org/x:", "no version"},
    {"NoSlashInName", "./x//app:1", "has no \"/\""},
    {"TwoVersions", "./x//acme.org/x:1:2", "neither"},
    {"UnknownType", "helm::x//acme.org/x:1", "type \"helm\""},
    {"NeitherPathNorHost", "nowhere//acme.org/x:1",
     "no file or directory \"nowhere\""},
    {"OneSlash", "ghcr.io/acme.org/x:1", "no path in a registry"},
    {"UpperCaseInRegistry", "ghcr.io/Team//acme.org/x:1", "lower-case"},
    {"Control", "./x\n//acme.org/x:1", "control character"},
};

INSTANTIATE_TEST_SUITE_P(Rows, BadReference, testing::ValuesIn(kBad),
                         [](const auto& info) { return info.param.name; });

TEST(ComponentReference, IsFormattedAsItIsRead) {
  for (const char* text :
       {"./x.tar//acme.org/x:1", "http://localhost:5/s//acme.org/x:1",
        "ghcr.io//acme.org/x", "./x"}) {
    ASSERT_OK_AND_ASSIGN(const ComponentReference reference,
                         ParseComponentReference(text, Exists));
    EXPECT_EQ(reference.Format(), text);
  }
}

TEST(ComponentReference, LooksAtTheDisk) {
  ASSERT_OK_AND_ASSIGN(const ComponentReference reference,
                       ParseComponentReference("/tmp//acme.org/x:1"));
  EXPECT_EQ(reference.path, "/tmp");
}

}  // namespace
}  // namespace countersign::client
