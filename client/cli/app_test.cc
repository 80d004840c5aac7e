// Whole commands against a server in this process: what people and scripts see.
#include "client/cli/app.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "client/api/client_error.h"
#include "client/artifact/public_key.h"
#include "client/artifact/test_certificates.h"
#include "client/cli/test_console.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using v1::SigningRequest;

const std::string kName =
    "products/p/operations/o/signingRequests/"
    "019505a1-7c3e-7000-8000-5f2d8a6b9c01";
const std::string kDigest(64, 'a');  // hexadecimal

SigningRequest Request(SigningRequest::State state, int64_t revision = 1) {
  SigningRequest request;
  request.set_name(kName);
  request.set_state(state);
  request.set_revision(revision);
  request.set_etag("e1");
  request.set_hash_algorithm(v1::SHA256);
  request.set_signature_algorithm(v1::ECDSA);
  request.mutable_requester()->set_subject("email:ci@example.org");
  request.mutable_approval_rule()->add_approval_groups("release");
  v1::LabelledDigest* digest = request.add_digests();
  digest->set_value(std::string(32, '\xaa'));
  digest->set_crc32c(base::Crc32c(digest->value()));
  if (state == SigningRequest::SIGNED) {
    v1::Signature* signature = request.add_signatures();
    signature->set_value("0sig");
    signature->set_crc32c(base::Crc32c("0sig"));
  }
  if (state == SigningRequest::REJECTED) {
    v1::Decision* decision = request.add_decisions();
    decision->set_kind(v1::Decision::REJECTION);
    decision->mutable_approver()->set_subject("email:bob@example.org");
    decision->set_reason("wrong branch\x1b[2J");
  }
  return request;
}

class AppTest : public testing::Test {
 protected:
  // Every creation answers `state`, about what was asked.
  void AnswerCreate(SigningRequest::State state) {
    console_.answers().create =
        [this, state](const v1::CreateSigningRequestRequest& request,
                      SigningRequest* answer) {
          asked_ = request;
          *answer = Request(state);
          *answer->mutable_digests() = request.signing_request().digests();
          answer->set_hash_algorithm(
              request.signing_request().hash_algorithm());
          while (state == SigningRequest::SIGNED &&
                 answer->signatures_size() < answer->digests_size()) {
            *answer->add_signatures() = answer->signatures(0);
          }
          return grpc::Status::OK;
        };
  }
  void AnswerWatch(SigningRequest::State state) {
    console_.answers().watch = [state](
                                   const v1::WatchSigningRequestRequest&,
                                   grpc::ServerWriter<SigningRequest>* writer,
                                   const std::function<bool()>&) {
      writer->Write(Request(SigningRequest::PENDING_APPROVAL));
      writer->Write(Request(state, 2));
      return grpc::Status::OK;
    };
  }
  void AnswerGet(SigningRequest::State state) {
    console_.answers().get = [state](const v1::GetSigningRequestRequest&,
                                     SigningRequest* answer) {
      *answer = Request(state);
      return grpc::Status::OK;
    };
  }

  TestRun Run(const std::vector<std::string>& arguments) {
    return console_.Run(arguments);
  }

  std::string File(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/" + name;
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }

  TestConsole console_;
  std::string signature_;  // of the answer, where a test sets it
  v1::CreateSigningRequestRequest asked_;
};

