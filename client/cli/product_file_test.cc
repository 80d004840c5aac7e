#include "client/cli/product_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::ElementsAre;
using testing::HasSubstr;
using v1::Operation;

// The two shapes that people have, with their placeholders.
constexpr char kDigestSigning[] = R"({
    "name": "$PRODUCTNAME",
    "description": "Product for OCI container signing",
    "productType": "Production",
    "enabled": true,
    "caInfo": [],
    "rndKeys": [],
    "productOperations": [
        {
            "name": "OCI digest signing",
            "description": "RSA key for OCI container signing",
            "operationType": "DigestSigning",
            "token": {
                "name": "OCI signing key",
                "description": "HSM token for OCI container signing",
                "keyType": "RSA4096"
            },
            "approvalRule": {
                "name": "Rule for access",
                "description": "Rule for OCI signing",
                "allowedGroups": [
                    "$WRITERGROUP"
                ],
                "approvalGroups": [
                    "$APPROVERGROUP"
                ],
                "blanketGroups": []
            }
        }
    ]
})";

constexpr char kDetachedSignature[] = R"({
    "name": "$PRODUCTNAME",
    "description": "Product with detached signature",
    "productType": "Production",
    "enabled": true,
    "caInfo": [
        {
            "CN": "OCI signing certificate for $PRODUCTNAME",
            "description": "End-Entity certificate",
            "externalRoot": true,
            "useCase": "CodeSigning",
            "keyType": "RSA2048",
            "certificateType": "ENDENTITY",
            "profileID": "$ENDSIGPROFILEID"
        }
    ],
    "rndKeys": [],
    "productOperations": [
        {
            "name": "OCI detached signature",
            "description": "Generate detached signature",
            "operationType": "DetachedSignature",
            "approvalRule": {
                "name": "OCI signing rule",
                "allowedGroups": ["$WRITERGROUP"],
                "approvalGroups": ["$APPROVERGROUP"],
                "blanketGroups": []
            }
        }
    ]
})";

const Variables kVariables = {{"PRODUCTNAME", "Router"},
                              {"WRITERGROUP", "ci"},
                              {"APPROVERGROUP", "release"},
                              {"ENDSIGPROFILEID", "profile-7"}};

TEST(ReadProductFile, TakesDigestSigningAsItIsWritten) {
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(kDigestSigning, "f", kVariables));
  EXPECT_EQ(file.id, "");
  EXPECT_EQ(file.product.display_name(), "Router");
  EXPECT_EQ(file.product.product_type(), "Production");
  EXPECT_FALSE(file.product.start_disabled());
  ASSERT_EQ(file.product.operations_size(), 1);
  const Operation& operation = file.product.operations(0);
  EXPECT_EQ(operation.display_name(), "OCI digest signing");
  EXPECT_EQ(operation.name(), "");
  EXPECT_EQ(operation.type(), Operation::DIGEST_SIGNING);
  EXPECT_EQ(operation.key_type(), v1::RSA4096);
  EXPECT_EQ(operation.key_display_name(), "OCI signing key");
  EXPECT_FALSE(operation.has_certificate());
  EXPECT_THAT(operation.approval_rule().allowed_groups(), ElementsAre("ci"));
  EXPECT_THAT(operation.approval_rule().approval_groups(),
              ElementsAre("release"));
  EXPECT_EQ(operation.approval_rule().blanket_groups_size(), 0);
}

TEST(ReadProductFile, TakesDetachedSignatureAsItIsWritten) {
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(kDetachedSignature, "f", kVariables));
  const Operation& operation = file.product.operations(0);
  EXPECT_EQ(operation.type(), Operation::DETACHED_SIGNATURE);
  EXPECT_EQ(operation.key_type(), v1::RSA2048);
  EXPECT_EQ(operation.certificate().common_name(),
            "OCI signing certificate for Router");
  EXPECT_TRUE(operation.certificate().external_root());
  EXPECT_EQ(operation.certificate().use_case(), "CodeSigning");
  EXPECT_EQ(operation.certificate().certificate_type(), "ENDENTITY");
  EXPECT_EQ(operation.certificate().profile_id(), "profile-7");
}

