#include "server/convert/signing_request.h"

#include <functional>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using base::HasReason;

v1::CreateSigningRequestRequest Good() {
  v1::CreateSigningRequestRequest request;
  request.set_parent("products/p/operations/o");
  request.set_request_id("id");
  request.mutable_expire_in()->set_seconds(60);
  v1::SigningRequest& wire = *request.mutable_signing_request();
  wire.set_hash_algorithm(v1::SHA384);
  wire.set_signature_algorithm(v1::RSASSA_PSS);
  wire.set_encoding(v1::PEM);
  wire.set_description("why");
  (*wire.mutable_context())["build"] = "7";
  for (const char* label : {"one", "two"}) {
    v1::LabelledDigest* digest = wire.add_digests();
    digest->set_label(label);
    digest->set_value(std::string(48, label[0]));
    digest->set_crc32c(base::Crc32c(digest->value()));
  }
  return request;
}

TEST(SigningRequestConvertTest, TakesEveryFieldOfARequest) {
  ASSERT_OK_AND_ASSIGN(const core::CreateRequest input, FromWire(Good()));
  EXPECT_EQ(input.content.operation.Format(), "products/p/operations/o");
  EXPECT_EQ(input.content.hash, core::HashAlgorithm::kSha384);
  EXPECT_EQ(input.content.algorithm, core::SignatureAlgorithm::kRsassaPss);
  EXPECT_EQ(input.content.encoding, core::SignatureEncoding::kPem);
  EXPECT_FALSE(input.default_algorithm);
  EXPECT_EQ(input.content.description, "why");
  EXPECT_EQ(input.content.context.at("build"), "7");
  ASSERT_EQ(input.content.digests.size(), 2u);
  EXPECT_EQ(input.content.digests[1].label, "two");
  EXPECT_EQ(input.request_id, "id");
  EXPECT_EQ(input.expire_in, absl::Seconds(60));
}

TEST(SigningRequestConvertTest, LeavesTheAlgorithmToTheOperation) {
  v1::CreateSigningRequestRequest request = Good();
  request.mutable_signing_request()->clear_signature_algorithm();
  ASSERT_OK_AND_ASSIGN(const core::CreateRequest input, FromWire(request));
  EXPECT_TRUE(input.default_algorithm);
}

TEST(SigningRequestConvertTest, NamesTheFieldThatIsWrong) {
  struct Row {
    const char* field;
    std::function<void(v1::CreateSigningRequestRequest*)> spoil;
  };
  using R = v1::CreateSigningRequestRequest;
  const Row rows[] = {
      {"signing_request.digests[1].crc32c",
       [](R* r) {
         r->mutable_signing_request()->mutable_digests(1)->clear_crc32c();
       }},
      {"signing_request.digests[0].crc32c",
       [](R* r) {
         r->mutable_signing_request()->mutable_digests(0)->set_crc32c(1);
       }},
      {"signing_request.hash_algorithm",
       [](R* r) { r->mutable_signing_request()->clear_hash_algorithm(); }},
      {"signing_request.hash_algorithm",
       [](R* r) {
         r->mutable_signing_request()->set_hash_algorithm(
             static_cast<v1::HashAlgorithm>(99));
       }},
      {"signing_request.signature_algorithm",
       [](R* r) {
         r->mutable_signing_request()->set_signature_algorithm(
             static_cast<v1::SignatureAlgorithm>(99));
       }},
      {"signing_request.ecdsa_form",
       [](R* r) {
         r->mutable_signing_request()->set_ecdsa_form(
             static_cast<v1::EcdsaForm>(99));
       }},
      {"signing_request.digests[1].message",
       [](R* r) {
         r->mutable_signing_request()->mutable_digests(1)->set_message("m");
       }},
      {"signing_request.encoding",
       [](R* r) {
         r->mutable_signing_request()->set_encoding(
             static_cast<v1::SignatureEncoding>(99));
       }},
      {"expire_in", [](R* r) { r->mutable_expire_in()->set_nanos(-5); }},
  };
  for (const Row& row : rows) {
    v1::CreateSigningRequestRequest request = Good();
    row.spoil(&request);
    const auto input = FromWire(request);
    ASSERT_THAT(input, HasReason("BAD_REQUEST")) << row.field;
    const auto details = base::GetErrorDetails(input.status());
    ASSERT_EQ(details->field_violations.size(), 1u) << row.field;
    EXPECT_EQ(details->field_violations[0].field, row.field);
  }
}

