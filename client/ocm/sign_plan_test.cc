// Signing plans, what they write back, and the verification of that.
#include "client/ocm/sign_plan.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "client/oci/fake_registry.h"
#include "client/ocm/fake_component_repository.h"
#include "client/ocm/test_components.h"
#include "client/ocm/verify_tree.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using Scheme = base::SignatureScheme;

ComponentId Id(const std::string& name) {
  return {absl::StrCat("acme.org/", name), "1.0.0"};
}

std::string Sha256Of(const std::string& octets) {
  return absl::StrCat("sha256:", base::HexEncode(base::Sha256(octets)));
}

class SignPlanTest : public testing::Test {
 protected:
  SignPlanTest() {
    repository_.Add(Id("base"),
                    TestDescriptor("base", {Blob("base", "b")}, {}));
    repository_.Add(Id("top"), TestDescriptor("top", {Blob("top", "t")},
                                              {TestReference("base")}));
    options_.signature = "release";
  }

  std::string Blob(const std::string& component, const std::string& octets,
                   const std::string& digest = "") {
    return TestResource(
        "data", TestBlobAccess(repository_.AddBlob(Id(component), octets)),
        digest);
  }
  ComponentTree Tree(const std::string& root = "top") {
    auto tree = LoadComponentTree({Id(root)}, {&repository_, &parts_});
    EXPECT_OK(tree);
    return *std::move(tree);
  }
  absl::StatusOr<TreeDigest> Digests(const ComponentTree& tree) {
    ContentDigester digester(registries_, HashesFor(tree, options_.hash));
    return TreeDigest::Create(tree, digester);
  }
  DescriptorSignature Sign(const DescriptorDigest& digest) {
    const auto hash = ParseHashAlgorithm(digest.spec.hash_algorithm);
    const std::string octets =
        SignDigest(SharedChain().leaf_key.get(), options_.scheme, *hash,
                   digest.octets, RSA_PSS_SALTLEN_MAX);
    const auto entry =
        options_.pem ? MakePemSignature(
                           options_.signature, digest.spec,
                           {options_.scheme,
                            octets,
                            {SharedChain().leaf, SharedChain().intermediate}})
                     : MakePlainSignature(options_.signature, digest.spec,
                                          options_.scheme, octets);
    EXPECT_OK(entry);
    return *entry;
  }
  // All of it; answers the plan.
  SignPlan SignAll(const std::string& root = "top") {
    const ComponentTree tree = Tree(root);
    auto digests = Digests(tree);
    EXPECT_OK(digests);
    const auto plan = PlanSigning(*digests, options_);
    EXPECT_OK(plan);
    std::vector<DescriptorSignature> entries;
    for (const PlannedVersion& version : plan->versions) {
      entries.push_back(Sign(version.digest));
    }
    const auto groups = UpdatesFor(tree, *plan, entries, options_.force);
    EXPECT_OK(groups);
    for (const RepositoryUpdates& group : *groups) {
      written_.push_back(group.repository->Name());
      EXPECT_OK(group.repository->WriteDescriptors(group.updates));
    }
    return *plan;
  }
  absl::Status PlanError() {
    const ComponentTree tree = Tree();
    auto digests = Digests(tree);
    EXPECT_OK(digests);
    return PlanSigning(*digests, options_).status();
  }
  TreeReport Verify(VerifyTreeOptions options,
                    const std::string& root = "top") {
    options.trust.now = TestNow();
    const ComponentTree tree = Tree(root);
    auto digests = Digests(tree);
    EXPECT_OK(digests);
    auto report = VerifyTree(*digests, options);
    EXPECT_OK(report);
    return *std::move(report);
  }
  static VerifyTreeOptions WithKey() {
    VerifyTreeOptions options;
    options.trust.public_keys = {PublicKeyPem(SharedChain().leaf_key.get())};
    return options;
  }
  static VerifyTreeOptions WithRoot() {
    VerifyTreeOptions options;
    options.trust.roots = {CertificatePem({SharedChain().root})};
    return options;
  }
  std::string Text(const std::string& name) {
    return *repository_.ReadDescriptor(Id(name));
  }
  void Change(const std::string& name, const std::string& from,
              const std::string& to) {
    const std::string text = Text(name);
    ASSERT_THAT(text, HasSubstr(from));
    repository_.Add(Id(name), absl::StrReplaceAll(text, {{from, to}}));
  }

