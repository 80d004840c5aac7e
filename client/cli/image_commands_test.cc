// Images, attestations and bundles through whole commands: a server in this
// process signs with a key of the test, registries are in memory.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "client/cli/test_console.h"
#include "client/oci/fake_registry.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/signature_check.h"
#include "client/sigstore/stored_signatures.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using v1::SigningRequest;

const char kOperation[] = "products/p/operations/o";

// The fake's repositories outlive it; commands own what they are given.
class Borrowed final : public OciRegistries {
 public:
  explicit Borrowed(FakeRegistries& fake) : fake_(fake) {}
  absl::StatusOr<std::unique_ptr<OciRepository>> Open(
      const ImageReference& reference) override {
    return fake_.Open(reference);
  }

 private:
  FakeRegistries& fake_;
};

class ImageCommandsTest : public testing::Test {
 protected:
  ImageCommandsTest() : key_(MakeEcKey()) {
    console_.Registries([this] { return std::make_unique<Borrowed>(fake_); });
    repository_ =
        fake_.Open(ParseImageReference("registry.example/app").value()).value();
    console_.answers().get_key = [this](const v1::GetKeyVersionRequest&,
                                        v1::KeyVersion* answer) {
      *answer = Key();
      return grpc::Status::OK;
    };
    console_.answers().create =
        [this](const v1::CreateSigningRequestRequest& request,
               SigningRequest* answer) {
          asked_ = request.signing_request();
          *answer = Answer(request);
          return grpc::Status::OK;
        };
  }

  v1::KeyVersion Key() {
    v1::KeyVersion key;
    key.set_name(absl::StrCat(kOperation, "/keyVersions/1"));
    key.set_key_type(v1::EC_P256);
    key.set_public_key_pem(PublicKeyPem(key_.get()));
    key.set_spki_sha256(base::Sha256Hex(base::SpkiDer(key_.get()).value()));
    key.set_certificate_chain_pem(chain_pem_);
    return key;
  }

  // The same id has the same request, as at the server.
  SigningRequest Answer(const v1::CreateSigningRequestRequest& request) {
    const auto found = made_.find(request.request_id());
    if (found != made_.end()) return found->second;
    SigningRequest answer = request.signing_request();
    answer.set_name(
        absl::StrCat(kOperation, "/signingRequests/r", made_.size()));
    answer.set_state(SigningRequest::SIGNED);
    answer.set_key_version(Key().name());
    answer.set_key_spki_sha256(Key().spki_sha256());
    answer.mutable_update_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    for (const v1::LabelledDigest& digest : answer.digests()) {
      v1::Signature* signature = answer.add_signatures();
      signature->set_value(
          SignDigest(signer_ == nullptr ? key_.get() : signer_.get(), Scheme(),
                     HashAlgorithm::kSha256, digest.value()));
      signature->set_crc32c(base::Crc32c(signature->value()));
    }
    made_[request.request_id()] = answer;
    return answer;
  }
  base::SignatureScheme Scheme() const {
    return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC
               ? base::SignatureScheme::kEcdsa
               : base::SignatureScheme::kRsaPkcs1;
  }

  // An image under the tag, told apart by `name`.
  std::string Image(const std::string& tag, const std::string& name = "") {
    const std::string bytes = absl::StrCat(
        "{\"schemaVersion\":2,\"layers\":[],\"annotations\":{\"n\":\"", name,
        "\"}}");
    EXPECT_OK(
        repository_->PutManifest(tag, std::string(kOciManifestType), bytes)
            .status());
    return OciDigestOf(bytes);
  }
  std::string Exact(const std::string& digest) {
    return absl::StrCat("registry.example/app@", digest);
  }

  TestRun Sign(const std::string& image, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"sign", "image", image, "-p", "p/o"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return console_.Run(arguments);
  }
  TestRun Verify(const std::string& image, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"verify", "image", image};
    if (more.empty()) more = {"--public-key", PublicKey()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return console_.Run(arguments);
  }

  static std::string Path(const std::string& name) {
    return testing::TempDir() + "/" + name;
  }
  static std::string File(const std::string& name, const std::string& text) {
    EXPECT_OK(base::WriteFileAtomically(Path(name), text));
    return Path(name);
  }
  std::string PublicKey() { return File("key.pem", PublicKeyPem(key_.get())); }
  static std::string Read(const std::string& name) {
    return base::ReadFile(Path(name), 1 << 20).value();
  }
  size_t Signatures(const std::string& digest) {
    return ReadSimpleSignatures(*repository_, digest).value().size();
  }
  size_t Bundles(const std::string& digest) {
    return ReadBundles(*repository_, digest).value().size();
  }

