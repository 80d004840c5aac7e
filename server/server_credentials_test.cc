#include "server/server_credentials.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/secret_bytes.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using auth::CaSpec;
using auth::CertificateSpec;
using auth::TestingCertificate;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Answers with the certificate that the caller has shown, as its error's text.
class Mirror final : public Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext* context, const HealthCheckRequest*,
                     HealthCheckResponse*) override {
    const auto pem =
        context->auth_context()->FindPropertyValues("x509_pem_cert");
    return grpc::Status(
        grpc::StatusCode::OUT_OF_RANGE,
        pem.empty() ? "none" : std::string(pem[0].data(), pem[0].size()));
  }
};

TestingCertificate Authority(const std::string& name) {
  return TestingCertificate::SelfSigned(CaSpec(name));
}

TestingCertificate ServerOf(const TestingCertificate& ca) {
  CertificateSpec spec;
  spec.name = {{"CN", "server"}};
  spec.dns_names = {"localhost"};
  spec.extended_key_usage = "serverAuth";
  return ca.Issue(spec);
}

TestingCertificate ClientOf(const TestingCertificate& ca) {
  CertificateSpec spec;
  spec.name = {{"CN", "ci"}};
  return ca.Issue(spec);
}

TlsIdentity Identity(const TestingCertificate& server,
                     const TestingCertificate& client_ca) {
  TlsIdentity identity;
  identity.certificate_pem = server.pem();
  identity.private_key_pem = base::SecretBytes(server.key_pem());
  identity.client_ca_pem = client_ca.pem();
  return identity;
}

class ServerCredentialsTest : public testing::Test {
 protected:
  void Start(ClientCertificates certificates) {
    credentials_ = MakeServerCredentials(tls_, certificates);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("localhost:0", credentials_, &port_);
    builder.RegisterService(&mirror_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    ASSERT_NE(port_, 0);
  }

  // A connection of its own; nullptr: without a certificate.
  std::unique_ptr<Health::Stub> Connect(const TestingCertificate& server_ca,
                                        const TestingCertificate* client) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = server_ca.pem();
    if (client != nullptr) {
      options.pem_cert_chain = client->pem();
      options.pem_private_key = client->key_pem();
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return Health::NewStub(
        grpc::CreateCustomChannel(absl::StrCat("localhost:", port_),
                                  grpc::SslCredentials(options), arguments));
  }

  // What the server saw: a PEM or "none"; "refused" without a connection.
  static std::string Ask(Health::Stub& stub) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    HealthCheckResponse response;
    const grpc::Status status =
        stub.Check(&context, HealthCheckRequest(), &response);
    return status.error_code() == grpc::StatusCode::OUT_OF_RANGE
               ? status.error_message()
               : "refused";
  }
  std::string Ask(const TestingCertificate& server_ca,
                  const TestingCertificate* client) {
    return Ask(*Connect(server_ca, client));
  }

  const TestingCertificate ca_ = Authority("first");
  const TestingCertificate next_ca_ = Authority("second");
  const TestingCertificate client_ = ClientOf(ca_);
  const std::shared_ptr<CurrentTls> tls_ =
      std::make_shared<CurrentTls>(Identity(ServerOf(ca_), ca_));
  Mirror mirror_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServerCredentialsTest, DemandsACertificateWhereItIsRequired) {
  Start(ClientCertificates::kRequired);
  EXPECT_EQ(Ask(ca_, &client_), client_.pem());
  EXPECT_EQ(Ask(ca_, nullptr), "refused");
  const TestingCertificate foreign = ClientOf(next_ca_);
  EXPECT_EQ(Ask(ca_, &foreign), "refused");
}

TEST_F(ServerCredentialsTest, VerifiesAnOptionalCertificateThatIsShown) {
  Start(ClientCertificates::kOptional);
  EXPECT_EQ(Ask(ca_, &client_), client_.pem());
  EXPECT_EQ(Ask(ca_, nullptr), "none");
  const TestingCertificate foreign = ClientOf(next_ca_);
  EXPECT_EQ(Ask(ca_, &foreign), "refused");
}

TEST_F(ServerCredentialsTest, ShowsANewCertificateToNewConnections) {
  Start(ClientCertificates::kRequired);
  const auto open = Connect(ca_, &client_);
  EXPECT_EQ(Ask(*open), client_.pem());
  tls_->Replace(Identity(ServerOf(next_ca_), ca_));
  EXPECT_EQ(Ask(next_ca_, &client_), client_.pem());
  EXPECT_EQ(Ask(ca_, &client_), "refused");
  EXPECT_EQ(Ask(*open), client_.pem()) << "an open connection stays";
}

TEST_F(ServerCredentialsTest, TrustsNewAuthoritiesAndNoOldOnes) {
  Start(ClientCertificates::kOptional);
  EXPECT_EQ(Ask(ca_, &client_), client_.pem());
  tls_->Replace(Identity(ServerOf(ca_), next_ca_));
  const TestingCertificate next = ClientOf(next_ca_);
  EXPECT_EQ(Ask(ca_, &next), next.pem());
  EXPECT_EQ(Ask(ca_, &client_), "refused");
}

// What never gets here (tls_files.h refuses it) would not hurt either.
TEST_F(ServerCredentialsTest, KeepsTheOldOnesWhereNewOnesDoNotServe) {
  Start(ClientCertificates::kRequired);
  TlsIdentity torn = Identity(ServerOf(next_ca_), ca_);
  torn.private_key_pem = base::SecretBytes(ServerOf(ca_).key_pem());
  tls_->Replace(std::move(torn));
  EXPECT_EQ(Ask(ca_, &client_), client_.pem());
}

}  // namespace
}  // namespace countersign::server