// One message with ED25519.
v1::CreateSigningRequestRequest Unhashed(const std::string& message) {
  v1::CreateSigningRequestRequest request = Good();
  v1::SigningRequest& wire = *request.mutable_signing_request();
  wire.set_hash_algorithm(v1::UNHASHED);
  wire.set_signature_algorithm(v1::ED25519);
  wire.clear_digests();
  wire.add_digests()->set_message(message);
  wire.mutable_digests(0)->set_crc32c(base::Crc32c(message));
  return request;
}

TEST(SigningRequestConvertTest, TakesMessagesWhereNothingIsHashed) {
  for (const std::string& message : {std::string("a\0b", 3), std::string()}) {
    ASSERT_OK_AND_ASSIGN(const core::CreateRequest input,
                         FromWire(Unhashed(message)));
    EXPECT_EQ(input.content.hash, core::HashAlgorithm::kUnhashed);
    EXPECT_EQ(input.content.algorithm, core::SignatureAlgorithm::kEd25519);
    ASSERT_EQ(input.content.digests.size(), 1u);
    EXPECT_EQ(input.content.digests[0].value, message);
  }
}

TEST(SigningRequestConvertTest, RefusesAMessageInTheFieldOfDigests) {
  v1::CreateSigningRequestRequest request = Unhashed("");
  v1::LabelledDigest& digest =
      *request.mutable_signing_request()->mutable_digests(0);
  digest.set_value("message");
  const auto both = base::GetErrorDetails(FromWire(request).status());
  ASSERT_TRUE(both.has_value());
  ASSERT_EQ(both->field_violations.size(), 1u);
  EXPECT_EQ(both->field_violations[0].field,
            "signing_request.digests[0].value");
  digest.clear_value();
  digest.set_message("damaged");
  const auto damaged = base::GetErrorDetails(FromWire(request).status());
  ASSERT_TRUE(damaged.has_value());
  EXPECT_THAT(damaged->field_violations[0].description,
              testing::HasSubstr("does not match message"));
}

TEST(SigningRequestConvertTest, ShowsMessagesWhereTheyStood) {
  core::SigningRequest request = core::SampleRequest();
  request.content.hash = core::HashAlgorithm::kUnhashed;
  request.content.digests = {{"label", "text"}};
  const v1::LabelledDigest digest = ToWire(request, nullptr).digests(0);
  EXPECT_EQ(digest.message(), "text");
  EXPECT_EQ(digest.value(), "");
  EXPECT_EQ(digest.crc32c(), base::Crc32c("text"));
}

TEST(SigningRequestConvertTest, TakesAndShowsTheFormOfEcdsaSignatures) {
  v1::CreateSigningRequestRequest request = Good();
  ASSERT_OK_AND_ASSIGN(core::CreateRequest input, FromWire(request));
  EXPECT_EQ(input.content.ecdsa_form, core::EcdsaForm::kDer);
  request.mutable_signing_request()->set_ecdsa_form(v1::FIXED_WIDTH);
  ASSERT_OK_AND_ASSIGN(input, FromWire(request));
  EXPECT_EQ(input.content.ecdsa_form, core::EcdsaForm::kFixedWidth);
  core::SigningRequest shown = core::SampleRequest();
  EXPECT_EQ(ToWire(shown, nullptr).ecdsa_form(), v1::ECDSA_FORM_UNSPECIFIED);
  shown.content.algorithm = core::SignatureAlgorithm::kEcdsa;
  EXPECT_EQ(ToWire(shown, nullptr).ecdsa_form(), v1::DER);
  shown.content.ecdsa_form = core::EcdsaForm::kFixedWidth;
  EXPECT_EQ(ToWire(shown, nullptr).ecdsa_form(), v1::FIXED_WIDTH);
}