  TestConsole console_;
  FakeRegistries fake_;
  std::unique_ptr<OciRepository> repository_;
  base::EvpPkeyPtr key_;
  base::EvpPkeyPtr signer_;  // nullptr: key_
  std::string chain_pem_;
  SigningRequest asked_;
  std::map<std::string, SigningRequest> made_;
};

TEST_F(ImageCommandsTest, SignsAnImageAndVerifiesIt) {
  const std::string digest = Image("v1");
  const TestRun run = Sign(Exact(digest));
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, Exact(digest) + "\n");
  EXPECT_EQ(asked_.digests_size(), 1);
  EXPECT_EQ(asked_.hash_algorithm(), v1::SHA256);
  EXPECT_EQ(asked_.signature_algorithm(), v1::ECDSA);
  EXPECT_EQ(asked_.context().at("image.digest"), digest);
  EXPECT_EQ(asked_.context().at("image.reference"), Exact(digest));
  EXPECT_THAT(asked_.description(), HasSubstr(Exact(digest)));
  EXPECT_EQ(asked_.digests(0).label(), "app@" + digest);
  EXPECT_EQ(Signatures(digest), 1);
  EXPECT_EQ(Bundles(digest), 0);
  const TestRun verified = Verify("registry.example/app:v1");
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, AllOf(HasSubstr(digest), HasSubstr(": good")));
}

TEST_F(ImageCommandsTest, TheSameCommandAgainFindsItsRequest) {
  const std::string digest = Image("v1");
  EXPECT_EQ(Sign(Exact(digest), {"--bundle"}).code, 0);
  EXPECT_EQ(Sign(Exact(digest), {"--bundle"}).code, 0);
  EXPECT_EQ(made_.size(), 1);
  EXPECT_EQ(Signatures(digest), 1);
  EXPECT_EQ(Bundles(digest), 1);
}

TEST_F(ImageCommandsTest, RefusesATagAndShowsWhatItNames) {
  const std::string digest = Image("v1");
  const TestRun run = Sign("registry.example/app:v1");
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr(digest), HasSubstr("--allow-tag")));
  EXPECT_TRUE(made_.empty());
  const TestRun allowed = Sign("registry.example/app:v1", {"--allow-tag"});
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(allowed.err, HasSubstr("names " + digest + " now"));
}

