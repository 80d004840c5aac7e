// Signing with Ed25519, and the forms of ECDSA, against a server in this
// process.
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "client/cli/test_console.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using v1::SigningRequest;

const std::string kDigest(64, 'a');  // hexadecimal

class SignMessageTest : public testing::Test {
 protected:
  SignMessageTest() {
    console_.answers().create =
        [this](const v1::CreateSigningRequestRequest& request,
               SigningRequest* answer) {
          ++creations_;
          asked_ = request.signing_request();
          *answer = asked_;
          answer->set_name("products/p/operations/o/signingRequests/r");
          answer->set_state(SigningRequest::SIGNED);
          for (int i = 0; i < asked_.digests_size(); ++i) {
            v1::Signature* signature = answer->add_signatures();
            signature->set_value("sig");
            signature->set_crc32c(base::Crc32c("sig"));
            signature->set_token("east");
          }
          return grpc::Status::OK;
        };
  }

  void HaveKey(v1::KeyType type) {
    console_.answers().get_key = [type](const v1::GetKeyVersionRequest& request,
                                        v1::KeyVersion* answer) {
      EXPECT_EQ(request.name(), "products/p/operations/o");
      answer->set_key_type(type);
      return grpc::Status::OK;
    };
  }

  TestRun Blob(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"sign", "blob", file, "-p", "p/o"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return console_.Run(arguments);
  }

  std::string File(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/" + name;
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }

  TestConsole console_;
  SigningRequest asked_;
  int creations_ = 0;
};

void ExpectMessage(const SigningRequest& asked, const std::string& message) {
  EXPECT_EQ(asked.hash_algorithm(), v1::UNHASHED);
  EXPECT_EQ(asked.signature_algorithm(), v1::ED25519);
  ASSERT_EQ(asked.digests_size(), 1);
  EXPECT_EQ(asked.digests(0).message(), message);
  EXPECT_EQ(asked.digests(0).value(), "");
  EXPECT_EQ(asked.digests(0).crc32c(), base::Crc32c(message));
}

TEST_F(SignMessageTest, SendsTheMessageWhereTheAlgorithmIsNamed) {
  // The server is not asked for the key.
  const TestRun run =
      Blob(File("message", "hello\n"), {"--algorithm", "ed25519"});
  EXPECT_EQ(run.code, 0) << run.err;
  ExpectMessage(asked_, "hello\n");
  EXPECT_EQ(asked_.digests(0).label(), "message (6 octets)");
}

TEST_F(SignMessageTest, SendsTheMessageWhereTheOperationHasSuchAKey) {
  HaveKey(v1::EC_EDWARDS25519);
  EXPECT_EQ(Blob(File("message", "hello\n")).code, 0);
  ExpectMessage(asked_, "hello\n");
}

TEST_F(SignMessageTest, TakesTheMessageFromStandardInput) {
  HaveKey(v1::EC_EDWARDS25519);
  console_.Input("typed");
  EXPECT_EQ(Blob("-").code, 0);
  ExpectMessage(asked_, "typed");
  EXPECT_EQ(asked_.digests(0).label(), "standard input (5 octets)");
}

TEST_F(SignMessageTest, SendsADigestForEveryOtherKey) {
  HaveKey(v1::EC_P256);
  EXPECT_EQ(Blob(File("message", "hello")).code, 0);
  EXPECT_EQ(asked_.hash_algorithm(), v1::SHA256);
  EXPECT_EQ(asked_.digests(0).value(), base::Sha256("hello"));
  EXPECT_EQ(asked_.digests(0).message(), "");
}

TEST_F(SignMessageTest, SendsADigestWhereTheServerDoesNotTell) {
  EXPECT_EQ(Blob(File("message", "hello")).code, 0);
  EXPECT_EQ(asked_.hash_algorithm(), v1::SHA256);
}

TEST_F(SignMessageTest, TakesWhatIsShortEnoughOnly) {
  const std::vector<std::string> ed = {"--algorithm", "ed25519"};
  EXPECT_EQ(Blob(File("m", std::string(4096, 'x')), ed).code, 0);
  EXPECT_EQ(creations_, 1);
  const TestRun run = Blob(File("m", std::string(4097, 'x')), ed);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("4096"), HasSubstr("ECDSA or RSA"),
                             HasSubstr("sha256sum")));
  console_.Input(std::string(4097, 'x'));
  EXPECT_EQ(Blob("-", ed).code, 2);
  EXPECT_EQ(Blob(File("m", ""), ed).code, 2);
  EXPECT_EQ(
      Blob(File("m", "x"), {"--algorithm", "ed25519", "--hash", "sha256"}).code,
      2);
  EXPECT_EQ(creations_, 1);
}

TEST_F(SignMessageTest, SignsNoDigestWithEd25519) {
  HaveKey(v1::EC_EDWARDS25519);
  for (const std::vector<std::string>& command : {std::vector<std::string>{
           "sign", "digest", kDigest, "-p", "p/o", "--algorithm", "ed25519"}}) {
    const TestRun run = console_.Run(command);
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.err, HasSubstr("countersign sign blob FILE"));
  }
  EXPECT_EQ(creations_, 0);
}

TEST_F(SignMessageTest, ExplainsWhyTheServerRefusedADigest) {
  HaveKey(v1::EC_EDWARDS25519);
  console_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                 SigningRequest*) {
    return WireError(absl::InvalidArgumentError("hash SHA-256 is not allowed"));
  };
  const TestRun run = console_.Run({"sign", "digest", kDigest, "-p", "p/o"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("ED25519 signs messages, not digests"));
  HaveKey(v1::EC_P256);
  EXPECT_THAT(console_.Run({"sign", "digest", kDigest, "-p", "p/o"}).err,
              HasSubstr("hash SHA-256 is not allowed"));
}

TEST_F(SignMessageTest, AsksForTheFormOfEcdsa) {
  const TestRun run =
      console_.Run({"sign", "digest", kDigest, "-p", "p/o", "--ecdsa-form",
                    "fixed-width", "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.ecdsa_form(), v1::FIXED_WIDTH);
  EXPECT_THAT(run.out, HasSubstr("\"token\": \"east\""));
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--ecdsa-form", "raw"},
        {"--ecdsa-form", "der", "--algorithm", "pss"},
        {"--ecdsa-form", "fixed-width", "--algorithm", "ed25519"},
        {"--ecdsa-form", "fixed-width", "--format", "pem"}}) {
    EXPECT_EQ(Blob(File("m", "x"), more).code, 2) << more[1];
  }
  EXPECT_EQ(creations_, 1);
}

}  // namespace
}  // namespace countersign::client
