// The commands of certificates and authorities against a server in this
// process.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "client/cli/test_console.h"
#include "client/cli/time_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kKey[] = "products/p/operations/o/keyVersions/1";
constexpr char kSerial[] = "5f00000000000000000000000000000000000001";
const absl::Time kStart = absl::FromUnixSeconds(1767225600);  // 2026-01-01

X509_NAME* Name(const char* common_name) {
  X509_NAME* name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return name;
}

// DER of a certificate of which only the names are looked at.
std::string Certificate(const char* subject, const char* issuer) {
  const base::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const base::X509Ptr x509(X509_new());
  const base::X509NamePtr own(Name(subject));
  const base::X509NamePtr by(Name(issuer));
  X509_set_subject_name(x509.get(), own.get());
  X509_set_issuer_name(x509.get(), by.get());
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 60);
  X509_set_pubkey(x509.get(), key.get());
  EXPECT_GT(X509_sign(x509.get(), key.get(), EVP_sha256()), 0);
  const auto der = base::CertificateDer(x509.get());
  EXPECT_OK(der);
  return *der;
}

std::string Pem(const std::string& der) {
  return base::FormatPem({"CERTIFICATE", {}, der});
}

class CertificateCommandsTest : public testing::Test {
 protected:
  CertificateCommandsTest() {
    Answers& answers = console_.answers();
    answers.get_key = [this](const v1::GetKeyVersionRequest&,
                             v1::KeyVersion* answer) {
      *answer = key_;
      return grpc::Status::OK;
    };
    answers.list_authorities = [this](
                                   const v1::ListCertificateAuthoritiesRequest&,
                                   v1::ListCertificateAuthoritiesResponse* a) {
      *a->add_certificate_authorities() = authority_;
      return grpc::Status::OK;
    };
    answers.request_renewal =
        [this](const v1::RequestCertificateRenewalRequest& request,
               v1::KeyVersion* answer) {
          asked_.push_back(request.name());
          *answer = key_;
          return grpc::Status::OK;
        };
    answers.approve_renewal =
        [this](const v1::ApproveCertificateRenewalRequest& request,
               v1::KeyVersion* answer) {
          asked_.push_back(absl::StrCat(request.name(), " ", request.reason()));
          *answer = key_;
          return grpc::Status::OK;
        };
    answers.revoke_certificate =
        [this](const v1::RevokeCertificateRequest& request,
               v1::KeyVersion* answer) {
          revoked_.push_back(request);
          *answer = key_;
          return grpc::Status::OK;
        };
    Fill();
  }

  void Fill() {
    key_.set_name(kKey);
    key_.set_state(v1::KeyVersion::ENABLED);
    key_.set_certificate_chain_pem(Pem(leaf_) + Pem(issuing_));
    v1::IssuedCertificate* issued = key_.add_issued_certificates();
    issued->set_certificate_authority("issuing");
    issued->set_profile("code");
    issued->set_serial(kSerial);
    *issued->mutable_not_before() = ToProto(kStart);
    *issued->mutable_not_after() = ToProto(kStart + absl::Hours(24 * 36500));
    authority_.set_name("issuing");
    authority_.set_certificate_chain_pem(Pem(issuing_) + Pem(root_));
    authority_.set_crl("octets of a CRL");
    *authority_.mutable_crl_next_update() = ToProto(kStart);
    authority_.add_profiles("code");
  }

  TestRun Run(const std::vector<std::string>& arguments) {
    return console_.Run(arguments);
  }
  std::string Out(const std::vector<std::string>& arguments) {
    const TestRun run = Run(arguments);
    EXPECT_EQ(run.code, 0) << run.err;
    return run.out;
  }

  const std::string root_ = Certificate("Root", "Root");
  const std::string issuing_ = Certificate("Issuing", "Root");
  const std::string leaf_ = Certificate("Leaf", "Issuing");
  v1::KeyVersion key_;
  v1::CertificateAuthority authority_;
  TestConsole console_;
  std::vector<std::string> asked_;
  std::vector<v1::RevokeCertificateRequest> revoked_;
};

TEST_F(CertificateCommandsTest, ChainComesInThreeFormats) {
  EXPECT_EQ(Out({"key", "chain", "p/o"}), Pem(leaf_) + Pem(issuing_));
  EXPECT_EQ(Out({"key", "chain", "p/o", "--format", "der"}), leaf_);
  const std::string p7b = Out({"key", "chain", "p/o", "--format", "p7b"});
  EXPECT_THAT(p7b, StartsWith("-----BEGIN PKCS7-----"));
  ASSERT_OK_AND_ASSIGN(const auto blocks, base::ParsePem(p7b));
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_THAT(blocks[0].contents, HasSubstr(leaf_ + issuing_));
  EXPECT_EQ(Run({"key", "chain", "p/o", "--format", "pfx"}).code, 2);
}