// A product with one operation, to which each test adds its own.
std::string Product(const std::string& operation_fields,
                    const std::string& product_fields = "",
                    const std::string& rule_fields = "") {
  return absl::StrCat(
      R"({"name": "P", )", product_fields,
      R"("productOperations": [{"name": "O", )", operation_fields,
      R"("approvalRule": {"allowedGroups": ["ci"])", rule_fields, "}}]}");
}

constexpr char kDigest[] =
    R"("operationType": "DigestSigning", "token": {"keyType": "P-256"}, )";

TEST(ReadProductFile, TakesWhatStandsBesideTheShape) {
  const std::string text = Product(
      absl::StrCat(kDigest, R"("id": "o-1", "allowedHashes": ["SHA-384"],
                   "signatureAlgorithms": ["ECDSA"], )"),
      R"("id": "p-1", "enabled": false, )",
      R"(, "requiredApprovals": 2, "requestExpiry": "168h",
          "approvalGroups": ["a"], "blanketGroups": ["b"])");
  ASSERT_OK_AND_ASSIGN(const ProductFile file, ReadProductFile(text, "f", {}));
  EXPECT_EQ(file.id, "p-1");
  EXPECT_TRUE(file.product.start_disabled());
  const Operation& operation = file.product.operations(0);
  EXPECT_EQ(operation.name(), "products/p-1/operations/o-1");
  EXPECT_THAT(operation.allowed_hashes(), ElementsAre(v1::SHA384));
  EXPECT_THAT(operation.allowed_algorithms(), ElementsAre(v1::ECDSA));
  EXPECT_EQ(operation.approval_rule().required_approvals(), 2);
  EXPECT_EQ(operation.approval_rule().request_expiry().seconds(), 168 * 3600);
  EXPECT_THAT(operation.approval_rule().blanket_groups(), ElementsAre("b"));
}

TEST(ReadProductFile, MakesTheProductsIdWhereAnOperationNeedsIt) {
  const std::string text =
      absl::StrReplaceAll(Product(absl::StrCat(kDigest, R"("id": "o-1", )")),
                          {{"\"P\"", "\"Big  Router (2)\""}});
  ASSERT_OK_AND_ASSIGN(const ProductFile file, ReadProductFile(text, "f", {}));
  EXPECT_EQ(file.id, "big-router-2");
  EXPECT_EQ(file.product.operations(0).name(),
            "products/big-router-2/operations/o-1");
}

TEST(ReadProductFile, TakesOtherSpellings) {
  for (const char* type :
       {"DigestSigning", "DIGEST_SIGNING", "digest-signing"}) {
    const std::string text =
        Product(absl::StrCat(R"("operationType": ")", type,
                             R"(", "token": {"keyType": "EC_P384"}, )"));
    ASSERT_OK_AND_ASSIGN(const ProductFile file,
                         ReadProductFile(text, "f", {}));
    EXPECT_EQ(file.product.operations(0).type(), Operation::DIGEST_SIGNING);
    EXPECT_EQ(file.product.operations(0).key_type(), v1::EC_P384);
  }
}

std::string AllOf(const absl::Status& status) {
  std::string all(status.message());
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value()) return all;
  for (const base::FieldViolation& v : details->field_violations) {
    absl::StrAppend(&all, "\n", v.field, ": ", v.description);
  }
  return all;
}

struct BadCase {
  std::string name;
  std::string text;
  std::string want;
};

class BadProductFileTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadProductFileTest, NamesPathAndLine) {
  const auto got = ReadProductFile(GetParam().text, "product.json", {});
  EXPECT_THAT(got, base::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(AllOf(got.status()), HasSubstr(GetParam().want));
  EXPECT_THAT(AllOf(got.status()), HasSubstr("product.json"));
}

const std::string kDetached = R"("operationType": "DetachedSignature", )";

INSTANTIATE_TEST_SUITE_P(
    Files, BadProductFileTest,
    testing::Values(
        BadCase{"BrokenJson", "{\n  \"name\": }", "line 2"},
        BadCase{"NotUtf8", "{\"name\": \"\xff\"}", "UTF-8"},
        BadCase{"DoubledKey", R"({"name": "a", "name": "b"})", "name"},
        BadCase{"NoObject", "[]", "an object { } is expected"},
        BadCase{"Empty", "{}", "name: line 1: must be given"},
        BadCase{"NoOperations", R"({"name": "a"})",
                "productOperations: line 1: at least one"},
        BadCase{"UnknownField", Product(kDigest, R"("enable": true, )"),
                "enable: line 1: unknown field; meant was probably enabled"},
        BadCase{"UnknownFarField", Product(kDigest, R"("zzz": 1, )"),
                "zzz: line 1: unknown field; known are name"},
        BadCase{"RndKeys", Product(kDigest, R"("rndKeys": [{"a": 1}], )"),
                "rndKeys: line 1: must be empty"},
        BadCase{"EnabledText", Product(kDigest, R"("enabled": "yes", )"),
                "enabled: line 1: true or false"},
        BadCase{"UnknownType", Product(R"("operationType": "Magic", )"),
                "right is DigestSigning or DetachedSignature"},
        BadCase{"NoToken", Product(R"("operationType": "DigestSigning", )"),
                "productOperations[0].token: line 1: must be given"},
        BadCase{"UnknownKeyType", Product(R"("operationType": "DigestSigning",
                           "token": {"keyType": "RSA1024"}, )"),
                "productOperations[0].token.keyType: line 2: unknown key type "
                "\"RSA1024\""},
        BadCase{
            "Sha1",
            Product(absl::StrCat(kDigest, R"("allowedHashes": ["SHA-1"], )")),
            "productOperations[0].allowedHashes[0]: line 1: unknown hash"},
        BadCase{"Md5Rsa",
                Product(absl::StrCat(kDigest,
                                     R"("signatureAlgorithms": ["MD5"], )")),
                "unknown signature algorithm"},
        BadCase{"GroupNotText",
                Product(kDigest, "", R"(, "blanketGroups": [1])"),
                "approvalRule.blanketGroups[0]"},
        BadCase{"Expiry", Product(kDigest, "", R"(, "requestExpiry": "long")"),
                "a duration is needed"},
        BadCase{"Approvals",
                Product(kDigest, "", R"(, "requiredApprovals": 1.5)"),
                "a whole number"},
        BadCase{"NoCaInfo", Product(kDetached), "is ambiguous"},
        BadCase{"UnusedCaInfo",
                Product(kDigest,
                        R"("caInfo": [{"CN": "a", "keyType": "RSA2048"}], )"),
                "caInfo[0]: line 1: no DetachedSignature operation uses it"},
        BadCase{"RootAsText", Product(kDetached, R"("caInfo": [{"CN": "a",
                        "keyType": "RSA2048", "externalRoot": "no"}], )"),
                "caInfo[0].externalRoot: line 2: true or false"},
        BadCase{"SubjectWithCn", Product(kDetached, R"("caInfo": [{"CN": "a",
                        "keyType": "RSA2048", "subject": "CN=b,O=E"}], )"),
                "caInfo[0].subject: line 2: must be what stands beside the CN"},
        BadCase{"CaCertificate", Product(kDetached, R"("caInfo": [{"CN": "a",
                        "keyType": "RSA2048", "certificateType": "ROOT"}], )"),
                "right is ENDENTITY"},
        BadCase{"OtherUse", Product(kDetached, R"("caInfo": [{"CN": "a",
                        "keyType": "RSA2048", "useCase": "TLS"}], )"),
                "right is CodeSigning"},
        BadCase{"UnknownCaInfo",
                Product(kDetached + R"("caInfo": "b", )",
                        R"("caInfo": [{"CN": "a", "keyType": "RSA2048"}], )"),
                "no entry of caInfo has the CN \"b\""},
        BadCase{"OtherKeyType",
                Product(kDetached + R"("token": {"keyType": "P-256"}, )",
                        R"("caInfo": [{"CN": "a", "keyType": "RSA2048"}], )"),
                "differs from caInfo[0].keyType (RSA2048)"},
        BadCase{"Placeholder",
                Product(kDigest, R"("description": "$X_1 $Y", )"),
                "$Y is a placeholder: give it a value with --set Y="}),
    [](const auto& info) { return info.param.name; });

