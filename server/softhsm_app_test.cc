// The thinnest path on the real thing: SoftHSM, SQLite, TLS, the
// configuration's own file; again after a restart, with two tokens, and with
// none at first.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "base/openssl.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "hsm/softhsm_token.h"
#include "hsm/token_options.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The site's token "main" becomes the throw-away token "test", followed by
// `others`, each under its label.
std::function<void(const TestingSite&)> On(
    const hsm::SoftHsmToken& token,
    const std::vector<std::string>& others = {}) {
  return [&token, others](const TestingSite& site) {
    const hsm::TokenOptions main = token.Token("test");
    site.Replace("module: module.so", "module: " + main.module_path);
    site.Replace("token_label: token", "token_label: " + main.token_label);
    std::string entries = "pin_file: " + main.pin_file + "\n";
    for (const std::string& label : others) {
      absl::StrAppend(&entries, "    - {name: ", label,
                      ", module: ", main.module_path, ", token_label: ", label,
                      ", pin_file: ", main.pin_file,
                      ", latch_file: ", site.Path(label + ".latch"), "}\n");
    }
    site.Replace("pin_file: pin\n", entries);
    site.Replace("path: countersign.db", "path: " + site.Path("c.db"));
    site.Replace("certificate_file: server.pem",
                 "certificate_file: " + site.Path("server.pem"));
  };
}

// What "blob" of product "tools" signs, checked with its public key. The name
// of the token that signed.
std::string Sign(TestServer& server) {
  v1::SigningRequest done;
  const grpc::Status status = server.As("ci").signing->CreateSigningRequest(
      NewContext().get(), DigestRequest("blob", "hello"), &done);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(done.state(), v1::SigningRequest::SIGNED);
  if (done.signatures_size() != 1) return "";
  v1::KeyVersion key;
  v1::GetKeyVersionRequest get;
  get.set_name(OperationName("blob"));
  EXPECT_TRUE(
      server.As("ci").key->GetKeyVersion(NewContext().get(), get, &key).ok());
  const auto spki = base::SpkiFromPem(key.public_key_pem());
  EXPECT_OK(spki);
  auto verifier = base::SignatureVerifier::Create(
      spki.value_or(""), base::SignatureScheme::kEcdsa, "SHA256");
  EXPECT_OK(verifier);
  if (verifier.ok()) {
    EXPECT_OK(
        verifier->Verify(base::Sha256("hello"), done.signatures(0).value()));
  }
  return done.signatures(0).token();
}

// Blocks until `service` is as `wanted`, for a minute at most.
bool Await(TestServer& server, const std::string& service,
           HealthCheckResponse::ServingStatus wanted) {
  const auto stub = Health::NewStub(server.As("ci").channel);
  const auto context = NewContext();
  HealthCheckRequest request;
  request.set_service(service);
  const auto reader = stub->Watch(context.get(), request);
  HealthCheckResponse response;
  while (reader->Read(&response)) {
    if (response.status() != wanted) continue;
    context->TryCancel();
    reader->Finish();
    return true;
  }
  return false;
}

TEST(SoftHsmAppTest, SignsOverMutualTlsAndAgainAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const auto token, hsm::SoftHsmToken::Create());
  TestServer server(On(*token), Backend::kReal);
  server.MakeProduct();
  EXPECT_EQ(Sign(server), "main");
  server.Restart();
  EXPECT_EQ(Sign(server), "main");
  // The restart integrated what was recorded before.
  v1::Checkpoint checkpoint;
  ASSERT_TRUE(server.As("auditor")
                  .audit
                  ->GetCheckpoint(NewContext().get(),
                                  v1::GetCheckpointRequest(), &checkpoint)
                  .ok());
  ASSERT_OK_AND_ASSIGN(const audit::NoteVerifier note,
                       audit::NoteVerifier::Parse(checkpoint.verifier_key()));
  EXPECT_OK(audit::OpenCheckpoint(checkpoint.note(), note));
  EXPECT_GE(checkpoint.tree_size(), 10);
}

TEST(SoftHsmAppTest, KeepsAProductsKeysInTheTokenThatItNames) {
  ASSERT_OK_AND_ASSIGN(const auto token, hsm::SoftHsmToken::Create());
  ASSERT_OK(token->AddToken("second"));
  TestServer server(On(*token, {"second"}), Backend::kReal);
  server.MakeProduct("second");
  EXPECT_EQ(Sign(server), "second");
  v1::KeyVersion key;
  v1::GetKeyVersionRequest get;
  get.set_name(OperationName("blob"));
  ASSERT_TRUE(
      server.As("ci").key->GetKeyVersion(NewContext().get(), get, &key).ok());
  EXPECT_THAT(key.tokens(), testing::ElementsAre("second"));
  EXPECT_EQ(key.origin(), v1::KeyVersion::GENERATED);
  ASSERT_EQ(key.findings_size(), 1);
  EXPECT_EQ(key.findings(0).token(), "second");
  EXPECT_EQ(key.findings(0).token_label(), "second");
  EXPECT_EQ(key.findings(0).attributes().at("CKA_SENSITIVE"), "true");
  EXPECT_EQ(key.findings(0).attributes().at("CKA_EXTRACTABLE"), "false");
  server.Restart();
  EXPECT_EQ(Sign(server), "second");
}

TEST(SoftHsmAppTest, StartsWithoutItsTokenAndSignsWhenItIsThere) {
  ASSERT_OK_AND_ASSIGN(const auto token, hsm::SoftHsmToken::Create());
  TestServer server(On(*token), Backend::kReal);
  server.MakeProduct();
  server.Stop();
  ASSERT_OK(token->HideFiles());
  server.Restart();
  EXPECT_TRUE(Await(server, "tokens/main", HealthCheckResponse::NOT_SERVING));
  EXPECT_TRUE(Await(server, "countersign.v1.SigningService",
                    HealthCheckResponse::NOT_SERVING));
  EXPECT_TRUE(Await(server, "", HealthCheckResponse::SERVING));
  ASSERT_OK(token->RestoreFiles());
  EXPECT_TRUE(Await(server, "tokens/main", HealthCheckResponse::SERVING));
  EXPECT_TRUE(Await(server, "countersign.v1.SigningService",
                    HealthCheckResponse::SERVING));
  EXPECT_EQ(Sign(server), "main");
}

}  // namespace
}  // namespace countersign::server
