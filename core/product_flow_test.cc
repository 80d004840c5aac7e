#include "core/flow_fixture.h"

namespace countersign::core {
namespace {

using base::HasCode;
using base::HasReason;

class ProductFlowTest : public FlowFixture {
 protected:
  Product Shop() { return *store_.GetProduct(ProductName{"shop"}); }
};

TEST_F(ProductFlowTest, WaitsForAnotherPerson) {
  ASSERT_OK(Create(ProductToBe()));
  EXPECT_EQ(Shop().state, ProductState::kPendingApproval);
  EXPECT_TRUE(Shop().operations[0].key_versions.empty());
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("PRODUCT_NOT_ACTIVE"));
}

TEST_F(ProductFlowTest, MakesItsKeysWhenApproved) {
  SetUpShop();
  EXPECT_EQ(Shop().state, ProductState::kActive);
  const KeyVersion key = Shop().operations[0].key_versions.at(0);
  EXPECT_EQ(key.state, KeyState::kEnabled);
  EXPECT_FALSE(key.spki.empty());
  EXPECT_EQ(Leaves(EventType::kKeyGenerated), 1);
  EXPECT_EQ(Leaves(EventType::kProductActivated), 1);
}

TEST_F(ProductFlowTest, RefusesItsAuthor) {
  admin_.groups.insert("owners");
  ASSERT_OK(Create(ProductToBe()));
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(admin_))),
              HasReason("OWN_PRODUCT"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 1);
}

TEST_F(ProductFlowTest, RefusesTheAuthorsOtherIdentity) {
  ASSERT_OK(Create(ProductToBe()));
  Principal login = Person("token:admin", {"owners"});
  login.issuer = "https://idp.example.test";
  login.credential = CredentialKind::kBearerToken;
  Policy policy = TestPolicy();
  policy.people = {{{admin_.subject, admin_.issuer}, "ada"},
                   {{login.subject, login.issuer}, "ada"}};
  FlowTestDriver driver(store_, signer_, clock_, policy);
  for (const ProductVerb verb : {ProductVerb::kApprove, ProductVerb::kReject}) {
    DecideProduct input = Approval(login);
    input.verb = verb;
    input.reason = "why";
    EXPECT_THAT(*driver.Run(MakeDecideProductFlow(input)),
                HasReason("OWN_PRODUCT"));
  }
  // Without the configuration's word they are two.
  EXPECT_OK(*driver_.Run(MakeDecideProductFlow(Approval(login))));
}

TEST_F(ProductFlowTest, ChecksTheProfileOfACertificateIssuedInside) {
  Product product = ProductToBe();
  Operation& operation = product.operations[0];
  operation.type = OperationType::kDetachedSignature;
  operation.certificate = CertificateInfo();
  operation.certificate->common_name = "Shop";
  operation.certificate->external_root = false;
  EXPECT_THAT(Create(product).status().message(),
              testing::HasSubstr("no issuing authority"));
  Policy policy = TestPolicy();
  policy.issuing_cas.resize(1);
  policy.issuing_cas[0].name = "site";
  policy.issuing_cas[0].profiles.resize(2);
  policy.issuing_cas[0].profiles[0].id = "release";
  policy.issuing_cas[0].profiles[1].id = "test";
  FlowTestDriver driver(store_, signer_, clock_, policy);
  const auto create = [&] {
    return *driver.Run(MakeCreateProductFlow({admin_, product}));
  };
  operation.certificate->profile_id = "Release";
  const Answer wrong = create();
  const auto details = base::GetErrorDetails(wrong.status());
  ASSERT_TRUE(details.has_value());
  ASSERT_EQ(details->field_violations.size(), 1u);
  EXPECT_EQ(details->field_violations[0].field,
            "product.operations[0].certificate.profile_id");
  EXPECT_THAT(details->field_violations[0].description,
              testing::HasSubstr("release, test"));
  operation.certificate->profile_id.clear();
  ASSERT_OK(create());
  EXPECT_EQ(Shop().operations[0].certificate->profile_id, "release");
}

