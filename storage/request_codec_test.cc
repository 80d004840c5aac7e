#include "storage/request_codec.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/codec_sample.h"
#include "storage/record.h"

namespace countersign::storage {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

core::SigningRequest RandomRequest(Sampler& s) {
  core::SigningRequest r;
  r.name = {{{s.Octets()}, s.Octets()}, s.Octets()};
  r.content.operation = {{s.Octets()}, s.Octets()};
  r.content.hash = s.Enum(core::HashAlgorithm::kUnhashed);
  r.content.algorithm = s.Enum(core::SignatureAlgorithm::kEd25519);
  r.content.encoding = s.Enum(core::SignatureEncoding::kPem);
  r.content.ecdsa_form = s.Enum(core::EcdsaForm::kFixedWidth);
  for (int n = s.Pick(5); n > 0; --n) {
    r.content.digests.push_back({s.Octets(), s.Octets()});
  }
  r.content.description = s.Octets();
  for (int n = s.Pick(4); n > 0; --n) r.content.context[s.Octets()] = "v";
  r.requester = s.Principal();
  r.request_id = s.Octets();
  r.rule = s.Rule();
  r.key_version = static_cast<int64_t>(s.Number());
  r.key_spki_sha256 = s.Octets();
  r.state = s.Enum(core::RequestState::kFailed);
  for (int n = s.Pick(4); n > 0; --n) {
    r.decisions.push_back({s.Enum(core::DecisionKind::kRejection),
                           s.Principal(), s.Octets(), s.Octets(), s.Time()});
  }
  for (int n = s.Pick(4); n > 0; --n) {
    r.signatures.push_back({s.Octets(), s.Octets(), s.Pick(1000)});
  }
  r.state_reason = s.Octets();
  r.create_time = s.Time();
  r.update_time = s.Time();
  r.expire_time = s.Time();
  r.revision = static_cast<int64_t>(s.Number());
  return r;
}

TEST(RequestCodec, GivesBackRandomRequests) {
  Sampler sampler(1);
  for (int i = 0; i < 300; ++i) {
    const core::SigningRequest request = RandomRequest(sampler);
    EXPECT_THAT(DecodeRequest(EncodeRequest(request)), IsOkAndHolds(request));
  }
}

TEST(RequestCodec, GivesBackTheSample) {
  const core::SigningRequest request = core::SampleRequest();
  EXPECT_THAT(DecodeRequest(EncodeRequest(request)), IsOkAndHolds(request));
}

TEST(RequestCodec, RefusesDamagedOctets) {
  const std::string good = EncodeRequest(core::SampleRequest());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x40;
    EXPECT_THAT(DecodeRequest(bad), HasReason("BAD_RECORD"));
    EXPECT_THAT(DecodeRequest(good.substr(0, i)), HasReason("BAD_RECORD"));
  }
  EXPECT_THAT(DecodeRequest(""), HasReason("BAD_RECORD"));
}

// With a good checksum every octet string must end in a value or an error.
TEST(RequestCodec, SurvivesRandomRecordsWithAGoodChecksum) {
  Sampler sampler(2);
  for (int i = 0; i < 2000; ++i) {
    RecordWriter out(static_cast<uint8_t>(1 + i % 3));
    for (int n = sampler.Pick(60); n > 0; --n) {
      out.Unsigned(sampler.Number() >> sampler.Pick(64));
    }
    const auto decoded = DecodeRequest(std::move(out).Finish());
    if (!decoded.ok()) {
      EXPECT_THAT(decoded, HasReason("BAD_RECORD"));
    }
  }
}

