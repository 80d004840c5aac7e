#include "client/plugins/ocm_plugin.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/test_certificates.h"
#include "client/plugins/test_plugin_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::string kDigest = HashOctets(HashAlgorithm::kSha256, "normalised");

base::EvpPkeyPtr LeafKey() {
  EVP_PKEY_up_ref(SharedChain().leaf_key.get());
  return base::EvpPkeyPtr(SharedChain().leaf_key.get());
}

class OcmPluginTest : public testing::Test {
 protected:
  OcmPluginTest()
      : server_(LeafKey(), v1::RSA2048),
        world_(server_.World()),
        log_([this](const char* level, absl::string_view text) {
          logged_.push_back(absl::StrCat(level, ": ", text));
        }),
        routes_(world_, log_) {
    server_.chain_pem =
        CertificatePem({SharedChain().leaf, SharedChain().intermediate});
  }

  HttpResponse Post(const std::string& target, const std::string& body,
                    const std::string& authorization = "{}") {
    return routes_.Handle({"POST", target, authorization, body});
  }

  static std::string DigestJson() {
    return absl::StrCat(
        R"({"hashAlgorithm":"SHA-256","normalisationAlgorithm":)",
        R"("jsonNormalisation/v4alpha1","value":")", base::HexEncode(kDigest),
        "\"}");
  }
  static std::string Spec(const std::string& members) {
    return absl::StrCat(R"({"type":"CountersignSigning/v1alpha1")",
                        members.empty() ? "" : ",", members, "}");
  }

  // Both calls, as the CLI makes them. The "signature" of the answer.
  base::Json Sign(const std::string& members,
                  const std::string& name = "release") {
    const std::string body = absl::StrCat(R"({"digest":)", DigestJson(),
                                          R"(,"config":)", Spec(members));
    const HttpResponse identity =
        Post("/sign/identity", absl::StrCat(body, R"(,"name":")", name, "\"}"));
    EXPECT_EQ(identity.code, 200) << identity.body;
    EXPECT_EQ(identity.body,
              absl::StrCat(R"({"identity":{"type":"CountersignSigning/)",
                           R"(v1alpha1","signature":")", name, "\"}}"));
    last_ = Post("/sign", body + "}");
    if (last_.code != 200) return base::Json();
    return *base::ParseJson(last_.body)->Find("signature");
  }

  HttpResponse Verify(const base::Json& signature, const std::string& members,
                      const std::string& authorization = "{}") {
    const std::string body = absl::StrCat(
        R"({"signature":{"name":"release","digest":)", DigestJson(),
        R"(,"signature":)", base::CompactJson(signature), R"(},"config":)",
        Spec(members), "}");
    EXPECT_EQ(Post("/verify/identity", body).code, 200);
    return Post("/verify", body, authorization);
  }

  static std::string Credentials(const std::string& name,
                                 const std::string& pem) {
    return base::CompactJson(
        base::Json::Object{{"type", "Credentials/v1"},
                           {"properties", base::Json::Object{{name, pem}}}});
  }
  static std::string Member(const std::string& name, const std::string& text) {
    return absl::StrCat("\"", name, "\":", base::CompactJson(base::Json(text)));
  }

  TestPluginServer server_;
  PluginWorld world_;
  std::vector<std::string> logged_;
  OcmLog log_;
  OcmRoutes routes_;
  HttpResponse last_;
};

constexpr char kRelease[] = R"("operation":"shop/release")";

TEST_F(OcmPluginTest, SignsAsPem) {
  const base::Json got = Sign(kRelease);
  EXPECT_EQ(got.Find("algorithm")->string(), "RSASSA-PKCS1-V1_5");
  EXPECT_EQ(got.Find("mediaType")->string(), "application/x-pem-file");
  const std::string& pem = got.Find("value")->string();
  EXPECT_EQ(pem.find("-----BEGIN SIGNATURE-----\n"
                     "Signature Algorithm: RSASSA-PKCS1-V1_5\n\n"),
            0u);
  ASSERT_OK_AND_ASSIGN(const DetachedSignature detached,
                       ParseDetachedSignature(pem));
  EXPECT_EQ(detached.certificates.size(), 2u) << "leaf, intermediate, no root";
  EXPECT_OK(VerifyDetachedSignature(detached, kDigest, HashAlgorithm::kSha256,
                                    {SharedChain().root}, TestNow()));
}