TEST_F(ProductFlowTest, RefusesThoseWithoutTheRole) {
  EXPECT_THAT(*driver_.Run(MakeCreateProductFlow({ci_, ProductToBe()})),
              HasReason("PERMISSION_DENIED"));
  ASSERT_OK(Create(ProductToBe()));
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(alice_))),
              HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(stranger_))),
              HasReason("RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Leaves(EventType::kCallDenied), 3);
}

TEST_F(ProductFlowTest, AnUnknownGroupIsAnErrorAtOnce) {
  Product product = ProductToBe();
  product.operations[0].rule.approval_groups = {"relaese"};
  const Answer answer = Create(product);
  ASSERT_FALSE(answer.ok());
  const auto details = base::GetErrorDetails(answer.status());
  ASSERT_TRUE(details.has_value());
  ASSERT_FALSE(details->field_violations.empty());
  EXPECT_THAT(details->field_violations[0].description,
              testing::HasSubstr("relaese"));
}

TEST_F(ProductFlowTest, TakenNamesAndRetriesAreToldApart) {
  Product product = ProductToBe();
  product.request_id = "r1";
  ASSERT_OK(Create(product));
  EXPECT_OK(Create(product));
  Product other = product;
  other.description = "something else";
  EXPECT_THAT(Create(other), HasReason("REQUEST_ID_REUSED"));
  other.request_id = "r2";
  EXPECT_THAT(Create(other), HasReason("RESOURCE_EXISTS"));
}

TEST_F(ProductFlowTest, ATokenThatIsAwayLeavesKeysToBeMadeLater) {
  ASSERT_OK(Create(ProductToBe()));
  signer_.FailNextMakeKey(1, absl::UnavailableError("token away"));
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(owner_))),
              HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Shop().state, ProductState::kPendingApproval);
  EXPECT_TRUE(Shop().decision.has_value());
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(Approval(owner_))),
              testing::Not(base::IsOk()));
  ASSERT_OK(*driver_.Run(MakeResumeProductFlow(ProductName{"shop"})));
  EXPECT_EQ(Shop().state, ProductState::kActive);
}

TEST_F(ProductFlowTest, ACrashAtAnyEffectIsTakenUpAgain) {
  for (int crash = 0; crash < 4; ++crash) {
    SCOPED_TRACE(crash);
    Product product = ProductToBe();
    product.name.product = "shop" + std::to_string(crash);
    product.operations[0].name.product = product.name;
    ASSERT_OK(Create(product));
    DecideProduct approve = Approval(owner_);
    approve.product = product.name;
    driver_.crash_at = crash;
    driver_.Run(MakeDecideProductFlow(approve));
    driver_.crash_at.reset();
    if (store_.GetProduct(product.name)->decision.has_value()) {
      ASSERT_OK(*driver_.Run(MakeResumeProductFlow(product.name)));
    } else {
      ASSERT_OK(*driver_.Run(MakeDecideProductFlow(approve)));
    }
    EXPECT_EQ(store_.GetProduct(product.name)->state, ProductState::kActive);
    EXPECT_EQ(Leaves(EventType::kProductActivated), crash + 1);
  }
}

TEST_F(ProductFlowTest, RotationAddsAVersionAndKeepsTheOld) {
  SetUpShop();
  RotateKey rotate{admin_, OperationName{ProductName{"shop"}, "release"},
                   random_.Bytes(16), std::nullopt};
  ASSERT_OK(*driver_.Run(MakeRotateKeyFlow(rotate)));
  const Operation operation = Shop().operations[0];
  ASSERT_EQ(operation.key_versions.size(), 2u);
  EXPECT_EQ(operation.SigningKey(clock_.Now())->name.version, 2);
  EXPECT_NE(operation.key_versions[0].spki, operation.key_versions[1].spki);
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(nightly_)));
  EXPECT_EQ(request.key_version, 2);
}