TEST_F(ImageCommandsTest, WritesBothFormatsInOneRequest) {
  const std::string digest = Image("v1");
  const TestRun run =
      Sign(Exact(digest), {"--bundle", "-a", "env=prod", "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.digests_size(), 2);
  EXPECT_EQ(asked_.context().at("annotation.env"), "prod");
  const auto json = base::ParseJson(run.out);
  ASSERT_OK(json.status());
  EXPECT_THAT(run.out, AllOf(HasSubstr("\"bundle\": \"sha256:"),
                             HasSubstr("keyVersions/1")));
  EXPECT_EQ(Signatures(digest), 1);
  EXPECT_EQ(Bundles(digest), 1);
  const std::vector<std::string> with_key = {"--public-key", PublicKey()};
  const TestRun good =
      Verify(Exact(digest), {"--public-key", PublicKey(), "-a", "env=prod"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, AllOf(HasSubstr("signature sha256:"),
                              HasSubstr("bundle sha256:")));
  const TestRun bad =
      Verify(Exact(digest), {"--public-key", PublicKey(), "-a", "env=test"});
  EXPECT_EQ(bad.code, 9);
  EXPECT_THAT(bad.err, HasSubstr("annotation \"env\" is \"prod\""));
}

TEST_F(ImageCommandsTest, WritesABundleUnaskedWhereTheImageHasOne) {
  const std::string digest = Image("v1");
  const std::string predicate = File("p.json", "{\"x\":1}");
  EXPECT_EQ(console_
                .Run({"sign", "attestation", Exact(digest), "--predicate",
                      predicate, "--type", "slsaprovenance1", "-p", "p/o"})
                .code,
            0);
  EXPECT_EQ(Bundles(digest), 1);
  const TestRun run = Sign(Exact(digest));
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("a bundle is written too"));
  EXPECT_EQ(Bundles(digest), 2);
}

TEST_F(ImageCommandsTest, SignsAnIndexWithAllItsImagesInOneRequest) {
  const std::string a = Image("a", "a");
  const std::string b = Image("b", "b");
  const auto entry = [](const std::string& digest, const char* arch) {
    return absl::StrCat("{\"mediaType\":\"", kOciManifestType,
                        "\",\"size\":1,\"digest\":\"", digest,
                        "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"",
                        arch, "\"}}");
  };
  const std::string index =
      absl::StrCat("{\"schemaVersion\":2,\"manifests\":[", entry(a, "amd64"),
                   ",", entry(b, "arm64"), "]}");
  ASSERT_OK(repository_->PutManifest("multi", std::string(kOciIndexType), index)
                .status());
  const std::string digest = OciDigestOf(index);
  const TestRun run = Sign(Exact(digest), {"--recursive"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(made_.size(), 1);
  EXPECT_EQ(asked_.digests_size(), 3);
  EXPECT_THAT(asked_.digests(2).label(), HasSubstr("linux/arm64"));
  for (const std::string& one : {digest, a, b}) {
    EXPECT_EQ(Verify(Exact(one)).code, 0) << one;
  }
}

TEST_F(ImageCommandsTest, WritesPayloadAndSignatureForCosignAttach) {
  // The registry is not asked.
  fake_.Fail("GetManifest", absl::UnavailableError("away"));
  const std::string image = Exact("sha256:" + std::string(64, 'a'));
  EXPECT_EQ(
      console_
          .Run({"sign", "image", image, "--payload-only", Path("payload.json")})
          .code,
      0);
  EXPECT_TRUE(made_.empty());
  const std::string payload = Read("payload.json");
  EXPECT_THAT(payload, AllOf(testing::StartsWith("{\"critical\""),
                             testing::EndsWith("\"optional\":null}")));
  const TestRun run =
      Sign(image, {"--payload-only", Path("again.json"), "--output-signature",
                   Path("signature.b64")});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(Read("again.json"), payload);
  SigstoreTrust trust;
  trust.spki_der = base::SpkiDer(key_.get()).value();
  const auto signature = base::Base64Decode(Read("signature.b64"));
  ASSERT_OK(signature.status());  // strict: no newline
  EXPECT_OK(CheckSigstoreSignature(payload, *signature, {}, trust));
  EXPECT_EQ(Sign(image, {"--payload-only", Path("x"), "--bundle"}).code, 2);
}

TEST_F(ImageCommandsTest, DryRunShowsWhatWouldBeSigned) {
  const std::string digest = Image("v1");
  const TestRun run =
      console_.Run({"sign", "image", Exact(digest), "--dry-run", "--bundle"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("cosign container image signature"),
                             HasSubstr("https://sigstore.dev/cosign/sign/v1")));
  EXPECT_TRUE(made_.empty());
  EXPECT_EQ(console_.Run({"sign", "image", Exact(digest)}).code, 2);
}

TEST_F(ImageCommandsTest, PutsTheCertificateBesideTheSignature) {
  const TestChain& chain = SharedChain();
  key_.reset(chain.leaf_key.get());
  ASSERT_EQ(EVP_PKEY_up_ref(key_.get()), 1);
  chain_pem_ = CertificatePem({chain.leaf, chain.intermediate, chain.root});
  const std::string digest = Image("v1");
  const TestRun run = Sign(Exact(digest), {"--bundle"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.signature_algorithm(), v1::RSASSA_PKCS1_V1_5);
  EXPECT_THAT(run.err, HasSubstr("cosign wants a URI"));
  const auto stored = ReadSimpleSignatures(*repository_, digest);
  EXPECT_EQ((*stored)[0].layer.certificate_pem, CertificatePem({chain.leaf}));
  EXPECT_EQ((*stored)[0].layer.chain_pem,
            CertificatePem({chain.intermediate, chain.root}));
  const auto bundle =
      ParseBundle(ReadBundles(*repository_, digest).value()[0].octets.value());
  ASSERT_OK(bundle.status());
  EXPECT_EQ(bundle->certificates(), std::vector<std::string>{chain.leaf});
}

TEST_F(ImageCommandsTest, ReleasesNothingThatTheKeyDoesNotVerify) {
  signer_ = MakeEcKey();
  const std::string digest = Image("v1");
  const TestRun run = Sign(Exact(digest));
  EXPECT_EQ(run.code, 9);
  EXPECT_THAT(run.err, HasSubstr("was thrown away"));
  EXPECT_EQ(Signatures(digest), 0);
}

TEST_F(ImageCommandsTest, RefusesKeysThatNoVerifierTakes) {
  const std::string digest = Image("v1");
  EXPECT_EQ(Sign(Exact(digest), {"--algorithm", "pss"}).code, 2);
  key_ = MakeRsaKey(1024);
  const TestRun run = Sign(Exact(digest));
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("1024 bits"));
  EXPECT_TRUE(made_.empty());
}

TEST_F(ImageCommandsTest, SaysThatSha256MustBeAllowed) {
  console_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                 SigningRequest*) {
    base::ErrorDetails details;
    details.reason = "HASH_NOT_ALLOWED";
    return WireError(base::MakeError(absl::StatusCode::kInvalidArgument,
                                     "hash SHA-256 is not allowed", details));
  };
  const TestRun run = Sign(Exact(Image("v1")));
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("allowedHashes"));
}

TEST_F(ImageCommandsTest, PrintsTheRequestWithoutWaiting) {
  const std::string digest = Image("v1");
  const TestRun run = Sign(Exact(digest), {"--no-wait"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, absl::StrCat(kOperation, "/signingRequests/r0\n"));
  EXPECT_EQ(Signatures(digest), 0);
  // Later the same command finishes.
  EXPECT_EQ(Sign(Exact(digest)).code, 0);
  EXPECT_EQ(made_.size(), 1);
  EXPECT_EQ(Signatures(digest), 1);
}

TEST_F(ImageCommandsTest, SaysWhyAnImageIsNotVerified) {
  const std::string digest = Image("v1");
  const TestRun none = Verify(Exact(digest));
  EXPECT_EQ(none.code, 9);
  EXPECT_THAT(none.err, HasSubstr("is not signed"));
  EXPECT_EQ(Sign(Exact(digest)).code, 0);
  const TestRun other = Verify(
      Exact(digest),
      {"--public-key", File("other.pem", PublicKeyPem(MakeEcKey().get()))});
  EXPECT_EQ(other.code, 9);
  EXPECT_THAT(other.err, HasSubstr("the signature is not good"));
  EXPECT_EQ(Verify("registry.example/app:v2").code, 7);
  EXPECT_EQ(console_.Run({"verify", "image", Exact(digest)}).code, 2);
  EXPECT_EQ(Verify(Exact(digest),
                   {"--public-key", PublicKey(), "--identity", "https://x"})
                .code,
            2);
}

// What was signed for one image is no signature of another.
TEST_F(ImageCommandsTest, RefusesASignatureThatWasMoved) {
  const std::string one = Image("one", "1");
  const std::string two = Image("two", "2");
  EXPECT_EQ(Sign(Exact(one)).code, 0);
  const auto manifest = repository_->GetManifest(SignatureTag(one));
  ASSERT_OK(repository_
                ->PutManifest(SignatureTag(two), manifest->media_type,
                              manifest->bytes)
                .status());
  const TestRun run = Verify(Exact(two));
  EXPECT_EQ(run.code, 9);
  EXPECT_THAT(run.err, HasSubstr("it is a signature of " + one));
}

TEST_F(ImageCommandsTest, PassesTheRegistrysErrorsOn) {
  fake_.Fail("GetManifest",
             base::MakeError(absl::StatusCode::kUnauthenticated,
                             "registry.example wants a login",
                             {"REGISTRY_LOGIN_NEEDED", {}, {}, {}, {}}));
  const TestRun run = Sign(Exact("sha256:" + std::string(64, 'a')));
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("wants a login"));
}

TEST_F(ImageCommandsTest, AttestsAnImage) {
  const std::string digest = Image("v1");
  const std::string predicate = File("p.json", "{\n  \"x\": 1\n}\n");
  const TestRun run =
      console_.Run({"sign", "attestation", Exact(digest), "--predicate",
                    predicate, "--type", "cyclonedx", "-p", "p/o"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.context().at("attestation.predicate-type"),
            "https://cyclonedx.org/bom");
  EXPECT_EQ(asked_.context().at("attestation.subject-digest"), digest);
  EXPECT_EQ(asked_.context().at("attestation.predicate-digest"),
            OciDigestOf("{\n  \"x\": 1\n}\n"));
  const std::vector<std::string> verify = {
      "verify", "attestation", Exact(digest), "--public-key", PublicKey()};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), verify.begin(), verify.end());
    return console_.Run(more);
  };
  EXPECT_EQ(with({}).code, 0) << with({}).err;
  EXPECT_EQ(with({"--type", "cyclonedx", "-O", Path("statement.json")}).code,
            0);
  EXPECT_THAT(Read("statement.json"), HasSubstr("\"predicate\":{\n  \"x\": 1"));
  EXPECT_EQ(with({"--type", "spdxjson"}).code, 9);
  // It is no signature of the image.
  const TestRun image = Verify(Exact(digest));
  EXPECT_EQ(image.code, 9);
  EXPECT_THAT(image.err, HasSubstr("not a signature of the image"));
}