TEST_F(OcmPluginTest, SignsPlain) {
  for (const auto& [algorithm, media_type] :
       std::vector<std::pair<std::string, std::string>>{
           {"RSASSA-PKCS1-V1_5", "application/vnd.ocm.signature.rsa"},
           {"RSASSA-PSS", "application/vnd.ocm.signature.rsa.pss"}}) {
    const base::Json got =
        Sign(absl::StrCat(kRelease, R"(,"signatureEncodingPolicy":"Plain",)",
                          R"("signatureAlgorithm":")", algorithm, "\""));
    EXPECT_EQ(got.Find("algorithm")->string(), algorithm);
    EXPECT_EQ(got.Find("mediaType")->string(), media_type);
    EXPECT_EQ(
        Verify(got, Member("publicKeyPEM", server_.public_key_pem())).code,
        200);
  }
  EXPECT_THAT(logged_, Contains(HasSubstr("WARN: the classic ocm CLI")));
}

TEST_F(OcmPluginTest, ShowsApproversTheNameAndTheUsersWords) {
  Sign(absl::StrCat(kRelease, R"(,"description":"Shop 1.2",)",
                    R"("context":{"build":"77"})"));
  ASSERT_EQ(server_.asked.size(), 1u);
  const v1::SigningRequest& asked = server_.asked[0].signing_request();
  EXPECT_THAT(asked.description(), HasSubstr("Shop 1.2"));
  EXPECT_THAT(asked.description(), HasSubstr("\"release\""));
  EXPECT_EQ(asked.context().at("build"), "77");
  EXPECT_EQ(asked.context().at("signature.name"), "release");
  EXPECT_EQ(asked.context().at("normalisation"), "jsonNormalisation/v4alpha1");
}

TEST_F(OcmPluginTest, WarnsWhereTheClassicCliWantsAnotherName) {
  Sign(kRelease, "release");
  EXPECT_THAT(logged_, testing::IsEmpty());
  Sign(kRelease, "nightly");
  EXPECT_THAT(logged_, Contains(HasSubstr("WARN: ")));
}

TEST_F(OcmPluginTest, ReleasesNothingThatDoesNotFitTheKey) {
  server_.lies = true;
  for (const char* policy : {"PEM", "Plain"}) {
    Sign(absl::StrCat(kRelease, R"(,"signatureEncodingPolicy":")", policy,
                      "\""));
    EXPECT_EQ(last_.code, 400);
    EXPECT_THAT(last_.body, HasSubstr("it was thrown away"));
  }
}

TEST_F(OcmPluginTest, SaysWhatToDoWithoutACertificate) {
  server_.chain_pem.clear();
  Sign(kRelease);
  EXPECT_EQ(last_.code, 409);
  EXPECT_THAT(last_.body, HasSubstr("signatureEncodingPolicy: Plain"));
  EXPECT_TRUE(server_.asked.empty());
}

TEST_F(OcmPluginTest, RefusesAChainOfAnotherKey) {
  server_.chain_pem = CertificatePem({SharedChain().intermediate});
  Sign(kRelease);
  EXPECT_EQ(last_.code, 400);
  EXPECT_THAT(last_.body, HasSubstr("of another key"));
}