TEST_F(CertificateCommandsTest, ChainTakesTheRootOfTheSite) {
  EXPECT_EQ(Out({"key", "chain", "p/o", "--with-root"}),
            Pem(leaf_) + Pem(issuing_) + Pem(root_));
  EXPECT_EQ(Run({"key", "chain", "p/o", "--with-root", "--format", "der"}).code,
            2);
  authority_.set_certificate_chain_pem(Pem(issuing_));
  const TestRun unknown = Run({"key", "chain", "p/o", "--with-root"});
  EXPECT_EQ(unknown.code, 7);
  EXPECT_THAT(unknown.err, HasSubstr("was not given the root"));
  authority_.set_name("another");
  EXPECT_EQ(Run({"key", "chain", "p/o", "--with-root"}).code, 7);
  key_.clear_issued_certificates();
  const TestRun outside = Run({"key", "chain", "p/o", "--with-root"});
  EXPECT_EQ(outside.code, 8);
  EXPECT_THAT(outside.err, HasSubstr("issued outside"));
}

TEST_F(CertificateCommandsTest, ShowsWhatWasIssuedAndWhatWaits) {
  v1::PendingRenewal* pending = key_.mutable_pending_renewal();
  pending->mutable_requester()->set_subject("email:ann@example.org");
  *pending->mutable_request_time() = ToProto(kStart);
  EXPECT_THAT(Out({"key", "show", "p/o"}),
              AllOf(HasSubstr("good"), HasSubstr(kSerial), HasSubstr("code"),
                    HasSubstr("by email:ann@example.org, 2026-01-01")));
  v1::Revocation* revocation =
      key_.mutable_issued_certificates(0)->mutable_revocation();
  revocation->set_reason(v1::Revocation::KEY_COMPROMISE);
  *revocation->mutable_revoke_time() = ToProto(kStart);
  EXPECT_THAT(Out({"key", "show", "p/o"}),
              HasSubstr("revoked 2026-01-01 00:00:00Z, key-compromise"));
}

TEST_F(CertificateCommandsTest, RenewalIsAskedForAndAgreedTo) {
  const TestRun asked = Run({"key", "request-renewal", "p/o"});
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("countersign key approve-renewal p/o/1"));
  EXPECT_EQ(Run({"key", "approve-renewal", "p/o"}).code, 2);  // nobody to ask
  console_.Interactive("n\n");
  EXPECT_EQ(Run({"key", "approve-renewal", "p/o"}).code, 1);
  EXPECT_THAT(asked_, testing::ElementsAre("products/p/operations/o"));
  console_.Interactive("y\n");
  const TestRun agreed =
      Run({"key", "approve-renewal", "p/o", "--reason", "due"});
  EXPECT_EQ(agreed.code, 0) << agreed.err;
  EXPECT_THAT(agreed.err,
              HasSubstr("a new certificate for p/o/1, as the last by the "
                        "authority \"issuing\", profile \"code\"?"));
  EXPECT_THAT(agreed.out, HasSubstr(kSerial));
  // The version that was shown, not the operation that was typed.
  EXPECT_EQ(asked_.back(), absl::StrCat(kKey, " due"));
  EXPECT_EQ(Run({"key", "approve-renewal", "p/o", "--yes"}).code, 0);
}

TEST_F(CertificateCommandsTest, RevokesOnlyWhatWasTyped) {
  const std::vector<std::string> revoke = {
      "key",      "revoke",         "p/o/1",     "--serial", kSerial,
      "--reason", "key-compromise", "--comment", "stolen"};
  EXPECT_EQ(Run(revoke).code, 2);  // nobody to ask
  for (const char* typed : {"", "y\n", "p/o\n", "p/o/2\n"}) {
    console_.Interactive(typed);
    EXPECT_EQ(Run(revoke).code, 1) << typed;
  }
  EXPECT_THAT(revoked_, IsEmpty());
  console_.Interactive("p/o/1\n");
  const TestRun run = Run(revoke);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, AllOf(HasSubstr("Type p/o/1"), HasSubstr("for good")));
  ASSERT_EQ(revoked_.size(), 1u);
  EXPECT_EQ(revoked_[0].name(), kKey);
  EXPECT_EQ(revoked_[0].serial(), kSerial);
  EXPECT_EQ(revoked_[0].reason(), v1::Revocation::KEY_COMPROMISE);
  EXPECT_EQ(revoked_[0].comment(), "stolen");
}

TEST_F(CertificateCommandsTest, RevokesWithEveryReason) {
  for (const auto& [text, reason] :
       {std::pair("unspecified", v1::Revocation::REASON_UNSPECIFIED),
        std::pair("affiliation-changed", v1::Revocation::AFFILIATION_CHANGED),
        std::pair("superseded", v1::Revocation::SUPERSEDED),
        std::pair("cessation-of-operation",
                  v1::Revocation::CESSATION_OF_OPERATION)}) {
    EXPECT_EQ(Run({"key", "revoke", "p/o/1", "--serial", kSerial, "--reason",
                   text, "--comment", "why", "--yes"})
                  .code,
              0);
    EXPECT_EQ(revoked_.back().reason(), reason);
  }
}

