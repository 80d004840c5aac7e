// Certificates of the site's own authority, from the first to the CRL.
#include "base/encoding.h"
#include "base/sha256.h"
#include "core/certificate_life.h"
#include "core/flow_fixture.h"

namespace countersign::core {
namespace {

using base::HasCode;
using base::HasReason;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSerial1[] = "serial of 20 octets1";
constexpr char kSerial2[] = "serial of 20 octets2";

class CertificateFlowTest : public FlowFixture {
 protected:
  CertificateFlowTest() {
    KeyRef ref{"ca id", "ca key", KeyType::kEcP256, "", {"main"}};
    const absl::StatusOr<KeyReport> report = signer_.MakeKey(ref);
    EXPECT_OK(report);
    ref.spki = report->spki;
    ca_.name = "site";
    ca_.key = ref;
    ca_.certificates = {"ca der"};
    ca_.not_after = clock_.Now() + absl::Hours(24 * 3650);
    CertificateProfile profile;
    profile.id = "release";
    ca_.profiles = {profile};
    Policy policy = TestPolicy();
    policy.issuing_cas = {ca_};
    policy.people = {{{admin_.subject, admin_.issuer}, "ada"},
                     {{"token:ada", "https://idp"}, "ada"}};
    driver_with_ca_ =
        std::make_unique<FlowTestDriver>(store_, signer_, clock_, policy);
    policy_ = policy;
  }

  FlowTestDriver& driver() { return *driver_with_ca_; }
  Answer Run(FlowPtr flow) {
    const std::optional<Answer> answer = driver().Run(std::move(flow));
    return answer.has_value() ? *answer : absl::CancelledError("no answer");
  }

  // The shop in use, its one operation certified inside, no certificate yet.
  void SetUpInside() {
    Product product = ProductToBe();
    Operation& operation = product.operations[0];
    operation.type = OperationType::kDetachedSignature;
    operation.certificate = CertificateInfo();
    operation.certificate->common_name = "Shop";
    operation.certificate->external_root = false;
    ASSERT_OK(Run(MakeCreateProductFlow({admin_, product})));
    ASSERT_OK(Run(MakeDecideProductFlow(Approval(owner_))));
  }

  Product Shop() { return *store_.GetProduct(ProductName{"shop"}); }
  KeyVersion Key() { return Shop().operations[0].key_versions[0]; }
  KeyVersionName Name() const { return {operation_, 1}; }

  IssueCertificate Order(const Principal& caller,
                         const std::string& serial = kSerial1) {
    IssueCertificate input;
    input.caller = caller;
    input.key_version = Name();
    input.certificate.ca = "site";
    input.certificate.profile = "release";
    input.certificate.serial = serial;
    input.certificate.not_before = clock_.Now();
    input.certificate.not_after = clock_.Now() + absl::Hours(24 * 365);
    input.ca = ca_;
    input.spki = Key().spki;
    input.digest = std::string(32, 't');
    input.subject = "CN=Shop";
    const absl::Time not_after = input.certificate.not_after;
    input.assemble =
        [serial, not_after](
            absl::string_view signature) -> absl::StatusOr<CertificateChain> {
      EXPECT_FALSE(signature.empty());
      return CertificateChain{{"leaf " + serial, "ca der"}, not_after};
    };
    return input;
  }
  Answer Issue(const Principal& caller, const std::string& serial = kSerial1) {
    return Run(MakeIssueCertificateFlow(Order(caller, serial)));
  }
  Answer Renew(const Principal& caller, const std::string& serial = kSerial2) {
    IssueCertificate input = Order(caller, serial);
    input.renewal = true;
    input.reason = "fine";
    return Run(MakeIssueCertificateFlow(std::move(input)));
  }
  Answer RequestIt(const Principal& caller) {
    return Run(MakeRequestRenewalFlow({caller, Name()}));
  }
  Answer Revoke(const Principal& caller, const std::string& serial = kSerial1,
                RevocationReason reason = RevocationReason::kSuperseded,
                const std::string& comment = "why") {
    return Run(
        MakeRevokeCertificateFlow({caller, Name(), serial, reason, comment}));
  }
  std::string Detail(EventType type, const std::string& name) {
    const std::vector<Event> events = store_.events();
    for (auto it = events.rbegin(); it != events.rend(); ++it) {
      if (it->type != type) continue;
      const base::Json* found = it->details.Find(name);
      return found == nullptr ? "" : base::CompactJson(*found);
    }
    return "no leaf";
  }

