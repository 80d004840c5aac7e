#include "storage/product_codec.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/codec_sample.h"
#include "storage/record.h"

namespace countersign::storage {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

core::KeyVersion RandomKey(Sampler& s, const core::OperationName& operation) {
  core::KeyVersion key;
  key.name = {operation, static_cast<int64_t>(s.Number())};
  key.state = s.Enum(core::KeyState::kDestroyed);
  key.type = s.Enum(core::KeyType::kEd25519);
  key.key_id = s.Octets();
  key.spki = s.Octets();
  if (s.Coin()) {
    key.chain = core::CertificateChain{{s.Octets(), s.Octets()}, s.Time()};
  }
  key.create_time = s.Time();
  key.label = s.Octets();
  key.tokens = {s.Octets(), s.Octets()};
  key.registered = s.Coin();
  for (int n = s.Pick(3); n > 0; --n) {
    key.findings.push_back({s.Octets(),
                            s.Octets(),
                            s.Octets(),
                            s.Octets(),
                            {{s.Octets(), s.Octets()}, {"a", "b"}}});
  }
  if (s.Coin()) key.start_time = s.Time();
  if (s.Coin()) key.destroy_time = s.Time();
  key.destroying = s.Coin();
  key.max_signatures = static_cast<int64_t>(s.Number());
  for (int n = s.Pick(3); n > 0; --n) {
    key.issued.push_back({s.Octets(), s.Octets(), s.Octets(), s.Octets(),
                          s.Time(), s.Time(), std::nullopt});
    if (s.Coin()) {
      key.issued.back().revocation = core::Revocation{
          s.Enum(core::RevocationReason::kCessationOfOperation), s.Octets(),
          s.Principal(), s.Time()};
    }
  }
  if (s.Coin()) key.renewal = core::PendingRenewal{s.Principal(), s.Time()};
  return key;
}

core::Operation RandomOperation(Sampler& s) {
  core::Operation o;
  o.name = {{s.Octets()}, s.Octets()};
  o.display_name = s.Octets();
  o.description = s.Octets();
  o.type = s.Enum(core::OperationType::kDetachedSignature);
  o.key_type = s.Enum(core::KeyType::kEd25519);
  o.key_display_name = s.Octets();
  o.key_description = s.Octets();
  if (s.Coin()) {
    o.certificate =
        core::CertificateInfo{s.Octets(), s.Octets(), s.Coin(),  s.Octets(),
                              s.Octets(), s.Octets(), s.Octets()};
  }
  for (int n = s.Pick(4); n > 0; --n) {
    o.allowed_hashes.push_back(s.Enum(core::HashAlgorithm::kUnhashed));
    o.allowed_algorithms.push_back(s.Enum(core::SignatureAlgorithm::kEd25519));
  }
  o.rule = s.Rule();
  o.enabled = s.Coin();
  if (s.Coin()) {
    o.existing_key = core::ExistingKey{s.Octets(), s.Octets(), {s.Octets()}};
  }
  o.max_signatures_per_key = static_cast<int64_t>(s.Number());
  for (int n = s.Pick(3); n > 0; --n) {
    o.key_versions.push_back(RandomKey(s, o.name));
  }
  return o;
}

core::Product RandomProduct(Sampler& s) {
  core::Product p;
  p.name = {s.Octets()};
  p.display_name = s.Octets();
  p.description = s.Octets();
  p.product_type = s.Octets();
  p.token = s.Octets();
  p.state = s.Enum(core::ProductState::kRejected);
  p.enabled_on_approval = s.Coin();
  p.creator = s.Principal();
  if (s.Coin()) {
    p.decision = core::ProductDecision{s.Principal(), s.Octets(), s.Time()};
  }
  for (int n = s.Pick(4); n > 0; --n) {
    p.operations.push_back(RandomOperation(s));
  }
  p.create_time = s.Time();
  p.update_time = s.Time();
  p.request_id = s.Octets();
  p.content_digest = s.Octets();
  p.revision = static_cast<int64_t>(s.Number());
  return p;
}

TEST(ProductCodec, GivesBackRandomProducts) {
  Sampler sampler(3);
  for (int i = 0; i < 300; ++i) {
    const core::Product product = RandomProduct(sampler);
    EXPECT_THAT(DecodeProduct(EncodeProduct(product)), IsOkAndHolds(product));
  }
}

TEST(ProductCodec, GivesBackTheSample) {
  const core::Product product = core::SampleProduct();
  EXPECT_THAT(DecodeProduct(EncodeProduct(product)), IsOkAndHolds(product));
}

TEST(ProductCodec, RefusesDamagedOctets) {
  const std::string good = EncodeProduct(core::SampleProduct());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x04;
    EXPECT_THAT(DecodeProduct(bad), HasReason("BAD_RECORD"));
    EXPECT_THAT(DecodeProduct(good.substr(0, i)), HasReason("BAD_RECORD"));
  }
}

