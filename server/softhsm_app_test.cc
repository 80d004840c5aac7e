// The thinnest path on the real thing: SoftHSM, SQLite, TLS, the
// configuration's own file; and again after a restart.
#include <memory>
#include <string>

#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "base/clock.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/softhsm_token.h"
#include "server/config/config.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

TEST(SoftHsmAppTest, SignsOverMutualTlsAndAgainAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const auto token, hsm::SoftHsmToken::Create());
  const hsm::Pkcs11SignerOptions hsm = token->Options();
  const auto edit = [&](const TestingSite& site) {
    site.Replace("module: module.so", "module: " + hsm.module_path);
    site.Replace("token_label: token", "token_label: " + hsm.token_label);
    site.Replace("pin_file: pin", "pin_file: " + hsm.pin_file);
    site.Replace("path: countersign.db", "path: " + site.Path("c.db"));
    site.Replace("certificate_file: server.pem",
                 "certificate_file: " + site.Path("server.pem"));
  };
  TestServer server(edit, Backend::kReal);
  ASSERT_OK(CheckToken(server.config()));
  server.MakeProduct();
  v1::KeyVersion key;
  v1::GetKeyVersionRequest get;
  get.set_name(OperationName("blob"));
  for (const bool restarted : {false, true}) {
    if (restarted) server.Restart();
    v1::SigningRequest done;
    grpc::Status status = server.As("ci").signing->CreateSigningRequest(
        NewContext().get(), DigestRequest("blob", "hello"), &done);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(done.state(), v1::SigningRequest::SIGNED);
    ASSERT_TRUE(
        server.As("ci").key->GetKeyVersion(NewContext().get(), get, &key).ok());
    ASSERT_OK_AND_ASSIGN(const std::string spki,
                         base::SpkiFromPem(key.public_key_pem()));
    ASSERT_OK_AND_ASSIGN(base::SignatureVerifier verifier,
                         base::SignatureVerifier::Create(
                             spki, base::SignatureScheme::kEcdsa, "SHA256"));
    EXPECT_OK(
        verifier.Verify(base::Sha256("hello"), done.signatures(0).value()));
  }
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

}  // namespace
}  // namespace countersign::server