  IssuingCa ca_;
  Policy policy_;
  std::unique_ptr<FlowTestDriver> driver_with_ca_;
  OperationName operation_{ProductName{"shop"}, "release"};
};

// --- Issuing

TEST_F(CertificateFlowTest, RecordsTheUseOfTheAuthoritysKeyBeforeIt) {
  SetUpInside();
  int uses = 0;
  driver().before = [&](const Effect& effect, int) {
    if (const auto* sign = std::get_if<SignEffect>(&effect.next)) {
      ++uses;
      EXPECT_TRUE(sign->job.key == ca_.key);
      EXPECT_EQ(sign->job.digests,
                std::vector<std::string>{std::string(32, 't')});
      EXPECT_EQ(Leaves(EventType::kCertificateIssuing), 1);
      EXPECT_EQ(Leaves(EventType::kCertificateIssued), 0);
    }
  };
  ASSERT_OK(Issue(owner_));
  EXPECT_EQ(uses, 1);
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "serial"),
            "\"" + base::HexEncode(kSerial1) + "\"");
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "digest"),
            "\"" + base::HexEncode(std::string(32, 't')) + "\"");
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "spkiSha256"),
            "\"" + base::Sha256Hex(Key().spki) + "\"");
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "caSpkiSha256"),
            "\"" + base::Sha256Hex(ca_.key.spki) + "\"");
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "subject"), "\"CN=Shop\"");
}

TEST_F(CertificateFlowTest, PutsTheChainInItsPlaceWithTheLeafThatSaysSo) {
  SetUpInside();
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("CHAIN_MISSING"));
  ASSERT_OK(Issue(owner_));
  const KeyVersion key = Key();
  ASSERT_TRUE(key.chain.has_value());
  const std::string leaf = std::string("leaf ") + kSerial1;
  EXPECT_EQ(key.chain->certificates,
            (std::vector<std::string>{leaf, "ca der"}));
  ASSERT_EQ(key.issued.size(), 1u);
  EXPECT_EQ(key.issued[0].serial, kSerial1);
  EXPECT_EQ(key.issued[0].sha256, base::Sha256Hex(leaf));
  EXPECT_EQ(Detail(EventType::kCertificateIssued, "certificate"),
            "\"" + base::Base64Encode(leaf) + "\"");
  EXPECT_THAT(Detail(EventType::kCertificateIssued, "certificateSha256"),
              HasSubstr(base::Sha256Hex(leaf)));
  EXPECT_EQ(Leaves(EventType::kKeyChainSet), 0);
  EXPECT_OK(Create(Ask(nightly_)));
}

TEST_F(CertificateFlowTest, IssuesNothingTwice) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  EXPECT_THAT(Issue(ServerPrincipal(), kSerial2),
              HasReason("CERTIFICATE_EXISTS"));
  EXPECT_EQ(Leaves(EventType::kCertificateIssuing), 1);
  EXPECT_EQ(signer_.jobs(), 1);
}

TEST_F(CertificateFlowTest, DropsTheSecondOfTwoAtOnce) {
  SetUpInside();
  bool raced = false;
  driver().before = [&](const Effect& effect, int) {
    if (raced || !std::holds_alternative<SignEffect>(effect.next)) return;
    raced = true;
    FlowTestDriver other(store_, signer_, clock_, policy_);
    ASSERT_OK(*other.Run(
        MakeIssueCertificateFlow(Order(ServerPrincipal(), kSerial2))));
  };
  EXPECT_THAT(Issue(owner_), HasReason("CERTIFICATE_EXISTS"));
  ASSERT_EQ(Key().issued.size(), 1u);
  EXPECT_EQ(Key().issued[0].serial, kSerial2);
  EXPECT_EQ(Leaves(EventType::kCertificateIssued), 1);
  EXPECT_EQ(Detail(EventType::kCertificateFailed, "serial"),
            "\"" + base::HexEncode(kSerial1) + "\"");
}