TEST(ProductCodec, SurvivesRandomRecordsWithAGoodChecksum) {
  Sampler sampler(4);
  for (int i = 0; i < 2000; ++i) {
    RecordWriter out(static_cast<uint8_t>(1 + i % 3));
    for (int n = sampler.Pick(60); n > 0; --n) {
      out.Unsigned(sampler.Number() >> sampler.Pick(64));
    }
    const auto decoded = DecodeProduct(std::move(out).Finish());
    if (!decoded.ok()) {
      EXPECT_THAT(decoded, HasReason("BAD_RECORD"));
    }
  }
}

// A product with one value of each kind.
core::Product Golden() {
  core::Product p;
  p.name = {"p"};
  p.display_name = "P";
  p.state = core::ProductState::kActive;
  p.creator.subject = "s";
  core::Principal approver;
  approver.subject = "t";
  approver.issuer = "i";
  approver.credential_fingerprint = "f";
  approver.groups = {"g"};
  p.decision =
      core::ProductDecision{approver, "fine", absl::FromUnixSeconds(3)};
  core::Operation o;
  o.name = {p.name, "o"};
  o.type = core::OperationType::kDetachedSignature;
  o.key_type = core::KeyType::kEcP256;
  o.certificate =
      core::CertificateInfo{"cn", "d", false, "CodeSigning", "ENDENTITY", "1"};
  o.allowed_hashes = {core::HashAlgorithm::kSha256};
  o.allowed_algorithms = {core::SignatureAlgorithm::kEcdsa};
  o.rule.allowed_groups = {"a"};
  core::KeyVersion key;
  key.name = {o.name, 1};
  key.state = core::KeyState::kEnabled;
  key.type = core::KeyType::kEcP256;
  key.key_id = "\x01";
  key.spki = "spki";
  key.chain = core::CertificateChain{{"leaf"}, absl::FromUnixSeconds(9)};
  key.create_time = absl::FromUnixSeconds(4);
  key.label = key.name.Format();
  o.key_versions = {key};
  p.operations = {o};
  p.create_time = absl::FromUnixSeconds(1);
  p.update_time = absl::FromUnixSeconds(2);
  p.request_id = "q";
  p.content_digest = "c";
  p.revision = 5;
  return p;
}

// Written by the first release: must be readable for ever.
constexpr char kGolden[] =
    "01017001500000010101730000000001017401690001660101670466696e650600010170"
    "016f0000010300000102636e0164000b436f64655369676e696e6709454e44454e544954"
    "59013101000102000001016100000080ea4900010102010301010473706b690101046c65"
    "61661200080002000400017101630a42aabc50";

TEST(ProductCodec, ReadsVersionOne) {
  EXPECT_THAT(DecodeProduct(base::HexDecode(kGolden).value()),
              IsOkAndHolds(Golden()));
}