TEST_F(OcmPluginTest, NeedsAnOperationAndAnRsaKey) {
  Sign("");
  EXPECT_EQ(last_.code, 400);
  EXPECT_THAT(last_.body, HasSubstr("PRODUCT/OPERATION"));
  Sign(R"("operation":"other/one")");
  EXPECT_EQ(last_.code, 404);

  TestPluginServer ec(MakeEcKey(), v1::EC_P256);
  const PluginWorld world = ec.World();
  OcmRoutes routes(world, log_);
  const HttpResponse got =
      routes.Handle({"POST", "/sign", "{}",
                     absl::StrCat(R"({"digest":)", DigestJson(),
                                  R"(,"config":)", Spec(kRelease), "}")});
  EXPECT_EQ(got.code, 400);
  EXPECT_THAT(got.body, HasSubstr("KEY_NOT_RSA"));
}

TEST_F(OcmPluginTest, VerifiesWithEachKindOfTrust) {
  const base::Json pem = Sign(kRelease);
  const base::Json plain =
      Sign(absl::StrCat(kRelease, R"(,"signatureEncodingPolicy":"Plain")"));
  const std::string key = server_.public_key_pem();
  const std::string leaf = CertificatePem({SharedChain().leaf});
  for (const base::Json& signature : {pem, plain}) {
    EXPECT_EQ(Verify(signature, Member("publicKeyPEM", key)).body, "{}");
    EXPECT_EQ(Verify(signature, Member("publicKeyPEM", leaf)).body, "{}");
    EXPECT_EQ(Verify(signature, "", Credentials("public_key_pem", key)).body,
              "{}");
    // The user's own words are stronger.
    EXPECT_EQ(
        Verify(signature, Member("publicKeyPEM", key),
               Credentials("publicKeyPEM", PublicKeyPem(MakeEcKey().get())))
            .body,
        "{}");
  }
}

TEST_F(OcmPluginTest, VerifiesWithTheOperationsEnabledKeysOnly) {
  const base::EvpPkeyPtr lost = MakeRsaKey();
  server_.other_key_pem = PublicKeyPem(lost.get());
  const base::Json ours =
      Sign(absl::StrCat(kRelease, R"(,"signatureEncodingPolicy":"Plain")"));
  EXPECT_EQ(Verify(ours, kRelease).body, "{}");
  base::Json theirs = ours;
  theirs.Set("value", base::HexEncode(SignDigest(
                          lost.get(), base::SignatureScheme::kRsaPkcs1,
                          HashAlgorithm::kSha256, kDigest)));
  EXPECT_EQ(Verify(theirs, kRelease).code, 400);
  server_.other_key_enabled = true;
  EXPECT_EQ(Verify(theirs, kRelease).body, "{}");
}

TEST_F(OcmPluginTest, RefusesWhatDoesNotVerify) {
  const base::Json pem = Sign(kRelease);
  const base::Json plain =
      Sign(absl::StrCat(kRelease, R"(,"signatureEncodingPolicy":"Plain")"));
  const std::string other = PublicKeyPem(MakeRsaKey().get());
  const std::string key = server_.public_key_pem();
  for (const base::Json& signature : {pem, plain}) {
    const HttpResponse got = Verify(signature, Member("publicKeyPEM", other));
    EXPECT_EQ(got.code, 400);
    EXPECT_THAT(got.body, HasSubstr("signature \"release\""));
    EXPECT_THAT(Verify(signature, "").body, HasSubstr("TRUST_MISSING"));
  }
  const auto with = [](base::Json signature, const char* member,
                       const std::string& text) {
    signature.Set(member, text);
    return signature;
  };
  for (const base::Json& broken :
       {with(plain, "value", "zz"), with(plain, "value", ""),
        with(plain, "mediaType", "application/vnd.ocm.signature.rsa.pss"),
        with(plain, "mediaType", "text/plain"),
        with(plain, "algorithm", "RSASSA-PSS"), with(plain, "algorithm", "x"),
        with(pem, "algorithm", "RSASSA-PSS"), with(pem, "value", "x")}) {
    EXPECT_EQ(Verify(broken, Member("publicKeyPEM", key)).code, 400)
        << base::CompactJson(broken);
  }
  // A root cannot vouch for a bare signature.
  EXPECT_THAT(Verify(plain, Member("rootCertificatesPEM",
                                   CertificatePem({SharedChain().root})))
                  .body,
              HasSubstr("TRUST_MISSING"));
  EXPECT_NE(Verify(pem, Member("publicKeyPEMFile", "/none")).code, 200);
}