TEST_F(AppTest, SignsADigestAtOnce) {
  AnswerCreate(SigningRequest::SIGNED);
  const TestRun run =
      Run({"sign", "digest", kDigest, "-p", "p/o", "--label", "image:1",
           "--description", "nightly", "--context", "build=42"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, base::Base64Encode("0sig") + "\n");
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_EQ(asked_.parent(), "products/p/operations/o");
  EXPECT_EQ(asked_.signing_request().hash_algorithm(), v1::SHA256);
  EXPECT_EQ(asked_.signing_request().digests(0).label(), "image:1");
  EXPECT_EQ(asked_.signing_request().context().at("build"), "42");
  EXPECT_FALSE(asked_.request_id().empty());
}

TEST_F(AppTest, SignsSeveralDigestsAsOneRequest) {
  AnswerCreate(SigningRequest::SIGNED);
  const TestRun run = Run({"sign", "digest", kDigest, std::string(64, 'b'),
                           "-p", "p/o", "--label", "a", "--label", "b"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(asked_.signing_request().digests_size(), 2);
  EXPECT_EQ(asked_.signing_request().digests(1).label(), "b");
  EXPECT_EQ(run.out, "MHNpZw==\nMHNpZw==\n");
}

TEST_F(AppTest, SignsABlobIntoAFile) {
  AnswerCreate(SigningRequest::SIGNED);
  // Named like a command, which must not matter.
  const std::string file = File("blob", "hello");
  const std::string target = testing::TempDir() + "/blob.sig";
  const TestRun run = Run({"sign", "blob", file, "-p", "p/o", "-O", target});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(base::ReadFile(target), base::IsOkAndHolds(std::string("0sig")));
  EXPECT_EQ(base::HexEncode(asked_.signing_request().digests(0).value()),
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(asked_.signing_request().digests(0).label(), "blob (5 octets)");
}

TEST_F(AppTest, WaitsAndSaysForWhom) {
  AnswerCreate(SigningRequest::PENDING_APPROVAL);
  AnswerWatch(SigningRequest::SIGNED);
  const TestRun run = Run({"sign", "digest", kDigest, "-p", "p/o"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "MHNpZw==\n");
  EXPECT_THAT(run.err, AllOf(HasSubstr("countersign approve " + kName),
                             HasSubstr("countersign request wait " + kName),
                             HasSubstr("0 of 1 agreed"),
                             HasSubstr("more of release must")));
}

TEST_F(AppTest, TellsWhoRejectedItAndWhy) {
  AnswerCreate(SigningRequest::PENDING_APPROVAL);
  AnswerWatch(SigningRequest::REJECTED);
  const TestRun run = Run({"sign", "digest", kDigest, "-p", "p/o"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("email:bob@example.org"),
                    HasSubstr("wrong branch\\x1b[2J"), Not(HasSubstr("\x1b"))));
}

TEST_F(AppTest, PrintsTheNameWithoutWaiting) {
  AnswerCreate(SigningRequest::PENDING_APPROVAL);
  const TestRun run =
      Run({"sign", "digest", kDigest, "-p", "p/o", "--no-wait"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, kName + "\n");
}

// A server that never decides.
void WatchForEver(TestConsole& console, const std::function<void()>& written) {
  console.answers().watch = [written](
                                const v1::WatchSigningRequestRequest&,
                                grpc::ServerWriter<SigningRequest>* writer,
                                const std::function<bool()>& cancelled) {
    writer->Write(Request(SigningRequest::PENDING_APPROVAL));
    written();
    while (!cancelled()) base::SleepFor(absl::Milliseconds(5));
    return grpc::Status::CANCELLED;
  };
}

TEST_F(AppTest, CtrlCLeavesTheRequestStandingAndSaysHowToPickItUp) {
  AnswerCreate(SigningRequest::PENDING_APPROVAL);
  WatchForEver(console_, [this] { console_.Interrupt(); });
  const TestRun run = Run({"sign", "digest", kDigest, "-p", "p/o"});
  EXPECT_EQ(run.code, 130);
  EXPECT_THAT(run.err, AllOf(HasSubstr("the request stands"),
                             HasSubstr("countersign request wait " + kName)));
}

TEST_F(AppTest, EndsAWaitAtItsDeadlineWithPending) {
  AnswerCreate(SigningRequest::PENDING_APPROVAL);
  WatchForEver(console_, [] {});
  const TestRun run =
      Run({"sign", "digest", kDigest, "-p", "p/o", "--wait", "200ms"});
  EXPECT_EQ(run.code, 5);
  EXPECT_THAT(run.err, HasSubstr("countersign request wait " + kName));
}

TEST_F(AppTest, WaitsForATokenThatIsAway) {
  console_.answers().create = [](const v1::CreateSigningRequestRequest&,
                                 SigningRequest*) {
    base::ErrorDetails details =
        Because("SIGNER_UNAVAILABLE", {{"resource", kName}});
    details.retry_delay = absl::Seconds(5);
    return WireError(base::MakeError(absl::StatusCode::kUnavailable,
                                     "the signing token is away", details));
  };
  AnswerGet(SigningRequest::APPROVED);
  AnswerWatch(SigningRequest::SIGNED);
  const TestRun run = Run({"sign", "digest", kDigest, "-p", "p/o"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "MHNpZw==\n");
}

TEST_F(AppTest, WritesErrorsAsJson) {
  console_.answers().get = [](const v1::GetSigningRequestRequest&,
                              SigningRequest*) {
    base::ErrorDetails details = Because("BAD_REQUEST", {{"resource", "r"}},
                                         {{"name", "must be a name"}});
    return WireError(base::MakeError(absl::StatusCode::kInvalidArgument,
                                     "one field is wrong", details));
  };
  const TestRun run = Run({"request", "show", kName, "-o", "json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.out, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(run.err));
  const base::Json* error = json.Find("error");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->Find("code")->string(), "INVALID_ARGUMENT");
  EXPECT_EQ(error->Find("reason")->string(), "BAD_REQUEST");
  EXPECT_EQ(error->Find("message")->string(), "one field is wrong");
  EXPECT_EQ(error->Find("exitCode")->number(), 2);
  EXPECT_EQ(error->Find("metadata")->Find("resource")->string(), "r");
  EXPECT_EQ(error->Find("fieldViolations")->array()[0].Find("field")->string(),
            "name");
}

TEST_F(AppTest, WritesUsageErrorsAsJsonToo) {
  const TestRun run = Run({"request", "show", "-o", "json"});
  EXPECT_EQ(run.code, 2);
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(run.err));
  EXPECT_EQ(json.Find("error")->Find("reason")->string(), "USAGE");
}

TEST_F(AppTest, NamesTheOptionThatIsNotUtf8) {
  const std::vector<std::string> sign = {"sign", "digest", kDigest, "-p",
                                         "p/o"};
  for (const char* option :
       {"--description", "--label", "--request-id", "--hash"}) {
    std::vector<std::string> arguments = sign;
    arguments.insert(arguments.end(), {option, "a\xff"});
    const TestRun run = Run(arguments);
    EXPECT_EQ(run.code, 2) << option;
    EXPECT_THAT(run.err,
                HasSubstr(absl::StrCat(option, " is not UTF-8 from octet 1")));
  }
}

TEST_F(AppTest, TakesPathsOfAnyOctets) {
  const TestRun run = Run({"hash", "blob", "/none/\xff"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("/none/\\xff: No such file or directory"));
}

TEST_F(AppTest, WritesResourcesAsJson) {
  AnswerGet(SigningRequest::SIGNED);
  const TestRun run = Run({"request", "show", kName, "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(run.out));
  EXPECT_EQ(json.Find("state")->string(), "SIGNED");
  EXPECT_EQ(json.Find("signatureAlgorithm")->string(), "ECDSA");
  EXPECT_EQ(json.Find("signatures")->array()[0].Find("value")->string(),
            "MHNpZw==");
}

TEST_F(AppTest, ListsPendingRequestsFirst) {
  console_.answers().list = [](const v1::ListSigningRequestsRequest& request,
                               v1::ListSigningRequestsResponse* answer) {
    EXPECT_EQ(request.parent(), "products/-");
    *answer->add_signing_requests() = Request(SigningRequest::SIGNED);
    *answer->add_signing_requests() = Request(SigningRequest::PENDING_APPROVAL);
    return grpc::Status::OK;
  };
  const TestRun run = Run({"request", "list", "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(run.out));
  const auto& list = json.Find("signingRequests")->array();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].Find("state")->string(), "PENDING_APPROVAL");
}

class ApproveTest : public AppTest {
 protected:
  ApproveTest() {
    AnswerGet(SigningRequest::PENDING_APPROVAL);
    console_.answers().approve =
        [this](const v1::ApproveSigningRequestRequest& request,
               SigningRequest* answer) {
          approved_.push_back(request.etag());
          *answer = Request(SigningRequest::SIGNED);
          return grpc::Status::OK;
        };
  }

  std::vector<std::string> approved_;
};

TEST_F(ApproveTest, ShowsAsksAndSendsTheEtagThatWasShown) {
  console_.Interactive("y\n");
  const TestRun run = Run({"approve", kName});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("email:ci@example.org"),
                             HasSubstr(kDigest), HasSubstr("e1")));
  EXPECT_THAT(run.err, HasSubstr("Approve exactly this? [y/N]"));
  EXPECT_THAT(approved_, testing::ElementsAre("e1"));
}

TEST_F(ApproveTest, TakesEverythingButYesForNo) {
  for (const char* answer : {"", "\n", "n\n", "yep\n", "N\ny\n"}) {
    console_.Interactive(answer);
    EXPECT_EQ(Run({"approve", kName}).code, 1) << answer;
  }
  EXPECT_THAT(approved_, IsEmpty());
}

TEST_F(ApproveTest, RefusesToGuessWithoutATerminal) {
  console_.Input("y\n");
  const TestRun run = Run({"approve", kName});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("--yes"));
  EXPECT_THAT(approved_, IsEmpty());
  EXPECT_EQ(Run({"approve", kName, "--yes"}).code, 0);
  EXPECT_EQ(approved_.size(), 1u);
}

TEST_F(ApproveTest, RefusesARequestThatIsNotTheOneThatWasSeen) {
  EXPECT_EQ(Run({"approve", kName, "--yes", "--etag", "e0"}).code, 8);
  EXPECT_THAT(approved_, IsEmpty());
  EXPECT_EQ(Run({"approve", kName, "--yes", "--etag", "e1"}).code, 0);
}

TEST_F(ApproveTest, DoesNotAskAboutADecidedRequest) {
  AnswerGet(SigningRequest::REJECTED);
  console_.Interactive("y\n");
  const TestRun run = Run({"approve", kName});
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("wrong branch"), Not(HasSubstr("[y/N]"))));
}

TEST_F(ApproveTest, TellsADenial) {
  console_.answers().approve = [](const v1::ApproveSigningRequestRequest&,
                                  SigningRequest*) {
    return WireError(base::MakeError(absl::StatusCode::kPermissionDenied,
                                     "nobody approves their own request",
                                     Because("OWN_REQUEST")));
  };
  const TestRun run = Run({"approve", kName, "--yes"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("their own request"), HasSubstr("OWN_REQUEST")));
}

TEST_F(AppTest, RejectsWithAReason) {
  AnswerGet(SigningRequest::PENDING_APPROVAL);
  std::string reason;
  console_.answers().reject =
      [&](const v1::RejectSigningRequestRequest& request,
          SigningRequest* answer) {
        reason = request.reason();
        EXPECT_EQ(request.etag(), "e1");
        *answer = Request(SigningRequest::REJECTED);
        return grpc::Status::OK;
      };
  const TestRun run = Run({"reject", kName, "--reason", "wrong branch"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(reason, "wrong branch");
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(Run({"reject", kName}).code, 2);  // no reason
}

TEST_F(AppTest, WritesASignatureOutInEachFormat) {
  AnswerGet(SigningRequest::SIGNED);
  EXPECT_EQ(Run({"request", "signature", kName}).out, "MHNpZw==\n");
  EXPECT_EQ(Run({"request", "signature", kName, "--format", "raw"}).out,
            "0sig");
  EXPECT_EQ(Run({"request", "signature", kName, "--format", "pem"}).code, 2);
  EXPECT_EQ(Run({"request", "signature", kName, "--format", "der"}).code, 2);
  EXPECT_EQ(Run({"request", "signature", kName, "--index", "1"}).code, 2);
  AnswerGet(SigningRequest::PENDING_APPROVAL);
  EXPECT_EQ(Run({"request", "signature", kName}).code, 5);
  AnswerGet(SigningRequest::REJECTED);
  EXPECT_EQ(Run({"request", "signature", kName}).code, 4);
}

TEST_F(AppTest, CreatesAProductFromItsFile) {
  v1::CreateProductRequest got;
  console_.answers().create_product =
      [&](const v1::CreateProductRequest& request, v1::Product* answer) {
        got = request;
        *answer = request.product();
        answer->set_name("products/router");
        answer->set_state(v1::Product::PENDING_APPROVAL);
        return grpc::Status::OK;
      };
  const std::string file = File("product.json", R"({"name": "$N",
      "productOperations": [{"name": "O", "operationType": "DigestSigning",
      "token": {"keyType": "RSA2048"},
      "approvalRule": {"allowedGroups": ["ci"]}}]})");
  const TestRun run =
      Run({"product", "create", file, "--set", "N=Router", "--id", "router"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(got.product().display_name(), "Router");
  EXPECT_EQ(got.product_id(), "router");
  EXPECT_EQ(got.request_id().size(), 36u);
  EXPECT_THAT(run.err,
              HasSubstr("countersign product approve products/router"));
  EXPECT_THAT(run.out, HasSubstr("PENDING_APPROVAL"));

  const TestRun missing = Run({"product", "create", file});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("--set N="));
}

TEST_F(AppTest, ShowsTheCallerSafely) {
  console_.answers().get_caller = [](const v1::GetCallerRequest&,
                                     v1::Caller* caller) {
    caller->mutable_principal()->set_subject("email:a@b\x1b[2J");
    caller->add_roles("auditor");
    return grpc::Status::OK;
  };
  const TestRun json = Run({"whoami", "-o", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"credentialSource\": \"none\""));
  const TestRun run = Run({"whoami"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("email:a@b\\x1b[2J"),
                             HasSubstr("auditor"), Not(HasSubstr("\x1b"))));
}

TEST_F(AppTest, TellsProgramsWhatTheTokenProved) {
  console_.answers().get_caller = [](const v1::GetCallerRequest&,
                                     v1::Caller* caller) {
    v1::Principal& principal = *caller->mutable_principal();
    principal.set_credential(v1::Principal::BEARER_TOKEN);
    principal.set_person("Ada");
    (*principal.mutable_claims())["ref"] = "refs/tags/v1";
    caller->set_token_issuer("ci");
    return grpc::Status::OK;
  };
  const TestRun run = Run({"whoami", "-o", "json"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(run.out));
  const base::Json& principal = *json.Find("principal");
  EXPECT_EQ(principal.Find("credential")->string(), "BEARER_TOKEN");
  EXPECT_EQ(principal.Find("person")->string(), "Ada");
  EXPECT_EQ(principal.Find("claims")->Find("ref")->string(), "refs/tags/v1");
  EXPECT_EQ(json.Find("tokenIssuer")->string(), "ci");
}

TEST_F(AppTest, SignsADescriptorAndLeavesTheRestAlone) {
  AnswerCreate(SigningRequest::SIGNED);
  const std::string text =
      "meta:\n  schemaVersion: v2\n# a comment\ncomponent:\n"
      "  name: example.org/router\n  version: 1.0.0\n  provider: example.org\n"
      "  repositoryContexts: []\n  resources: []\n  sources: []\n"
      "  componentReferences: []\n";
  const std::string file = File("cd.yaml", text);
  const std::vector<std::string> sign = {"sign",
                                         "component-descriptor",
                                         file,
                                         "-p",
                                         "p/o",
                                         "--signature",
                                         "release",
                                         "--algorithm",
                                         "RSASSA-PKCS1-V1_5"};
  console_.answers().create =
      [this](const v1::CreateSigningRequestRequest& request,
             SigningRequest* answer) {
        asked_ = request;
        *answer = Request(SigningRequest::SIGNED);
        *answer->mutable_digests() = request.signing_request().digests();
        answer->set_signature_algorithm(v1::RSASSA_PKCS1_V1_5);
        answer->set_key_version("products/p/operations/o/keyVersions/1");
        answer->mutable_signatures(0)->set_value(signature_);
        answer->mutable_signatures(0)->set_crc32c(base::Crc32c(signature_));
        return grpc::Status::OK;
      };
  EVP_PKEY* const key = SharedChain().leaf_key.get();
  console_.answers().get_key = [key](const v1::GetKeyVersionRequest&,
                                     v1::KeyVersion* answer) {
    answer->set_name("products/p/operations/o/keyVersions/1");
    answer->set_public_key_pem(PublicKeyPem(key));
    answer->set_spki_sha256(base::Sha256Hex(*ReadPublicKey(PublicKeyPem(key))));
    return grpc::Status::OK;
  };
  // What the key does not verify is not written.
  signature_ = std::string(256, 's');
  EXPECT_EQ(Run(sign).code, 9);
  EXPECT_THAT(base::ReadFile(file), base::IsOkAndHolds(text));
  // SHA-256 of the normalised text is asked for.
  signature_ =
      SignDigest(key, base::SignatureScheme::kRsaPkcs1, HashAlgorithm::kSha256,
                 asked_.signing_request().digests(0).value());
  const TestRun run = Run(sign);
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_OK_AND_ASSIGN(const std::string after, base::ReadFile(file));
  EXPECT_THAT(after, HasSubstr("# a comment"));
  EXPECT_THAT(after, HasSubstr(base::HexEncode(signature_)));
  EXPECT_THAT(after, HasSubstr("release"));
  const SigningRequest& asked = asked_.signing_request();
  EXPECT_EQ(asked.context().at("component.name"), "example.org/router");
  EXPECT_EQ(asked.digests(0).label(), "component example.org/router:1.0.0");

  // A name that is taken is refused before anybody is asked.
  asked_.Clear();
  EXPECT_EQ(Run(sign).code, 8);
  EXPECT_TRUE(asked_.parent().empty());
}

struct UsageCase {
  std::string name;
  std::vector<std::string> arguments;
  std::string want;
};

class UsageTest : public testing::TestWithParam<UsageCase> {};

TEST_P(UsageTest, IsRefusedWithExitCodeTwo) {
  TestConsole console;
  const TestRun run = console.Run(GetParam().arguments);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Commands, UsageTest,
    testing::Values(
        UsageCase{"Nothing", {}, "subcommand"},
        UsageCase{"UnknownCommand", {"sing"}, "sing"},
        UsageCase{"UnknownSubcommand", {"sign", "foo"}, "foo"},
        UsageCase{"UnknownOption", {"whoami", "--foo"}, "--foo"},
        UsageCase{"OutputFormat", {"whoami", "-o", "xml"}, "xml"},
        UsageCase{"NoOperation", {"sign", "digest", kDigest}, "operation"},
        UsageCase{"WaitAndNoWait",
                  {"sign", "digest", kDigest, "-p", "p/o", "--wait", "1s",
                   "--no-wait"},
                  "excludes"},
        UsageCase{"BadWait",
                  {"sign", "digest", kDigest, "-p", "p/o", "--wait", "1"},
                  "duration"},
        UsageCase{
            "BadDigest", {"sign", "digest", "abc", "-p", "p/o"}, "digest"},
        UsageCase{"MoreLabels",
                  {"sign", "digest", kDigest, "-p", "p/o", "--label", "a",
                   "--label", "b"},
                  "2 labels for 1"},
        UsageCase{"ContextAsConnection",
                  {"sign", "digest", kDigest, "-p", "p/o", "--context", "ci"},
                  "KEY=VALUE"},
        UsageCase{"DoubledContext",
                  {"sign", "digest", kDigest, "-p", "p/o", "--context", "a=1",
                   "--context", "a=2"},
                  "twice"},
        UsageCase{
            "Algorithm",
            {"sign", "digest", kDigest, "-p", "p/o", "--algorithm", "MD5"},
            "RSASSA-PSS"},
        UsageCase{"MissingFile",
                  {"sign", "blob", "/no/such", "-p", "p/o"},
                  "/no/such"},
        UsageCase{"ManyFilesIntoOne",
                  {"sign", "blob", "/a", "/b", "-p", "p/o", "-O", "/no/x"},
                  "folder"},
        UsageCase{
            "ShortRequestName", {"request", "show", "r"}, "signingRequests"},
        UsageCase{"State", {"request", "list", "--state", "DONE"}, "REJECTED"},
        UsageCase{"NothingToVerifyWith",
                  {"verify", "digest", kDigest, "--signature", "/s"},
                  "--public-key"},
        UsageCase{"Since", {"audit", "list", "--since", "then"}, "time"}),
    [](const auto& info) { return info.param.name; });

TEST(Help, HasExamplesForEachCommand) {
  TestConsole console;
  for (const std::vector<std::string>& path :
       std::vector<std::vector<std::string>>{{"product", "create"},
                                             {"key", "csr"},
                                             {"sign", "digest"},
                                             {"sign", "blob"},
                                             {"sign", "component-descriptor"},
                                             {"verify", "blob"},
                                             {"hash", "component-descriptor"},
                                             {"request", "list"},
                                             {"approve"},
                                             {"reject"},
                                             {"audit", "verify"},
                                             {"whoami"}}) {
    std::vector<std::string> arguments = path;
    arguments.push_back("--help");
    const TestRun run = console.Run(arguments);
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.out, HasSubstr("Examples:\n  countersign " + path[0]));
  }
  EXPECT_THAT(console.Run({"--help"}).out, HasSubstr("Exit codes:"));
}

TEST(Completion, KnowsCommandsAndOptions) {
  TestConsole console;
  for (const char* shell : {"bash", "zsh"}) {
    const TestRun run = console.Run({"completion", shell});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.out,
                AllOf(HasSubstr("component-descriptor"),
                      HasSubstr("--request-id"), HasSubstr("'sign blob')")));
  }
  EXPECT_EQ(console.Run({"completion", "fish"}).code, 2);
}

}  // namespace
}  // namespace countersign::client
