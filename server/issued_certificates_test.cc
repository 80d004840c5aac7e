// Certificates of the site's own authority over the wire: approval, renewal,
// revocation and the CRL.
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "core/fake_signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const core::KeyRef kCaKey{
    "\x0a", "ca key", core::KeyType::kEcP256, "", {"main"}};

// An authority whose key the server's signer gets afterwards: the fake signers
// of a process make the same keys in the same order.
void AddIssuingCa(const TestingSite& site) {
  base::FakeClock clock;
  core::FakeSigner signer(clock);
  const auto key = signer.MakeKey(kCaKey);
  ASSERT_OK(key);
  const auto root =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Site root"));
  auth::CertificateSpec spec = auth::CaSpec("Site issuing");
  spec.path_length = 0;
  site.Write("issuing.pem", root.IssueFor(key->spki, spec) + root.pem(), 0644);
  site.Replace("hsm:\n",
               "issuing_cas:\n"
               "  - name: site\n"
               "    key_id: 0a\n"
               "    key_label: ca key\n"
               "    certificate_file: issuing.pem\n"
               "    crl_url: http://signer.example.test/crl/site.crl\n"
               "    profiles: [{id: standard, subject: 'CN={common_name}'}]\n"
               "hsm:\n");
}

class IssuedCertificatesTest : public testing::Test {
 protected:
  IssuedCertificatesTest() : server_(AddIssuingCa) {
    EXPECT_OK(server_.signer().AddKey(kCaKey));
  }