TEST_F(OcmPluginTest, SaysWhichCallsThereAre) {
  EXPECT_EQ(routes_.Handle({"GET", "/healthz", "", ""}).code, 200);
  EXPECT_EQ(routes_.Handle({"GET", "/sign", "", ""}).code, 404);
  EXPECT_EQ(Post("/shutdown", "").code, 404);
  EXPECT_EQ(Post("/sign", "{").code, 400);
  EXPECT_EQ(Post("/verify", "{}", "Bearer x").code, 400);
}

TEST_F(OcmPluginTest, TellsItsCapabilities) {
  std::ostringstream out;
  EXPECT_EQ(RunOcmPlugin({"capabilities"}, out, world_, log_), 0);
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(out.str()));
  const base::Json& handler = json.Find("capabilities")->array()[0];
  EXPECT_EQ(handler.Find("type")->string(), "signingHandler");
  const base::Json& type =
      handler.Find("supportedSigningSpecTypes")->array()[0];
  EXPECT_EQ(type.Find("type")->string(), "CountersignSigning/v1alpha1");
  ASSERT_OK_AND_ASSIGN(const std::string schema,
                       base::Base64Decode(type.Find("jsonSchema")->string()));
  ASSERT_OK_AND_ASSIGN(const base::Json parsed, base::ParseJson(schema));
  // Every member that the reader knows, and no other.
  for (const auto& [member, unused] : parsed.Find("properties")->object()) {
    if (member == "type") continue;
    const bool object = member == "context";
    const std::string value = object ? "{}" : "\"Plain\"";
    const HttpResponse got = Post(
        "/sign/identity",
        absl::StrCat(R"({"name":"n","digest":)", DigestJson(), R"(,"config":)",
                     Spec(absl::StrCat("\"", member, "\":", value)), "}"));
    EXPECT_THAT(got.body, testing::Not(HasSubstr("is not known"))) << member;
  }
}

TEST_F(OcmPluginTest, ServesOnASocketUntilItIsInterrupted) {
  for (const char* type : {"unix", "tcp"}) {
    server_.interrupted = true;
    std::ostringstream out;
    EXPECT_EQ(RunOcmPlugin({"--config",
                            absl::StrCat(R"({"id":"x","type":")", type, "\"}")},
                           out, world_, log_),
              0);
    EXPECT_EQ(out.str().find("http"), 0u);
    EXPECT_EQ(out.str().back(), '\n');
  }
}

TEST_F(OcmPluginTest, RefusesAConfigurationThatItCannotRead) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"type":"udp"})", R"({"type":7})",
        R"({"type":"unix","idleTimeout":"1h"})"}) {
    std::ostringstream out;
    EXPECT_EQ(RunOcmPlugin({"--config", text}, out, world_, log_), 2) << text;
    EXPECT_EQ(out.str(), "");
  }
  std::ostringstream out;
  EXPECT_EQ(RunOcmPlugin({"frobnicate"}, out, world_, log_), 2);
}

TEST(OcmConfigTest, ReadsWhatTheCliSends) {
  ASSERT_OK_AND_ASSIGN(
      const OcmConfig config,
      ParseOcmConfig(R"({"id":"p","type":"unix","pluginType":"",)"
                     R"("idleTimeout":60000000000})"));
  EXPECT_EQ(config.id, "p");
  EXPECT_FALSE(config.tcp);
  EXPECT_EQ(config.idle_timeout, absl::Minutes(1));
}

}  // namespace
}  // namespace countersign::client