// The same with what came later.
core::Product GoldenTwo() {
  core::Product p = Golden();
  p.token = "main";
  core::Operation& o = p.operations[0];
  o.existing_key = core::ExistingKey{"\x02", "l", {"a", "b"}};
  o.max_signatures_per_key = 7;
  core::KeyVersion& key = o.key_versions[0];
  key.state = core::KeyState::kDestroyScheduled;
  key.tokens = {"a", "b"};
  key.registered = true;
  key.findings = {{"a", "L", "S", "M", {{"CKA_LOCAL", "unknown"}}}};
  key.start_time = absl::FromUnixSeconds(5);
  key.destroy_time = absl::FromUnixSeconds(6);
  key.destroying = true;
  key.max_signatures = 7;
  return p;
}

constexpr char kGoldenTwo[] =
    "02017001500000010101730000000001017401690001660101670466696e650600010170"
    "016f0000010300000102636e0164000b436f64655369676e696e6709454e44454e544954"
    "59013101000102000001016100000080ea4900010102030301010473706b690101046c65"
    "6166120008002570726f64756374732f702f6f7065726174696f6e732f6f2f6b65795665"
    "7273696f6e732f31020161016201010161014c0153014d0109434b415f4c4f43414c0775"
    "6e6b6e6f776e010a00010c00010e010102016c02016101620e02000400017101630a046d"
    "61696e473a56ee";

TEST(ProductCodec, ReadsVersionTwo) {
  EXPECT_THAT(DecodeProduct(base::HexDecode(kGoldenTwo).value()),
              IsOkAndHolds(GoldenTwo()));
}

// The same with what tokens prove and certificates issued inside.
core::Product GoldenThree() {
  core::Product p = GoldenTwo();
  p.creator.credential = core::CredentialKind::kBearerToken;
  p.creator.person = "ann";
  p.creator.claims = {{"c", "v"}};
  p.creator.issuer_key = "k";
  p.creator.certificate_subject = "cs";
  core::Operation& o = p.operations[0];
  o.rule.required_claims = {{"ref", {"a", "b"}, {"x/*"}}};
  core::KeyVersion& key = o.key_versions[0];
  key.issued = {
      {"ca", "pr", "sn", "sh", absl::FromUnixSeconds(1),
       absl::FromUnixSeconds(2), std::nullopt},
      {"ca", "pr", "s2", "h2", absl::FromUnixSeconds(3),
       absl::FromUnixSeconds(4),
       core::Revocation{core::RevocationReason::kSuperseded, "why",
                        p.decision->approver, absl::FromUnixSeconds(5)}}};
  key.renewal =
      core::PendingRenewal{p.decision->approver, absl::FromUnixSeconds(6)};
  return p;
}

constexpr char kGoldenThree[] =
    "03017001500000010101730001000003616e6e0101630176016b02637301017401690001"
    "66010167000000000466696e650600010170016f0000010300000102636e0164000b436f"
    "64655369676e696e6709454e44454e5449545901310001000102000001016100000080ea"
    "4900010372656602016101620103782f2a010102030301010473706b690101046c656166"
    "120008002570726f64756374732f702f6f7065726174696f6e732f6f2f6b657956657273"
    "696f6e732f31020161016201010161014c0153014d0109434b415f4c4f43414c07756e6b"
    "6e6f776e010a00010c00010e0202636102707202736e0273680200040000026361027072"
    "0273320268320600080001030377687901740169000166010167000000000a0001017401"
    "69000166010167000000000c00010102016c02016101620e02000400017101630a046d61"
    "696e469fdd3d";

TEST(ProductCodec, ReadsAndWritesVersionThree) {
  EXPECT_EQ(base::HexEncode(EncodeProduct(GoldenThree())), kGoldenThree);
  EXPECT_THAT(DecodeProduct(base::HexDecode(kGoldenThree).value()),
              IsOkAndHolds(GoldenThree()));
}

TEST(ProductCodec, RefusesAnotherVersion) {
  RecordWriter out(4);
  EXPECT_THAT(DecodeProduct(std::move(out).Finish()), HasReason("BAD_RECORD"));
}

}  // namespace
}  // namespace countersign::storage