TEST(ReadProductFile, TellsAllMistakesAtOnce) {
  const auto got = ReadProductFile(
      "{\n \"nam\": \"a\",\n \"enabled\": 1,\n \"rndKeys\": [1],\n"
      " \"productOperations\": [\n  {\"operationType\": \"x\"}\n ]\n}",
      "f", {});
  EXPECT_THAT(got, HasReason("PRODUCT_FILE_MALFORMED"));
  const std::string all = AllOf(got.status());
  for (const char* want :
       {"nam: line 2: unknown field; meant was probably name",
        "name: line 1: must be given", "enabled: line 3", "rndKeys: line 4",
        "productOperations[0].name: line 6",
        "productOperations[0].operationType: line 6",
        "productOperations[0].approvalRule: line 6"}) {
    EXPECT_THAT(all, HasSubstr(want));
  }
}

TEST(ReadProductFile, NamesEveryPlaceholderThatIsLeft) {
  const auto got =
      ReadProductFile(kDetachedSignature, "f", {{"PRODUCTNAME", "Router"}});
  const std::string all = AllOf(got.status());
  EXPECT_THAT(all, HasSubstr("--set WRITERGROUP="));
  EXPECT_THAT(all, HasSubstr("--set APPROVERGROUP="));
  EXPECT_THAT(all, HasSubstr("caInfo[0].profileID: line 14: $ENDSIGPROFILEID"));
  EXPECT_THAT(all, testing::Not(HasSubstr("PRODUCTNAME")));
}

// Two operations, and the entries of caInfo that are given.
std::string Two(const std::string& first, const std::string& second,
                const std::string& ca_info) {
  const auto operation = [](const std::string& name, const std::string& more) {
    return absl::StrCat(R"({"name": ")", name, R"(", )", kDetached, more,
                        R"("approvalRule": {"allowedGroups": ["g"]}})");
  };
  return absl::StrCat(R"({"name": "P", "caInfo": [)", ca_info,
                      R"(], "productOperations": [)", operation("A", first),
                      ",", operation("B", second), "]}");
}

constexpr char kRsa[] = R"({"CN": "rsa", "keyType": "RSA3072"})";
constexpr char kEc[] = R"({"CN": "ec", "keyType": "P-256"})";

TEST(AssignCertificates, GoesByOrderWhereNothingIsNamed) {
  ASSERT_OK_AND_ASSIGN(
      const ProductFile file,
      ReadProductFile(Two("", "", absl::StrCat(kRsa, ",", kEc)), "f", {}));
  EXPECT_EQ(file.product.operations(0).key_type(), v1::RSA3072);
  EXPECT_EQ(file.product.operations(1).certificate().common_name(), "ec");
}

TEST(AssignCertificates, GoesByNameWhereOneIsGiven) {
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(Two(R"("caInfo": "ec", )", "",
                                           absl::StrCat(kRsa, ",", kEc)),
                                       "f", {}));
  EXPECT_EQ(file.product.operations(0).key_type(), v1::EC_P256);
  EXPECT_EQ(file.product.operations(1).key_type(), v1::RSA3072);
}

TEST(AssignCertificates, SaysWhatIsAmbiguous) {
  const auto got = ReadProductFile(Two("", "", kRsa), "f", {});
  EXPECT_THAT(AllOf(got.status()),
              HasSubstr("2 DetachedSignature operations and 1 entries"));
}

// One DigestSigning operation with `more` before its rule.
std::string One(const std::string& more, const std::string& product = "") {
  return absl::StrCat(R"({"name": "P", )", product,
                      R"("productOperations": [{"name": "O",
      "operationType": "DigestSigning", "token": {"keyType": "Ed25519"}, )",
                      more, R"("approvalRule": {"allowedGroups": ["g"]}}]})");
}