  FakeComponentRepository repository_{"main"};
  FakeComponentRepository parts_{"parts"};
  FakeRegistries registries_;
  SignPlanOptions options_;
  std::vector<std::string> written_;
};

TEST_F(SignPlanTest, SignsTheRootWithTheDigestsOfAllBelow) {
  const std::string base_before = Text("base");
  const SignPlan plan = SignAll();
  ASSERT_EQ(plan.versions.size(), 1u);
  EXPECT_EQ(plan.versions[0].id.name, "acme.org/top");
  EXPECT_EQ(Text("base"), base_before);
  EXPECT_THAT(Text("top"), HasSubstr("normalisationAlgorithm: "
                                     "jsonNormalisation/v3"));
  const TreeReport report = Verify(WithKey());
  EXPECT_OK(report.status);
  EXPECT_EQ(report.versions[1].references[0].state, ReferenceState::kMatches);
  EXPECT_EQ(report.versions[1].resources[0].state, ContentState::kMatches);
  EXPECT_EQ(report.versions[0].resources[0].state, ContentState::kComputed);
  EXPECT_THAT(report.versions[0].signatures, IsEmpty());
}

TEST_F(SignPlanTest, SignsEveryVersionWhereItIsToldTo) {
  options_.recursive = true;
  const SignPlan plan = SignAll();
  ASSERT_EQ(plan.versions.size(), 2u);
  EXPECT_EQ(plan.versions[0].id.name, "acme.org/base");
  VerifyTreeOptions verify = WithKey();
  verify.recursive = true;
  EXPECT_OK(Verify(verify).status);
  EXPECT_OK(Verify(verify, "base").status);
}

TEST_F(SignPlanTest, WritesTheRootsRepositoryLast) {
  repository_.Add(Id("top"),
                  TestDescriptor("top", {}, {TestReference("elsewhere")}));
  parts_.Add(Id("elsewhere"), TestDescriptor("elsewhere", {}, {}));
  options_.recursive = true;
  SignAll();
  EXPECT_THAT(written_, testing::ElementsAre("parts", "main"));
}

struct Way {
  const char* name;
  Scheme scheme;
  HashAlgorithm hash;
  bool pem;
  NormalisationAlgorithm normalisation;
};
class EveryWay : public SignPlanTest,
                 public testing::WithParamInterface<Way> {};

TEST_P(EveryWay, SignsAndVerifies) {
  options_.scheme = GetParam().scheme;
  options_.hash = GetParam().hash;
  options_.pem = GetParam().pem;
  options_.normalisation = GetParam().normalisation;
  SignAll();
  EXPECT_OK(Verify(WithKey()).status);
  const absl::Status with_root = Verify(WithRoot()).status;
  if (options_.pem) {
    EXPECT_OK(with_root);
  } else {
    EXPECT_THAT(with_root, HasReason("CERTIFICATE_UNTRUSTED"));
  }
  // And again, beside the first.
  options_.signature = "second";
  SignAll();
  EXPECT_OK(Verify(WithKey()).status);
}

constexpr Way kWays[] = {
    {"Pkcs1", Scheme::kRsaPkcs1, HashAlgorithm::kSha256, false,
     NormalisationAlgorithm::kJsonV3},
    {"PssSha512", Scheme::kRsaPss, HashAlgorithm::kSha512, false,
     NormalisationAlgorithm::kJsonV3},
    {"Pkcs1PemV1", Scheme::kRsaPkcs1, HashAlgorithm::kSha256, true,
     NormalisationAlgorithm::kJsonV1},
    {"PssPemV2", Scheme::kRsaPss, HashAlgorithm::kSha256, true,
     NormalisationAlgorithm::kJsonV2},
    {"PssPemV4Alpha1", Scheme::kRsaPss, HashAlgorithm::kSha512, true,
     NormalisationAlgorithm::kJsonV4Alpha1},
};
INSTANTIATE_TEST_SUITE_P(All, EveryWay, testing::ValuesIn(kWays),
                         [](const auto& info) { return info.param.name; });