// A request with one value of each kind.
core::SigningRequest Golden() {
  core::SigningRequest r;
  r.name = {{{"p"}, "o"}, "id"};
  r.content.operation = r.name.operation;
  r.content.hash = core::HashAlgorithm::kSha384;
  r.content.algorithm = core::SignatureAlgorithm::kEcdsa;
  r.content.encoding = core::SignatureEncoding::kPem;
  r.content.digests = {{"l", "\x01\x02"}};
  r.content.description = "d";
  r.content.context = {{"k", "v"}};
  r.requester.subject = "s";
  r.requester.issuer = "i";
  r.requester.credential_fingerprint = "f";
  r.requester.groups = {"g"};
  r.request_id = "q";
  r.rule.allowed_groups = {"a"};
  r.rule.approval_groups = {"b"};
  r.rule.blanket_groups = {"c"};
  r.rule.required_approvals = 1;
  r.rule.request_expiry = absl::Hours(1);
  r.key_version = 3;
  r.key_spki_sha256 = "h";
  r.state = core::RequestState::kSigned;
  r.decisions = {{core::DecisionKind::kRejection, r.requester, "why", "e",
                  absl::FromUnixNanos(1500000000)}};
  r.signatures = {{"sig", "", 1}};
  r.state_reason = "n";
  r.create_time = absl::FromUnixSeconds(1);
  r.update_time = absl::FromUnixSeconds(2);
  r.expire_time = absl::InfiniteFuture();
  r.revision = 4;
  return r;
}

// Written by the first release: must be readable for ever.
constexpr char kGolden[] =
    "010170016f0269640170016f01020101016c020102016401016b01760173016900016601"
    "01670171000001016101016201016302a038000601680201010173016900016601016703"
    "77687901650280cab5ee010103736967016e02000400008094ebdc0308a2746ac7";

TEST(RequestCodec, ReadsVersionOne) {
  EXPECT_THAT(DecodeRequest(base::HexDecode(kGolden).value()),
              IsOkAndHolds(Golden()));
}

// The same with what came later.
core::SigningRequest GoldenTwo() {
  core::SigningRequest r = Golden();
  r.content.encoding = core::SignatureEncoding::kRaw;
  r.content.ecdsa_form = core::EcdsaForm::kFixedWidth;
  r.signatures = {{"sig", "main", 2}};
  return r;
}

constexpr char kGoldenTwo[] =
    "020170016f0269640170016f01020001016c020102016401016b01760101730169000166"
    "0101670171000001016101016201016302a0380006016802010101730169000166010167"
    "0377687901650280cab5ee010103736967046d61696e04016e02000400008094ebdc0308"
    "201a4639";

TEST(RequestCodec, ReadsVersionTwo) {
  EXPECT_THAT(DecodeRequest(base::HexDecode(kGoldenTwo).value()),
              IsOkAndHolds(GoldenTwo()));
}

// The same with what a token proved, and a rule that demands it.
core::SigningRequest GoldenThree() {
  core::SigningRequest r = GoldenTwo();
  r.requester.credential = core::CredentialKind::kBearerToken;
  r.requester.person = "ann";
  r.requester.claims = {{"c", "v"}, {"d", ""}};
  r.requester.issuer_key = "k";
  r.requester.certificate_subject = "cs";
  r.rule.required_claims = {{"ref", {"a", "b"}, {"x/*"}}};
  return r;
}

constexpr char kGoldenThree[] =
    "030170016f0269640170016f01020001016c020102016401016b01760101730169010166"
    "01016703616e6e0201630176016400016b0263730171000001016101016201016302a038"
    "00010372656602016101620103782f2a0601680201010173016900016601016700000000"
    "0377687901650280cab5ee010103736967046d61696e04016e02000400008094ebdc0308"
    "08ec2c96";

TEST(RequestCodec, ReadsAndWritesVersionThree) {
  EXPECT_EQ(base::HexEncode(EncodeRequest(GoldenThree())), kGoldenThree);
  EXPECT_THAT(DecodeRequest(base::HexDecode(kGoldenThree).value()),
              IsOkAndHolds(GoldenThree()));
}

TEST(RequestCodec, RefusesAnotherVersion) {
  RecordWriter out(4);
  EXPECT_THAT(DecodeRequest(std::move(out).Finish()), HasReason("BAD_RECORD"));
}

}  // namespace
}  // namespace countersign::storage