TEST_F(CertificateFlowTest, GoesOnBesideAnotherChangeOfTheProduct) {
  SetUpInside();
  bool raced = false;
  driver().before = [&](const Effect& effect, int) {
    const auto* commit = std::get_if<CommitEffect>(&effect.next);
    if (raced || commit == nullptr || commit->changes.products.empty()) return;
    raced = true;
    FlowTestDriver other(store_, signer_, clock_, policy_);
    ASSERT_OK(*other.Run(MakeDecideProductFlow(
        {ProductVerb::kDisable, admin_, ProductName{"shop"}, "", "", {}})));
  };
  ASSERT_OK(Issue(owner_));
  EXPECT_TRUE(raced);
  EXPECT_EQ(Shop().state, ProductState::kDisabled);
  EXPECT_TRUE(Key().chain.has_value());
  EXPECT_EQ(signer_.jobs(), 1);
}

TEST_F(CertificateFlowTest, SaysWhereNoCertificateCameOfIt) {
  SetUpInside();
  signer_.FailNext(1, absl::UnavailableError("token away"));
  EXPECT_THAT(Issue(owner_), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Leaves(EventType::kCertificateFailed), 1);
  EXPECT_EQ(Detail(EventType::kCertificateFailed, "code"), "\"UNAVAILABLE\"");
  EXPECT_FALSE(Key().chain.has_value());
  IssueCertificate bad = Order(owner_);
  bad.assemble = [](absl::string_view) {
    return absl::InternalError("not good");
  };
  EXPECT_THAT(Run(MakeIssueCertificateFlow(std::move(bad))),
              HasCode(absl::StatusCode::kInternal));
  EXPECT_EQ(Leaves(EventType::kCertificateFailed), 2);
  EXPECT_FALSE(CertificatesToIssue(Shop()).empty());
  ASSERT_OK(Issue(ServerPrincipal(), kSerial2));
}

TEST_F(CertificateFlowTest, RefusesWhatDoesNotFit) {
  SetUpInside();
  IssueCertificate other_key = Order(owner_);
  other_key.spki = "another";
  EXPECT_THAT(Run(MakeIssueCertificateFlow(other_key)),
              HasCode(absl::StatusCode::kInternal));
  IssueCertificate other_ca = Order(owner_);
  other_ca.ca.crl_url = "http://changed";
  EXPECT_THAT(Run(MakeIssueCertificateFlow(other_ca)), HasReason("NO_PROFILE"));
  IssueCertificate other_profile = Order(owner_);
  other_profile.certificate.profile = "another";
  EXPECT_THAT(Run(MakeIssueCertificateFlow(other_profile)),
              HasReason("NO_PROFILE"));
  IssueCertificate no_key = Order(owner_);
  no_key.key_version.version = 7;
  EXPECT_THAT(Run(MakeIssueCertificateFlow(no_key)),
              HasReason("RESOURCE_NOT_FOUND"));
  signer_.SetRoom(absl::ResourceExhaustedError("full"));
  EXPECT_THAT(Issue(owner_), HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Leaves(EventType::kCertificateIssuing), 0);
  EXPECT_EQ(signer_.jobs(), 0);
}

TEST_F(CertificateFlowTest, ACrashAtAnyEffectIsTakenUpAgain) {
  SetUpInside();
  for (int step = 0; step < 3; ++step) {
    driver().crash_at = step;
    EXPECT_THAT(Issue(owner_), HasCode(absl::StatusCode::kCancelled)) << step;
    driver().crash_at.reset();
    EXPECT_FALSE(Key().chain.has_value()) << step;
    EXPECT_EQ(CertificatesToIssue(Shop()).size(), 1u) << step;
  }
  ASSERT_OK(Issue(ServerPrincipal(), kSerial2));
  EXPECT_THAT(CertificatesToIssue(Shop()), IsEmpty());
  EXPECT_EQ(Key().issued.size(), 1u);
}

