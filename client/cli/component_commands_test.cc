// Signing, verifying and hashing component versions in a CTF, against a server
// in this process that signs with a key of the test's own.
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/public_key.h"
#include "client/artifact/test_certificates.h"
#include "client/cli/test_console.h"
#include "client/ocm/sample_ctf.h"
#include "client/ocm/test_components.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using v1::SigningRequest;

constexpr char kRequest[] = "products/p/operations/o/signingRequests/r";

std::string SpkiPemOfLeaf() {
  return PublicKeyPem(SharedChain().leaf_key.get());
}

class ComponentCommandsTest : public testing::Test {
 protected:
  ComponentCommandsTest() {
    console_.answers().create =
        [this](const v1::CreateSigningRequestRequest& request,
               SigningRequest* answer) {
          asked_.push_back(request);
          *answer = request.signing_request();
          answer->set_name(kRequest);
          answer->set_key_version("products/p/operations/o/keyVersions/1");
          answer->mutable_create_time()->set_seconds(
              absl::ToUnixSeconds(absl::Now()));
          *answer->mutable_update_time() = answer->create_time();
          if (before_signing_) before_signing_();
          Sign(answer);
          return grpc::Status::OK;
        };
    console_.answers().get_key = [this](const v1::GetKeyVersionRequest&,
                                        v1::KeyVersion* answer) {
      answer->set_name("products/p/operations/o/keyVersions/1");
      answer->set_key_type(v1::RSA2048);
      answer->set_certificate_chain_pem(chain_);
      answer->set_public_key_pem(public_key_);
      answer->set_spki_sha256(base::Sha256Hex(*ReadPublicKey(public_key_)));
      return grpc::Status::OK;
    };
    key_ = File("key.pem", SpkiPemOfLeaf());
    root_ = File("root.pem", CertificatePem({SharedChain().root}));
    ctf_ = absl::StrCat(
        testing::TempDir(), "/ctf-",
        testing::UnitTest::GetInstance()->current_test_info()->name());
    mkdir(ctf_.c_str(), 0755);
    WriteFiles(ctf_, MakeSampleCtf(Versions()));
    top_ = absl::StrCat(ctf_, "//acme.org/top:1.0.0");
  }

  static std::vector<SampleVersion> Versions() {
    const auto blob = [](const std::string& octets) {
      return TestResource("data", TestBlobAccess(Sha256Reference(octets)));
    };
    return {{{"acme.org/base", "1.0.0"},
             TestDescriptor("base", {blob("b")}, {}),
             {"b"}},
            {{"acme.org/top", "1.0.0"},
             TestDescriptor("top", {blob("t")}, {TestReference("base")}),
             {"t"}}};
  }

  // As the server signs: PEM has the leaf and the intermediate.
  static void Sign(SigningRequest* answer) {
    answer->set_state(SigningRequest::SIGNED);
    const auto scheme = answer->signature_algorithm() == v1::RSASSA_PSS
                            ? base::SignatureScheme::kRsaPss
                            : base::SignatureScheme::kRsaPkcs1;
    const auto hash = answer->hash_algorithm() == v1::SHA512
                          ? HashAlgorithm::kSha512
                          : HashAlgorithm::kSha256;
    for (const v1::LabelledDigest& digest : answer->digests()) {
      std::string value = SignDigest(SharedChain().leaf_key.get(), scheme, hash,
                                     digest.value());
      if (answer->encoding() == v1::PEM) {
        value = FormatDetachedSignature(
            {scheme, value, {SharedChain().leaf, SharedChain().intermediate}});
      }
      v1::Signature* signature = answer->add_signatures();
      signature->set_value(value);
      signature->set_crc32c(base::Crc32c(value));
    }
  }

  static std::string File(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/" + name;
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }
  TestRun SignTop(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"sign", "component-version", top_,
                                          "-p", "p/o"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return console_.Run(arguments);
  }
  TestRun VerifyTop(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"verify", "component-version", top_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return console_.Run(arguments);
  }

  TestConsole console_;
  std::vector<v1::CreateSigningRequestRequest> asked_;
  std::function<void()> before_signing_;
  std::string chain_;
  std::string public_key_ = SpkiPemOfLeaf();  // what the server tells
  std::string key_, root_, ctf_, top_;
};