TEST_F(CertificateCommandsTest, RevokesNothingByMistake) {
  console_.Interactive("p/o/1\n");
  for (const auto& [arguments, code] :
       {std::pair(std::vector<std::string>{"p/o", "--serial", kSerial,
                                           "--comment", "c"},
                  2),
        std::pair(std::vector<std::string>{"p/o/1", "--comment", "c"}, 2),
        std::pair(std::vector<std::string>{"p/o/1", "--serial", kSerial}, 2),
        std::pair(std::vector<std::string>{"p/o/1", "--serial", "xyz",
                                           "--comment", "c"},
                  2),
        std::pair(std::vector<std::string>{"p/o/1", "--serial", kSerial,
                                           "--comment", "c", "--reason", "no"},
                  2),
        std::pair(std::vector<std::string>{"p/o/1", "--serial", "5f01",
                                           "--comment", "c"},
                  7)}) {
    std::vector<std::string> words = {"key", "revoke"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const TestRun run = Run(words);
    EXPECT_EQ(run.code, code) << run.err;
  }
  EXPECT_THAT(revoked_, IsEmpty());
}

TEST_F(CertificateCommandsTest, ListsAndShowsAuthorities) {
  EXPECT_THAT(
      Out({"ca", "list"}),
      AllOf(HasSubstr("issuing"), HasSubstr("CN=Issuing"), HasSubstr("code")));
  EXPECT_THAT(Out({"ca", "list", "-o", "json"}),
              HasSubstr("\"certificateAuthorities\""));
  EXPECT_THAT(Out({"ca", "show", "issuing"}),
              AllOf(HasSubstr("CN=Root\n"), HasSubstr("good until 2026-01-01"),
                    Not(HasSubstr("itself"))));
  authority_.set_certificate_chain_pem(Pem(root_));
  authority_.clear_crl();
  EXPECT_THAT(
      Out({"ca", "show", "issuing"}),
      AllOf(HasSubstr("CN=Root (itself)"), HasSubstr("none has been signed")));
  const TestRun unknown = Run({"ca", "show", "absent"});
  EXPECT_EQ(unknown.code, 7);
  EXPECT_THAT(unknown.err, HasSubstr("there are: issuing"));
}

TEST_F(CertificateCommandsTest, WritesChainsAndCrlsOfAuthorities) {
  EXPECT_EQ(Out({"ca", "chain", "issuing"}), Pem(issuing_) + Pem(root_));
  EXPECT_EQ(Out({"ca", "chain", "issuing", "--root"}), Pem(root_));
  EXPECT_EQ(Out({"ca", "chain", "issuing", "--root", "--format", "der"}),
            root_);
  EXPECT_EQ(Out({"ca", "crl", "issuing"}), "octets of a CRL");
  EXPECT_THAT(Out({"ca", "crl", "issuing", "--format", "pem"}),
              StartsWith("-----BEGIN X509 CRL-----"));
  authority_.clear_crl();
  EXPECT_EQ(Run({"ca", "crl", "issuing"}).code, 7);
  authority_.set_certificate_chain_pem(Pem(issuing_));
  EXPECT_EQ(Run({"ca", "chain", "issuing", "--root"}).code, 7);
}

TEST_F(CertificateCommandsTest, EveryCommandHasAnExample) {
  for (const auto& [group, leaf] :
       {std::pair("key", "chain"), std::pair("key", "csr"),
        std::pair("key", "request-renewal"),
        std::pair("key", "approve-renewal"), std::pair("key", "revoke"),
        std::pair("ca", "list"), std::pair("ca", "show"),
        std::pair("ca", "chain"), std::pair("ca", "crl")}) {
    EXPECT_THAT(
        Out({group, leaf, "--help"}),
        HasSubstr(absl::StrCat("Examples:\n  countersign ", group, " ", leaf)));
  }
}

TEST_F(CertificateCommandsTest, DoesNotTrustTheServersText) {
  authority_.set_certificate_chain_pem("nothing");
  EXPECT_NE(Run({"ca", "chain", "issuing"}).code, 0);
  EXPECT_EQ(Run({"ca", "list"}).code, 0);
  authority_.set_certificate_chain_pem(
      base::FormatPem({"CERTIFICATE", {}, "nothing"}));
  EXPECT_NE(Run({"ca", "chain", "issuing", "--root"}).code, 0);
  EXPECT_EQ(Run({"ca", "show", "issuing"}).code, 0);
}

}  // namespace
}  // namespace countersign::client