TEST_F(SignPlanTest, VerifiesSignaturesOfTwoNormalisationsTogether) {
  SignAll();
  options_.signature = "older";
  options_.normalisation = NormalisationAlgorithm::kJsonV1;
  SignAll();  // replaces the digest of the reference
  EXPECT_OK(Verify(WithKey()).status);
}

TEST_F(SignPlanTest, VerifiesSignaturesOfTwoHashesTogether) {
  SignAll();
  options_.signature = "longer";
  options_.hash = HashAlgorithm::kSha512;
  SignAll();
  EXPECT_OK(Verify(WithKey()).status);
}

TEST_F(SignPlanTest, VerifiesWhatIsSpelledAsInOlderTools) {
  const ComponentTree tree = Tree();
  auto digests = Digests(tree);
  ASSERT_OK(digests);
  DigestMode mode;
  mode.normalisation = NormalisationAlgorithm::kJsonV1;
  mode.older_spelling = true;
  ASSERT_OK_AND_ASSIGN(const DigestSpec spec, digests->Digest(1, mode));
  DescriptorDigest digest;
  digest.spec = spec;
  digest.octets = *base::HexDecode(spec.value);
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       digests->Text(1, DigestMode()));  // modern
  SignPlan plan;
  plan.versions.push_back({1, Id("top"), text, digest});
  ASSERT_OK_AND_ASSIGN(const auto groups,
                       UpdatesFor(tree, plan, {Sign(digest)}, false));
  ASSERT_OK(repository_.WriteDescriptors(groups[0].updates));
  EXPECT_OK(Verify(WithKey()).status);
}

TEST_F(SignPlanTest, RefusesANameThatIsThereUnlessForced) {
  SignAll();
  const absl::Status status = PlanError();
  EXPECT_THAT(status, HasReason("SIGNATURE_EXISTS"));
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("acme.org/top:1.0.0"), HasSubstr("--force"),
                    HasSubstr("--signature")));
  options_.force = true;
  SignAll();
  EXPECT_OK(Verify(WithKey()).status);
}