TEST_F(ImageCommandsTest, AttestsAFile) {
  const std::string file = File("firmware.bin", "octets");
  const std::string predicate = File("p.json", "{}");
  const std::vector<std::string> sign = {"sign",
                                         "attestation",
                                         file,
                                         "--predicate",
                                         predicate,
                                         "--type",
                                         "https://example.test/p",
                                         "-p",
                                         "p/o"};
  EXPECT_EQ(console_.Run(sign).code, 2);  // where to?
  std::vector<std::string> with_bundle = sign;
  with_bundle.insert(with_bundle.end(), {"--bundle", Path("a.sigstore.json")});
  const TestRun run = console_.Run(with_bundle);
  EXPECT_EQ(run.code, 0) << run.err;
  const std::vector<std::string> verify = {
      "verify",       "attestation", file, "--bundle", Path("a.sigstore.json"),
      "--public-key", PublicKey()};
  EXPECT_EQ(console_.Run(verify).code, 0);
  EXPECT_EQ(console_
                .Run({"verify", "blob", file, "--bundle",
                      Path("a.sigstore.json"), "--public-key", PublicKey()})
                .code,
            0);
  File("firmware.bin", "other");
  const TestRun other = console_.Run(verify);
  EXPECT_EQ(other.code, 9);
  EXPECT_THAT(other.err, HasSubstr("it is a signature of sha256:"));
}