TEST_F(ComponentCommandsTest, SignsTheRootInPlaceAndVerifiesIt) {
  TestRun run = SignTop({"--signature", "release"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("signed component acme.org/top:1.0.0 as "
                                 "\"release\""));
  ASSERT_EQ(asked_.size(), 1u);
  const SigningRequest& asked = asked_[0].signing_request();
  ASSERT_EQ(asked.digests_size(), 1);
  EXPECT_EQ(asked.digests(0).label(), "component acme.org/top:1.0.0");
  EXPECT_EQ(asked.description(), "component acme.org/top:1.0.0");
  EXPECT_EQ(asked.context().at("component.name"), "acme.org/top");
  EXPECT_EQ(asked.context().at("component.version"), "1.0.0");
  EXPECT_EQ(asked.context().at("component.versions"), "2");
  EXPECT_EQ(asked.context().at("component.resources"), "2");
  EXPECT_FALSE(asked_[0].request_id().empty());

  run = VerifyTop({"--public-key", key_});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("signature release"),
                             HasSubstr("reference ref-base"),
                             HasSubstr("Component   acme.org/base:1.0.0")));
  run = VerifyTop({"--public-key", key_, "-o", "json"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, HasSubstr("\"verified\": true"));
  EXPECT_EQ(VerifyTop({"--root", root_}).code, 9);
  EXPECT_EQ(VerifyTop({"--public-key", key_, "--signature", "no"}).code, 9);
  EXPECT_EQ(VerifyTop().code, 2);
}

TEST_F(ComponentCommandsTest, SignsATreeInOneRequest) {
  const TestRun run = SignTop({"--recursive", "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(asked_.size(), 1u);
  const SigningRequest& asked = asked_[0].signing_request();
  ASSERT_EQ(asked.digests_size(), 2);
  EXPECT_EQ(asked.digests(0).label(), "component acme.org/base:1.0.0");
  EXPECT_THAT(run.out, HasSubstr(kRequest));
  EXPECT_EQ(VerifyTop({"--public-key", key_, "--recursive"}).code, 0);
  // All that the CTF has, each by itself.
  EXPECT_EQ(
      console_.Run({"verify", "component-version", ctf_, "--public-key", key_})
          .code,
      0);
}

TEST_F(ComponentCommandsTest, AsksTheSameQuestionWithTheSameId) {
  EXPECT_EQ(SignTop({"--no-wait"}).code, 0);
  EXPECT_EQ(SignTop({"--no-wait"}).code, 0);
  EXPECT_EQ(SignTop({"--no-wait", "--signature", "other"}).code, 0);
  EXPECT_EQ(SignTop({"--no-wait", "--request-id", "mine"}).code, 0);
  ASSERT_GE(asked_.size(), 4u);
  EXPECT_EQ(asked_[0].request_id(), asked_[1].request_id());
  EXPECT_EQ(asked_.back().request_id(), "mine");
  EXPECT_EQ(VerifyTop({"--public-key", key_}).code, 9);  // nothing was written
}

TEST_F(ComponentCommandsTest, SaysHowToGoOnAfterAChange) {
  before_signing_ = [this] {
    // Somebody else signs meanwhile.
    before_signing_ = nullptr;
    EXPECT_EQ(SignTop({"--signature", "theirs"}).code, 0);
  };
  const TestRun run = SignTop({"--signature", "ours"});
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("COMPONENT_VERSION_CHANGED"), HasSubstr(kRequest),
                    HasSubstr("The same command writes them")));
  EXPECT_EQ(SignTop({"--signature", "ours"}).code, 0);
  EXPECT_EQ(VerifyTop({"--public-key", key_, "--signature", "ours",
                       "--signature", "theirs"})
                .code,
            0);
}

TEST_F(ComponentCommandsTest, RefusesANameThatIsThereBeforeItAsks) {
  EXPECT_EQ(SignTop().code, 0);
  const size_t before = asked_.size();
  const TestRun run = SignTop();
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("acme.org/top:1.0.0"), HasSubstr("\"default\""),
                    HasSubstr("--force"), HasSubstr("--signature NAME")));
  EXPECT_EQ(asked_.size(), before);
  EXPECT_EQ(SignTop({"--force"}).code, 0);
}