TEST_F(CertificateFlowTest, NobodySetsAChainThatIsIssuedInside) {
  SetUpInside();
  SetChain chain{admin_, Name(), {{"der"}, clock_.Now() + absl::Hours(1)}};
  EXPECT_THAT(Run(MakeSetChainFlow(chain)), HasReason("ISSUED_INSIDE"));
}

// --- Renewal

TEST_F(CertificateFlowTest, IsRenewedByTwoPeople) {
  SetUpInside();
  EXPECT_THAT(RequestIt(admin_), HasReason("CERTIFICATE_MISSING"));
  ASSERT_OK(Issue(owner_));
  EXPECT_THAT(Renew(owner_), HasReason("NO_RENEWAL"));
  ASSERT_OK(RequestIt(admin_));
  EXPECT_EQ(Leaves(EventType::kRenewalRequested), 1);
  EXPECT_TRUE(Key().renewal.has_value());
  EXPECT_THAT(RequestIt(admin_), HasReason("RENEWAL_PENDING"));
  // What waits for a yes keeps signing.
  EXPECT_OK(Create(Ask(nightly_)));
  ASSERT_OK(Renew(owner_));
  const KeyVersion key = Key();
  EXPECT_FALSE(key.renewal.has_value());
  ASSERT_EQ(key.issued.size(), 2u);
  EXPECT_EQ(key.issued[1].serial, kSerial2);
  EXPECT_EQ(key.chain->certificates[0], std::string("leaf ") + kSerial2);
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "renewal"), "true");
  EXPECT_EQ(Detail(EventType::kCertificateIssuing, "reason"), "\"fine\"");
  EXPECT_THAT(Detail(EventType::kCertificateIssuing, "requester"),
              HasSubstr(admin_.subject));
}

TEST_F(CertificateFlowTest, RenewalNeedsARoleAndAnotherPerson) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  EXPECT_THAT(RequestIt(owner_), HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(RequestIt(stranger_), HasReason("RESOURCE_NOT_FOUND"));
  admin_.groups.insert("owners");
  ASSERT_OK(RequestIt(admin_));
  EXPECT_THAT(Renew(admin_), HasReason("OWN_RENEWAL"));
  Principal login = Person("token:ada", {"owners"});
  login.issuer = "https://idp";
  EXPECT_THAT(Renew(login), HasReason("OWN_RENEWAL"));
  EXPECT_THAT(Renew(ci_), HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(Renew(stranger_), HasReason("RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 6);
  EXPECT_EQ(Leaves(EventType::kCertificateIssuing), 1);
  ASSERT_OK(Renew(owner_));
}

TEST_F(CertificateFlowTest, TheServerAsksWhenItIsDue) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  EXPECT_THAT(RenewalsDue(Shop(), policy_, clock_.Now()), IsEmpty());
  clock_.Advance(absl::Hours(24 * 340));
  ASSERT_EQ(RenewalsDue(Shop(), policy_, clock_.Now()).size(), 1u);
  ASSERT_OK(RequestIt(ServerPrincipal()));
  EXPECT_THAT(RenewalsDue(Shop(), policy_, clock_.Now()), IsEmpty());
  EXPECT_EQ(Key().renewal->requester.subject, "server");
  ASSERT_OK(Renew(owner_));
}

TEST_F(CertificateFlowTest, AFailedRenewalWaitsOn) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  ASSERT_OK(RequestIt(admin_));
  signer_.FailNext(1, absl::UnavailableError("token away"));
  EXPECT_THAT(Renew(owner_), HasCode(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(Key().renewal.has_value());
  EXPECT_EQ(Key().chain->certificates[0], std::string("leaf ") + kSerial1);
  ASSERT_OK(Renew(owner_));
}

// --- Revocation

TEST_F(CertificateFlowTest, ARevokedCertificateIsNoLongerPublished) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  ASSERT_OK(Revoke(admin_));
  const KeyVersion key = Key();
  EXPECT_FALSE(key.chain.has_value());
  ASSERT_TRUE(key.issued[0].revocation.has_value());
  EXPECT_EQ(key.issued[0].revocation->reason, RevocationReason::kSuperseded);
  EXPECT_EQ(key.issued[0].revocation->comment, "why");
  EXPECT_EQ(Detail(EventType::kCertificateRevoked, "published"), "true");
  EXPECT_EQ(Detail(EventType::kCertificateRevoked, "revocationReason"),
            "\"SUPERSEDED\"");
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("CHAIN_MISSING"));
  EXPECT_THAT(CertificatesToIssue(Shop()), IsEmpty());
  ASSERT_OK(RequestIt(admin_));
  ASSERT_OK(Renew(owner_));
  EXPECT_OK(Create(Ask(nightly_)));
}

TEST_F(CertificateFlowTest, RevokingAnOldOneLeavesTheChain) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  ASSERT_OK(RequestIt(admin_));
  ASSERT_OK(Renew(owner_));
  ASSERT_OK(Revoke(admin_, kSerial1));
  EXPECT_TRUE(Key().chain.has_value());
  EXPECT_EQ(Detail(EventType::kCertificateRevoked, "published"), "false");
}