TEST_F(ProductFlowTest, ARequestIsSignedByTheKeyItWasShownWith) {
  SetUpShop();
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(ci_)));
  ASSERT_OK(*driver_.Run(
      MakeRotateKeyFlow({admin_, OperationName{ProductName{"shop"}, "release"},
                         random_.Bytes(16), std::nullopt})));
  ASSERT_OK(Decide(RequestVerb::kApprove, alice_, request));
  EXPECT_EQ(Stored(request).state, RequestState::kSigned);
  EXPECT_EQ(Stored(request).key_version, 1);
}

TEST_F(ProductFlowTest, ACsrIsRecordedBeforeTheKeyIsUsed) {
  SetUpShop();
  SignCsr csr;
  csr.caller = admin_;
  csr.key_version =
      KeyVersionName{OperationName{ProductName{"shop"}, "release"}, 1};
  csr.algorithm = SignatureAlgorithm::kEcdsa;
  csr.digest = std::string(32, 'c');
  csr.subject = "CN=shop";
  driver_.before = [&](const Effect& effect, int) {
    if (std::holds_alternative<SignEffect>(effect.next)) {
      EXPECT_EQ(Leaves(EventType::kCsrSigned), 1);
    }
  };
  ASSERT_OK(*driver_.Run(MakeSignCsrFlow(csr)));
  csr.caller = ci_;
  EXPECT_THAT(*driver_.Run(MakeSignCsrFlow(csr)),
              HasReason("PERMISSION_DENIED"));
}

TEST_F(ProductFlowTest, ABareKeyTakesNoChain) {
  SetUpShop();
  SetChain chain;
  chain.caller = admin_;
  chain.key_version =
      KeyVersionName{OperationName{ProductName{"shop"}, "release"}, 1};
  chain.chain.certificates = {"der"};
  chain.chain.not_after = clock_.Now() + absl::Hours(1);
  EXPECT_FALSE(driver_.Run(MakeSetChainFlow(chain))->ok());
}

TEST_F(ProductFlowTest, ADetachedOperationNeedsItsChainAndKeepsSigning) {
  Product product = ProductToBe();
  product.operations[0].type = OperationType::kDetachedSignature;
  product.operations[0].certificate = CertificateInfo();
  product.operations[0].certificate->common_name = "Shop";
  ASSERT_OK(Create(product));
  ASSERT_OK(*driver_.Run(MakeDecideProductFlow(Approval(owner_))));
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("CHAIN_MISSING"));
  SetChain chain;
  chain.caller = admin_;
  chain.key_version =
      KeyVersionName{OperationName{ProductName{"shop"}, "release"}, 1};
  chain.chain.certificates = {"der"};
  chain.chain.not_after = clock_.Now() + absl::Hours(1);
  ASSERT_OK(*driver_.Run(MakeSetChainFlow(chain)));
  EXPECT_OK(Create(Ask(nightly_)));
  // A rotation does not stop it: the new key has no certificate yet.
  ASSERT_OK(*driver_.Run(
      MakeRotateKeyFlow({admin_, OperationName{ProductName{"shop"}, "release"},
                         random_.Bytes(16), std::nullopt})));
  ASSERT_OK_AND_ASSIGN(SigningRequest request, Create(Ask(nightly_)));
  EXPECT_EQ(request.key_version, 1);
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(Create(Ask(nightly_)), HasReason("CHAIN_EXPIRED"));
}

TEST_F(ProductFlowTest, EnableAndDisableAreForAdministrators) {
  SetUpShop();
  DecideProduct disable{
      ProductVerb::kDisable, ci_, ProductName{"shop"}, "", "", {}};
  EXPECT_THAT(*driver_.Run(MakeDecideProductFlow(disable)),
              HasReason("PERMISSION_DENIED"));
  disable.caller = admin_;
  ASSERT_OK(*driver_.Run(MakeDecideProductFlow(disable)));
  EXPECT_EQ(Shop().state, ProductState::kDisabled);
  DecideProduct enable = disable;
  enable.verb = ProductVerb::kEnable;
  ASSERT_OK(*driver_.Run(MakeDecideProductFlow(enable)));
  EXPECT_OK(Create(Ask(nightly_)));
}

}  // namespace
}  // namespace countersign::core