TEST_F(ComponentCommandsTest, ChecksTheCertificatesNameBeforeItAsks) {
  chain_ = CertificatePem({SharedChain().leaf, SharedChain().intermediate});
  TestRun run = SignTop({"--encoding", "pem"});
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err, AllOf(HasSubstr("\"release\""), HasSubstr("\"default\""),
                             HasSubstr("--any-certificate-name")));
  EXPECT_EQ(asked_.size(), 0u);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--signature", "release"},
        {"--signature", "CN=release"},
        {"--signature", "x", "--any-certificate-name", "--algorithm", "pss",
         "--hash", "sha512"}}) {
    std::vector<std::string> arguments = more;
    arguments.insert(arguments.end(), {"--encoding", "pem"});
    run = SignTop(arguments);
    EXPECT_EQ(run.code, 0) << run.err;
  }
  EXPECT_EQ(VerifyTop({"--public-key", key_}).code, 0);
}

TEST_F(ComponentCommandsTest, ShowsWhatWouldBeSigned) {
  const TestRun run = SignTop({"--dry-run", "--recursive"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.size(), 0u);
  const TestRun hash = console_.Run(
      {"hash", "component-version", top_, "--recursive", "-o", "json"});
  EXPECT_EQ(hash.code, 0) << hash.err;
  const TestRun bytes = console_.Run({"normalise", "component-version", top_});
  const std::string digest = base::HexEncode(base::Sha256(bytes.out));
  EXPECT_THAT(run.out, HasSubstr(digest));
  EXPECT_THAT(hash.out, HasSubstr(digest));
  EXPECT_THAT(bytes.out,
              AllOf(HasSubstr("{\"component\":{"),
                    HasSubstr("genericBlobDigest/v1"), Not(HasSubstr("\n"))));
}

TEST_F(ComponentCommandsTest, NormalisesADescriptorAsItStands) {
  const std::string file = File("cd.yaml", TestDescriptor("x", {}, {}));
  const TestRun run = console_.Run({"normalise", "component-descriptor", file});
  EXPECT_EQ(run.out,
            R"({"component":{"componentReferences":[],"name":"acme.org/x",)"
            R"("provider":{"name":"acme"},"resources":[],"sources":[],)"
            R"("version":"1.0.0"}})");
  EXPECT_THAT(console_
                  .Run({"normalise", "component-descriptor", file,
                        "--normalisation", "v1"})
                  .out,
              HasSubstr("[{\"component\":["));
}

TEST_F(ComponentCommandsTest, FindsABlobThatWasChanged) {
  EXPECT_EQ(SignTop({"--recursive"}).code, 0);
  const std::string name = Sha256Reference("b").substr(7);
  EXPECT_OK(base::WriteFileAtomically(
      absl::StrCat(ctf_, "/blobs/sha256.", name), "x"));
  const TestRun run = VerifyTop({"--public-key", key_});
  EXPECT_EQ(run.code, 9);
  EXPECT_THAT(run.out, HasSubstr("MISMATCH"));
  EXPECT_THAT(run.err, AllOf(HasSubstr("acme.org/base:1.0.0"),
                             HasSubstr("resource \"data\"")));
  EXPECT_THAT(VerifyTop({"--public-key", key_, "-o", "json"}).out,
              HasSubstr("\"verified\": false"));
}

// Nobody has to believe the server: what does not verify is not written.
TEST_F(ComponentCommandsTest, WritesNoSignatureThatTheKeyDoesNotVerify) {
  public_key_ = PublicKeyPem(MakeRsaKey().get());
  for (const char* encoding : {"hex", "pem"}) {
    const TestRun run =
        SignTop({"--encoding", encoding, "--any-certificate-name"});
    EXPECT_EQ(run.code, 9) << encoding;
    EXPECT_THAT(run.err, AllOf(HasSubstr("SIGNATURE_INVALID"),
                               HasSubstr("nothing was written")));
  }
  EXPECT_THAT(VerifyTop({"--public-key", key_}).err,
              HasSubstr("NO_SIGNATURES"));
}

TEST_F(ComponentCommandsTest, RefusesWhatCannotBeSigned) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--algorithm", "ed25519"},
        {"--algorithm", "ecdsa"},
        {"--hash", "sha384"},
        {"--encoding", "der"},
        {"--normalisation", "v9"},
        {"--lookup", absl::StrCat(ctf_, "//acme.org/top:1.0.0")},
        {"--signature", ""}}) {
    EXPECT_EQ(SignTop(more).code, 2) << more[0] << more[1];
  }
  EXPECT_EQ(asked_.size(), 0u);
  const TestRun run = console_.Run({"verify", "component-version",
                                    absl::StrCat(ctf_, "//acme.org/no:1.0.0"),
                                    "--public-key", key_});
  EXPECT_EQ(run.code, 7);
}

}  // namespace
}  // namespace countersign::client