  void MakeProduct() {
    v1::CreateProductRequest create = TestServer::ToolsProduct();
    v1::Operation& detached = *create.mutable_product()->mutable_operations(2);
    detached.mutable_certificate()->set_external_root(false);
    v1::Product product;
    grpc::Status status = server_.As("admin").product->CreateProduct(
        NewContext().get(), create, &product);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(product.operations(2).certificate().profile_id(), "standard");
    v1::ApproveProductRequest approve;
    approve.set_name(product.name());
    approve.set_etag(product.etag());
    status =
        server_.As("product-approver")
            .product->ApproveProduct(NewContext().get(), approve, &product);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  v1::KeyVersion Key() {
    v1::GetKeyVersionRequest request;
    request.set_name(OperationName("detached"));
    v1::KeyVersion key;
    const grpc::Status status = server_.As("admin").key->GetKeyVersion(
        NewContext().get(), request, &key);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return key;
  }
  grpc::Status RequestRenewal(const std::string& who) {
    v1::RequestCertificateRenewalRequest request;
    request.set_name(OperationName("detached"));
    v1::KeyVersion key;
    return server_.As(who).key->RequestCertificateRenewal(NewContext().get(),
                                                          request, &key);
  }
  grpc::Status ApproveRenewal(const std::string& who, v1::KeyVersion* key) {
    v1::ApproveCertificateRenewalRequest request;
    request.set_name(OperationName("detached"));
    request.set_reason("fine");
    return server_.As(who).key->ApproveCertificateRenewal(NewContext().get(),
                                                          request, key);
  }
  grpc::Status Revoke(const std::string& who, const std::string& serial,
                      v1::KeyVersion* key) {
    v1::RevokeCertificateRequest request;
    request.set_name(absl::StrCat(OperationName("detached"), "/keyVersions/1"));
    request.set_serial(serial);
    request.set_reason(v1::Revocation::SUPERSEDED);
    request.set_comment("why");
    return server_.As(who).key->RevokeCertificate(NewContext().get(), request,
                                                  key);
  }
  v1::CertificateAuthority Authority() {
    v1::ListCertificateAuthoritiesResponse response;
    const grpc::Status status =
        server_.As("ci").key->ListCertificateAuthorities(NewContext().get(), {},
                                                         &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.certificate_authorities_size(), 1);
    return response.certificate_authorities(0);
  }
  // The first that is not `old`. The key came after the first try.
  std::string NextCrl(const std::string& old) {
    while (true) {
      server_.clock().Advance(absl::Seconds(1));
      const std::string crl = Authority().crl();
      if (crl != old) return crl;
      std::this_thread::yield();
    }
  }

  TestServer server_;
};

TEST_F(IssuedCertificatesTest, AnApprovalLeavesACertificate) {
  MakeProduct();
  const v1::KeyVersion key = Key();
  EXPECT_THAT(key.certificate_chain_pem(), HasSubstr("BEGIN CERTIFICATE"));
  ASSERT_EQ(key.issued_certificates_size(), 1);
  EXPECT_EQ(key.issued_certificates(0).certificate_authority(), "site");
  EXPECT_EQ(key.issued_certificates(0).serial().size(), 40u);
  EXPECT_EQ(server_.CountEvents(core::EventType::kCertificateIssuing), 1);
  EXPECT_EQ(server_.CountEvents(core::EventType::kCertificateIssued), 1);
  v1::RotateKeyRequest rotate;
  rotate.set_name(OperationName("detached"));
  v1::KeyVersion next;
  ASSERT_TRUE(server_.As("admin")
                  .key->RotateKey(NewContext().get(), rotate, &next)
                  .ok());
  EXPECT_EQ(next.issued_certificates_size(), 1);
}

TEST_F(IssuedCertificatesTest, NobodySetsAChain) {
  MakeProduct();
  v1::SetCertificateChainRequest request;
  request.set_name(OperationName("detached"));
  request.set_certificate_chain_pem("whatever");
  v1::KeyVersion key;
  EXPECT_EQ(ReasonOf(server_.As("admin").key->SetCertificateChain(
                NewContext().get(), request, &key)),
            "ISSUED_INSIDE");
}

TEST_F(IssuedCertificatesTest, ARenewalTakesTwo) {
  MakeProduct();
  v1::KeyVersion key;
  EXPECT_EQ(ReasonOf(ApproveRenewal("product-approver", &key)), "NO_RENEWAL");
  EXPECT_EQ(ReasonOf(RequestRenewal("ci")), "PERMISSION_DENIED");
  ASSERT_TRUE(RequestRenewal("admin").ok());
  EXPECT_TRUE(Key().has_pending_renewal());
  EXPECT_EQ(ReasonOf(ApproveRenewal("admin", &key)), "PERMISSION_DENIED");
  const grpc::Status status = ApproveRenewal("product-approver", &key);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(key.issued_certificates_size(), 2);
  EXPECT_FALSE(key.has_pending_renewal());
}

TEST_F(IssuedCertificatesTest, ARevocationIsOnTheNextCrl) {
  MakeProduct();
  const std::string first = NextCrl("");
  EXPECT_FALSE(first.empty());
  const std::string serial = Key().issued_certificates(0).serial();
  v1::KeyVersion key;
  EXPECT_EQ(ReasonOf(Revoke("product-approver", serial, &key)),
            "PERMISSION_DENIED");
  EXPECT_EQ(ReasonOf(Revoke("admin", "xyz", &key)), "BAD_REQUEST");
  EXPECT_EQ(ReasonOf(Revoke("admin", "00", &key)), "BAD_REQUEST");
  const grpc::Status status = Revoke("admin", serial, &key);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(key.certificate_chain_pem(), "");
  EXPECT_EQ(key.issued_certificates(0).revocation().reason(),
            v1::Revocation::SUPERSEDED);
  EXPECT_GT(NextCrl(first).size(), first.size());
  EXPECT_EQ(ReasonOf(Revoke("admin", serial, &key)), "ALREADY_REVOKED");
}

TEST_F(IssuedCertificatesTest, AuthoritiesAreShownToThoseWhoAreKnown) {
  const v1::CertificateAuthority authority = Authority();
  EXPECT_EQ(authority.name(), "site");
  EXPECT_EQ(authority.crl_url(), "http://signer.example.test/crl/site.crl");
  EXPECT_THAT(authority.profiles(), ElementsAre("standard"));
  EXPECT_THAT(authority.certificate_chain_pem(),
              HasSubstr("BEGIN CERTIFICATE"));
  v1::ListCertificateAuthoritiesResponse response;
  EXPECT_EQ(ReasonOf(server_.As("stranger")
                         .key->ListCertificateAuthorities(NewContext().get(),
                                                          {}, &response)),
            "PERMISSION_DENIED");
}

}  // namespace
}  // namespace countersign::server