TEST_F(CertificateFlowTest, RevocationNeedsARoleAndAReason) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  EXPECT_THAT(Revoke(owner_), HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(Revoke(stranger_), HasReason("RESOURCE_NOT_FOUND"));
  for (const std::string& comment :
       {std::string(), std::string(1025, 'x'), std::string("\xff")}) {
    EXPECT_THAT(
        Revoke(admin_, kSerial1, RevocationReason::kUnspecified, comment),
        HasReason("BAD_REQUEST"));
  }
  EXPECT_THAT(Revoke(admin_, kSerial2), HasReason("BAD_REQUEST"));
  EXPECT_EQ(Leaves(EventType::kCertificateRevoked), 0);
  ASSERT_OK(Revoke(admin_));
  EXPECT_THAT(Revoke(admin_), HasReason("ALREADY_REVOKED"));
}

TEST_F(CertificateFlowTest, ACompromisedKeyGetsNoOther) {
  SetUpInside();
  ASSERT_OK(Issue(owner_));
  ASSERT_OK(RequestIt(admin_));
  ASSERT_OK(Revoke(admin_, kSerial1, RevocationReason::kKeyCompromise));
  EXPECT_FALSE(Key().renewal.has_value());
  EXPECT_THAT(RequestIt(admin_), HasReason("KEY_COMPROMISED"));
  EXPECT_THAT(Renew(owner_), HasReason("KEY_COMPROMISED"));
}

// --- CRL

TEST_F(CertificateFlowTest, ACrlIsRecordedBeforeItIsSigned) {
  SignCrl input;
  input.ca = ca_;
  input.digest = std::string(32, 'c');
  input.number = 1767225600000000;
  input.revoked = 2;
  input.this_update = clock_.Now();
  input.next_update = clock_.Now() + absl::Hours(1);
  driver().before = [&](const Effect& effect, int) {
    if (std::holds_alternative<SignEffect>(effect.next)) {
      EXPECT_EQ(Leaves(EventType::kCrlSigned), 1);
    }
  };
  const Answer answer = Run(MakeSignCrlFlow(input));
  driver().before = nullptr;
  ASSERT_OK(answer);
  EXPECT_FALSE(std::get<std::string>(*answer).empty());
  EXPECT_EQ(Detail(EventType::kCrlSigned, "number"), "\"1767225600000000\"");
  EXPECT_EQ(Detail(EventType::kCrlSigned, "revoked"), "2");
  input.ca.name = "gone";
  EXPECT_THAT(Run(MakeSignCrlFlow(input)), HasReason("CONCURRENT_CHANGE"));
  signer_.FailNext(1, absl::UnavailableError("token away"));
  input.ca = ca_;
  EXPECT_THAT(Run(MakeSignCrlFlow(input)),
              HasCode(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace countersign::core