TEST(ReadProductFile, ReadsTokenLimitAndExistingKey) {
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(One(R"("maxSignaturesPerKey": 5000000000,
          "allowedHashes": ["UNHASHED"], "signatureAlgorithms": ["ed25519"],
          "existingKey": {"keyId": "0A:0B", "label": "old $X",
                          "tokens": ["east", "west"]}, )",
                                           R"("token": "east", )"),
                                       "f", {{"X", "key"}}));
  EXPECT_EQ(file.product.token(), "east");
  const Operation& operation = file.product.operations(0);
  EXPECT_EQ(operation.key_type(), v1::EC_EDWARDS25519);
  EXPECT_EQ(operation.max_signatures_per_key(), 5000000000);
  EXPECT_EQ(operation.allowed_hashes(0), v1::UNHASHED);
  EXPECT_EQ(operation.allowed_algorithms(0), v1::ED25519);
  EXPECT_EQ(operation.existing_key().key_id(), "0a0b");
  EXPECT_EQ(operation.existing_key().label(), "old key");
  EXPECT_THAT(operation.existing_key().tokens(), ElementsAre("east", "west"));
}

TEST(ReadProductFile, HasNoExistingKeyOrLimitUnlessGiven) {
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(One(""), "f", {}));
  EXPECT_FALSE(file.product.operations(0).has_existing_key());
  EXPECT_EQ(file.product.operations(0).max_signatures_per_key(), 0);
}

struct MistakeCase {
  const char* text;
  const char* want;
};

TEST(ReadProductFile, NamesMistakesAboutKeys) {
  for (const MistakeCase& c :
       {MistakeCase{R"("existingKey": {"label": "l"}, )",
                    "existingKey.keyId: line 1: must be given"},
        MistakeCase{R"("existingKey": {"keyId": "0a"}, )",
                    "existingKey.label: line 1: must be given"},
        MistakeCase{R"("existingKey": {"keyId": "0g", "label": "l"}, )",
                    "existingKey.keyId: line 1: keyId \"0g\""},
        MistakeCase{R"("existingKey": {"keyId": "0a", "label": "l",
                       "token": "t"}, )",
                    "meant was probably tokens"},
        MistakeCase{R"("existingKey": "0a", )", "an object { } is expected"},
        MistakeCase{R"("existingKey": {"keyId": "0a", "label": "l",
                       "tokens": "t"}, )",
                    "a list [ ] is expected"},
        MistakeCase{R"("maxSignaturesPerKey": -1, )", "a whole number from 0"},
        MistakeCase{R"("maxSignaturesPerKey": 1.5, )", "a whole number from 0"},
        MistakeCase{R"("maxSignaturesPerKey": "1", )", "a whole number from 0"},
        MistakeCase{R"("maxSignaturesPerKey": 1e17, )",
                    "a whole number from 0"},
        MistakeCase{R"("maxSignaturePerKey": 1, )",
                    "meant was probably maxSignaturesPerKey"}}) {
    const auto got = ReadProductFile(
        absl::StrReplaceAll(One(c.text), {{"\n", " "}}), "f", {});
    EXPECT_THAT(got, HasReason("PRODUCT_FILE_MALFORMED")) << c.text;
    EXPECT_THAT(AllOf(got.status()), HasSubstr(c.want)) << c.text;
  }
}

TEST(ReadProductFile, TakesACertificateOfTheSitesOwnAuthority) {
  const std::string text = absl::StrReplaceAll(
      kDetachedSignature,
      {{"\"externalRoot\": true", "\"externalRoot\": false"}});
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(text, "f", kVariables));
  const v1::CertificateInfo& info = file.product.operations(0).certificate();
  EXPECT_FALSE(info.external_root());
  EXPECT_EQ(info.profile_id(), "profile-7");
}

TEST(ReadProductFile, TakesWhatStandsBesideTheCn) {
  const std::string text = absl::StrReplaceAll(
      kDetachedSignature,
      {{"\"externalRoot\": true",
        "\"externalRoot\": true, \"subject\": \"OU=Firmware,O=Example\""}});
  ASSERT_OK_AND_ASSIGN(const ProductFile file,
                       ReadProductFile(text, "f", kVariables));
  EXPECT_EQ(file.product.operations(0).certificate().subject(),
            "OU=Firmware,O=Example");
}