TEST(SigningRequestConvertTest, SaysWhichTokenMadeEachSignature) {
  core::SigningRequest request = core::SampleRequest();
  request.content.encoding = core::SignatureEncoding::kRaw;
  request.signatures = {{"one", "main"}, {"two", "second"}};
  const v1::SigningRequest wire = ToWire(request, nullptr);
  ASSERT_EQ(wire.signatures_size(), 2);
  EXPECT_EQ(wire.signatures(0).value(), "one");
  EXPECT_EQ(wire.signatures(0).token(), "main");
  EXPECT_EQ(wire.signatures(1).token(), "second");
}

TEST(SigningRequestConvertTest, RefusesMalformedParents) {
  for (const char* parent : {"", "products/p", "products//operations/o",
                             "products/P/operations/o", "x"}) {
    v1::CreateSigningRequestRequest request = Good();
    request.set_parent(parent);
    EXPECT_THAT(FromWire(request), HasReason("MALFORMED_NAME")) << parent;
  }
}

TEST(SigningRequestConvertTest, ShowsEveryField) {
  core::SigningRequest request = core::SampleRequest();
  request.content.encoding = core::SignatureEncoding::kRaw;
  request.state = core::RequestState::kSigned;
  for (size_t i = 0; i < request.content.digests.size(); ++i) {
    request.signatures.push_back({"signature", "main"});
  }
  const v1::SigningRequest wire = ToWire(request, nullptr);
  EXPECT_EQ(wire.name(), request.name.Format());
  EXPECT_EQ(wire.state(), v1::SigningRequest::SIGNED);
  EXPECT_EQ(wire.etag(), core::Etag(request));
  EXPECT_EQ(wire.revision(), request.revision);
  EXPECT_EQ(wire.requester().subject(), request.requester.subject);
  EXPECT_EQ(wire.key_spki_sha256(), request.key_spki_sha256);
  EXPECT_EQ(wire.approval_rule().required_approvals(),
            request.rule.required_approvals);
  ASSERT_EQ(wire.digests_size(),
            static_cast<int>(request.content.digests.size()));
  ASSERT_EQ(wire.signatures_size(), wire.digests_size());
  EXPECT_EQ(wire.signatures(0).value(), "signature");
  EXPECT_EQ(wire.signatures(0).crc32c(), base::Crc32c("signature"));
  EXPECT_EQ(wire.digests(0).crc32c(),
            base::Crc32c(request.content.digests[0].value));
}

TEST(SigningRequestConvertTest, HandsOutPemWithTheChainOfItsKeyVersion) {
  const core::Product product = core::SampleProduct();
  const core::Operation& detached = *product.FindOperation("detached");
  core::SigningRequest request = core::SampleRequest();
  request.name.operation = detached.name;
  request.key_version = detached.key_versions[0].name.version;
  request.content.encoding = core::SignatureEncoding::kPem;
  request.content.algorithm = core::SignatureAlgorithm::kEcdsa;
  request.signatures = {{"octets", "main"}};
  const v1::SigningRequest wire = ToWire(request, &product);
  ASSERT_EQ(wire.signatures_size(), 1);
  EXPECT_EQ(wire.signatures(0).crc32c(),
            base::Crc32c(wire.signatures(0).value()));
  ASSERT_OK_AND_ASSIGN(const std::vector<base::PemBlock> blocks,
                       base::ParsePem(wire.signatures(0).value()));
  ASSERT_EQ(blocks.size(),
            1 + detached.key_versions[0].chain->certificates.size());
  EXPECT_EQ(blocks[0].label, "SIGNATURE");
  EXPECT_EQ(blocks[0].contents, "octets");
  EXPECT_THAT(blocks[0].headers, testing::ElementsAre(testing::Pair(
                                     "Signature Algorithm", "ECDSA")));
  EXPECT_EQ(blocks[1].contents,
            detached.key_versions[0].chain->certificates[0]);
}

TEST(SigningRequestConvertTest, LeavesPemOutWhereTheChainIsGone) {
  core::SigningRequest request = core::SampleRequest();
  request.content.encoding = core::SignatureEncoding::kPem;
  request.signatures = {{"octets", "main"}};
  EXPECT_EQ(ToWire(request, nullptr).signatures_size(), 0);
}

}  // namespace
}  // namespace countersign::server