TEST_F(SignPlanTest, SignsNothingThatIsOtherThanItSays) {
  const std::string wrong(64, '0');
  repository_.Add(
      Id("base"),
      TestDescriptor(
          "base",
          {Blob("base", "b", TestDigest("genericBlobDigest/v1", wrong))}, {}));
  EXPECT_THAT(PlanError(), HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(PlanError().message(),
              AllOf(HasSubstr("acme.org/base:1.0.0"), HasSubstr("\"data\"")));
  repository_.Add(Id("base"), TestDescriptor("base", {}, {}));
  repository_.Add(
      Id("top"),
      TestDescriptor(
          "top", {},
          {TestReference("base", TestDigest("jsonNormalisation/v3", wrong))}));
  EXPECT_THAT(PlanError(), HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(PlanError().message(), HasSubstr("reference \"ref-base\""));
}

TEST_F(SignPlanTest, WarnsOfWhatTheOtherToolsWillDo) {
  Change("top", "  provider: acme\n",
         "  provider: acme\n  creationTime: \"2026-01-31T12:00:00Z\"\n");
  options_.scheme = Scheme::kRsaPss;
  const SignPlan plan = SignAll();
  EXPECT_THAT(plan.warnings, Contains(HasSubstr("creationTime")));
  EXPECT_THAT(plan.warnings, Contains(HasSubstr("plain RSASSA-PSS")));
}

TEST_F(SignPlanTest, WarnsOfASignatureThatLosesItsDigest) {
  // As the new OCM CLI signs: over what is there, without digests.
  const std::string text = Text("base");
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(text));
  ASSERT_OK_AND_ASSIGN(
      const DescriptorDigest digest,
      DigestOfDescriptor(descriptor, NormalisationAlgorithm::kJsonV4Alpha1));
  options_.signature = "theirs";
  SignPlan plan;
  const ComponentTree tree = Tree("base");
  plan.versions.push_back({0, Id("base"), text, digest});
  ASSERT_OK_AND_ASSIGN(const auto groups,
                       UpdatesFor(tree, plan, {Sign(digest)}, false));
  ASSERT_OK(repository_.WriteDescriptors(groups[0].updates));
  // Such a signature says nothing of the content.
  const absl::Status status = Verify(WithKey(), "base").status;
  EXPECT_THAT(status, HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(status.message(), HasSubstr("does not cover the content"));
  options_.signature = "ours";
  EXPECT_THAT(
      SignAll("base").warnings,
      Contains(AllOf(HasSubstr("\"theirs\""), HasSubstr("will not verify"))));
}

TEST_F(SignPlanTest, FindsEveryChange) {
  options_.recursive = true;
  SignAll();
  ASSERT_OK(Verify(WithKey()).status);
  const std::string top = Text("top");
  const std::string base = Text("base");
  // The blob's place is not signed: another blob with another digest.
  Change("base", Sha256Of("b"), repository_.AddBlob(Id("base"), "x"));
  absl::Status status = Verify(WithKey()).status;
  EXPECT_THAT(status, HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(status.message(),
              HasSubstr("acme.org/base:1.0.0, resource \"data\""));
  repository_.Add(Id("base"), base);

  Change("base", "provider: acme", "provider: evil");
  status = Verify(WithKey()).status;
  EXPECT_THAT(status, HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(status.message(),
              HasSubstr("acme.org/top:1.0.0, reference \"ref-base\""));
  repository_.Add(Id("base"), base);

  Change("top", "provider: acme", "provider: evil");
  status = Verify(WithKey()).status;
  EXPECT_THAT(status, HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("signature \"release\""),
                    HasSubstr("changed after it was signed")));
  repository_.Add(Id("top"), top);
  EXPECT_OK(Verify(WithKey()).status);
}

TEST_F(SignPlanTest, ChecksEverySignatureAndThatThereIsOne) {
  EXPECT_THAT(Verify(WithKey()).status, HasReason("NO_SIGNATURES"));
  SignAll();
  VerifyTreeOptions named = WithKey();
  named.names = {"release", "other"};
  EXPECT_THAT(Verify(named).status, HasReason("SIGNATURE_NOT_FOUND"));
  named.names = {"release"};
  EXPECT_OK(Verify(named).status);
  VerifyTreeOptions recursive = WithKey();
  recursive.recursive = true;
  EXPECT_THAT(Verify(recursive).status, HasReason("NO_SIGNATURES"));
  // Another key, and two of which one is right.
  const base::EvpPkeyPtr other = MakeRsaKey();
  VerifyTreeOptions keys;
  keys.trust.public_keys = {PublicKeyPem(other.get())};
  EXPECT_THAT(Verify(keys).status, HasReason("SIGNATURE_INVALID"));
  keys.trust.public_keys.push_back(WithKey().trust.public_keys[0]);
  EXPECT_OK(Verify(keys).status);
}

TEST_F(SignPlanTest, TellsTheSignerAndNotesAnIssuer) {
  options_.pem = true;
  SignAll();
  const TreeReport report = Verify(WithRoot());
  ASSERT_OK(report.status);
  EXPECT_THAT(report.versions[1].signatures[0].signer, HasSubstr("release"));
  Change("top", "mediaType: application/x-pem-file",
         "issuer: CN=somebody\n    mediaType: application/x-pem-file");
  const TreeReport noted = Verify(WithRoot());
  EXPECT_OK(noted.status);
  EXPECT_THAT(noted.versions[1].signatures[0].note, HasSubstr("CN=somebody"));
}

TEST_F(SignPlanTest, CountsAllThatIsWrong) {
  SignAll();
  Change("top", Sha256Of("t"), repository_.AddBlob(Id("top"), "x"));
  Change("top", "provider: acme", "provider: evil");
  EXPECT_THAT(Verify(WithKey()).status.message(), HasSubstr("(and 1 more)"));
}

}  // namespace
}  // namespace countersign::client