TEST(ReadProductFile, TakesRequiredClaimsInBothForms) {
  ASSERT_OK_AND_ASSIGN(
      const ProductFile shorter,
      ReadProductFile(One(R"("requiredClaims": {"ref_type": "tag",
          "/kubernetes.io/namespace": ["build", "release"]}, )"),
                      "f", {}));
  const auto& two =
      shorter.product.operations(0).approval_rule().required_claims();
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(two[0].claim(), "ref_type");
  EXPECT_THAT(two[0].values(), ElementsAre("tag"));
  EXPECT_EQ(two[1].claim(), "/kubernetes.io/namespace");
  EXPECT_THAT(two[1].values(), ElementsAre("build", "release"));

  ASSERT_OK_AND_ASSIGN(
      const ProductFile longer,
      ReadProductFile(One(R"("requiredClaims": [{"claim": "ref",
          "values": ["refs/heads/main"], "patterns": ["refs/tags/*"]}], )"),
                      "f", {}));
  const auto& one =
      longer.product.operations(0).approval_rule().required_claims();
  ASSERT_EQ(one.size(), 1);
  EXPECT_EQ(one[0].claim(), "ref");
  EXPECT_THAT(one[0].values(), ElementsAre("refs/heads/main"));
  EXPECT_THAT(one[0].patterns(), ElementsAre("refs/tags/*"));
}

TEST(ReadProductFile, NamesMistakesInRequiredClaims) {
  const std::string path = "productOperations[0].requiredClaims";
  for (const MistakeCase& c :
       {MistakeCase{R"("requiredClaims": "ref", )",
                    ": line 2: {\"claim\": \"value\"} or a list"},
        MistakeCase{R"("requiredClaims": {"ref_protected": true}, )",
                    ".ref_protected: line 2: a text in quotes"},
        MistakeCase{R"("requiredClaims": {"ref": []}, )",
                    ".ref: line 2: at least one value"},
        MistakeCase{R"("requiredClaims": {"ref": ["a", ""]}, )",
                    ".ref[1]: line 2: a text in quotes"},
        MistakeCase{R"("requiredClaims": {"ref": "refs/tags/*"}, )",
                    ".ref: line 2: a pattern needs the long form"},
        MistakeCase{R"("requiredClaims": ["ref"], )",
                    "[0]: line 2: an object { }"},
        MistakeCase{R"("requiredClaims": [{"values": ["a"]}], )",
                    "[0].claim: line 2: must be given"},
        MistakeCase{R"("requiredClaims": [{"claim": "ref"}], )",
                    "[0].values: line 2: must be given, or patterns"},
        MistakeCase{R"("requiredClaims": [{"claim": "a", "value": "b"}], )",
                    "[0].value: line 2: unknown field; meant was probably "
                    "values"}}) {
    const auto got = ReadProductFile(One(c.text), "f", {});
    EXPECT_THAT(got, HasReason("PRODUCT_FILE_MALFORMED")) << c.text;
    EXPECT_THAT(AllOf(got.status()), HasSubstr(path + c.want)) << c.text;
  }
}

TEST(ReadVariables, ReadsNameAndValue) {
  ASSERT_OK_AND_ASSIGN(const Variables got, ReadVariables({"A=b", "X_1=a=b="}));
  EXPECT_EQ(got, (Variables{{"A", "b"}, {"X_1", "a=b="}}));
  for (const char* text : {"", "A", "a=b", "=b", "1A=b", "$A=b"}) {
    EXPECT_THAT(ReadVariables({text}), HasReason("VARIABLE_MALFORMED")) << text;
  }
}

TEST(Substitute, DoesNotReadAgainWhatItPutIn) {
  base::Json json = base::Json::Array{"x$A.$B$", "$$A"};
  std::vector<base::FieldViolation> violations;
  Substitute({{"A", "$B"}, {"B", "b"}}, "", json, violations);
  EXPECT_EQ(json, (base::Json::Array{"x$B.b$", "$$B"}));
  EXPECT_TRUE(violations.empty());
}

}  // namespace
}  // namespace countersign::client