TEST_F(ImageCommandsTest, RefusesPredicatesAndTypesThatAreWrong) {
  const std::string digest = Image("v1");
  const auto attest = [&](const std::string& predicate,
                          const std::string& type) {
    return console_.Run({"sign", "attestation", Exact(digest), "--predicate",
                         File("wrong.json", predicate), "--type", type, "-p",
                         "p/o"});
  };
  EXPECT_EQ(attest("[]", "cyclonedx").code, 2);
  EXPECT_EQ(attest("{}", "cyclon").code, 2);
  EXPECT_EQ(attest("{}", "https://sigstore.dev/cosign/sign/v1").code, 2);
  EXPECT_TRUE(made_.empty());
}

TEST_F(ImageCommandsTest, SignsABlobIntoABundle) {
  const std::string file = File("firmware.bin", "octets");
  const TestRun run =
      console_.Run({"sign", "blob", file, "-p", "p/o", "--bundle",
                    Path("b.sigstore.json"), "-O", Path("b.b64")});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto bundle = ParseBundle(Read("b.sigstore.json"));
  ASSERT_OK(bundle.status());
  EXPECT_EQ(std::get<MessageSignature>(bundle->content).digest,
            base::Sha256("octets"));
  EXPECT_EQ(Read("b.b64"), base::Base64Encode(bundle->signature()));
  const auto verify = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"verify", "blob", file};
    all.insert(all.end(), more.begin(), more.end());
    return console_.Run(all);
  };
  EXPECT_EQ(
      verify({"--bundle", Path("b.sigstore.json"), "--public-key", PublicKey()})
          .code,
      0);
  EXPECT_EQ(
      verify({"--signature", Path("b.b64"), "--public-key", PublicKey()}).code,
      0);
  EXPECT_EQ(verify({"--public-key", PublicKey()}).code, 2);
  File("firmware.bin", "other");
  const TestRun other = verify(
      {"--bundle", Path("b.sigstore.json"), "--public-key", PublicKey()});
  EXPECT_EQ(other.code, 9);
  EXPECT_THAT(other.err, HasSubstr("the bundle is of another file"));
}

TEST_F(ImageCommandsTest, RefusesBundlesThatCosignWouldNotTake) {
  const std::string file = File("firmware.bin", "octets");
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--hash", "sha512"},
        {"--format", "pem"},
        {"--ecdsa-form", "fixed-width"},
        {file}}) {
    std::vector<std::string> all = {
        "sign", "blob", file, "-p", "p/o", "--bundle", Path("x.sigstore.json")};
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(console_.Run(all).code, 2) << more[0];
  }
  EXPECT_TRUE(made_.empty());
}

TEST_F(ImageCommandsTest, TakesADigestInBase64AndGivesTheSignatureSo) {
  const std::string digest = base::Base64Encode(base::Sha256("payload"));
  const TestRun run = console_.Run(
      {"sign", "digest", digest, "-p", "p/o", "-O", Path("signature.b64")});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto signature = base::Base64Decode(Read("signature.b64"));
  ASSERT_OK(signature.status());
  SigstoreTrust trust;
  trust.spki_der = base::SpkiDer(key_.get()).value();
  EXPECT_OK(CheckSigstoreSignature("payload", *signature, {}, trust));
}

}  // namespace
}  // namespace countersign::client
