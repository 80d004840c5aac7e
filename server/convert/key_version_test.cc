#include "server/convert/key_version.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/error.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

core::KeyVersion Key() {
  return core::SampleProduct().FindOperation("detached")->key_versions[0];
}

TEST(KeyVersionConvertTest, ShowsAKeyVersionWithItsChain) {
  const v1::KeyVersion wire = ToWire(Key());
  EXPECT_EQ(wire.state(), v1::KeyVersion::ENABLED);
  EXPECT_THAT(wire.public_key_pem(), testing::HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_EQ(wire.spki_sha256().size(), 64u);
  EXPECT_THAT(wire.certificate_chain_pem(),
              testing::HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_GT(wire.certificate_expire_time().seconds(), 0);
}

TEST(KeyVersionConvertTest, ShowsItsLife) {
  core::KeyVersion key = Key();
  key.state = core::KeyState::kDestroyScheduled;
  key.start_time = core::SampleTime() + absl::Hours(1);
  key.destroy_time = core::SampleTime() + absl::Hours(2);
  const v1::KeyVersion wire = ToWire(key);
  EXPECT_EQ(wire.state(), v1::KeyVersion::DESTROY_SCHEDULED);
  EXPECT_EQ(FromWire(wire.start_time()), key.start_time);
  EXPECT_EQ(FromWire(wire.destroy_time()), key.destroy_time);
  key.start_time.reset();
  key.destroy_time.reset();
  EXPECT_FALSE(ToWire(key).has_start_time());
  EXPECT_FALSE(ToWire(key).has_destroy_time());
}

TEST(KeyVersionConvertTest, ShowsWhereItIsAndWhatItsTokensSay) {
  core::KeyVersion key = Key();
  key.key_id = std::string("\0\xab", 2);
  key.label = "a label";
  key.tokens = {"main", "second"};
  key.registered = true;
  key.findings = {
      {"main", "label", "serial", "model", {{"CKA_SENSITIVE", "true"}}},
      {"second", "", "", "", {{"CKA_LOCAL", "unknown"}}}};
  key.max_signatures = 10;
  key.signatures_used = 7;
  const v1::KeyVersion wire = ToWire(key);
  EXPECT_EQ(wire.key_id(), "00ab");
  EXPECT_EQ(wire.label(), "a label");
  EXPECT_THAT(wire.tokens(), ElementsAre("main", "second"));
  EXPECT_EQ(wire.origin(), v1::KeyVersion::REGISTERED);
  EXPECT_EQ(wire.max_signatures(), 10);
  EXPECT_EQ(wire.signature_count(), 7);
  ASSERT_EQ(wire.findings_size(), 2);
  EXPECT_EQ(wire.findings(0).token(), "main");
  EXPECT_EQ(wire.findings(0).token_label(), "label");
  EXPECT_EQ(wire.findings(0).token_serial(), "serial");
  EXPECT_EQ(wire.findings(0).token_model(), "model");
  EXPECT_THAT(wire.findings(0).attributes(),
              UnorderedElementsAre(Pair("CKA_SENSITIVE", "true")));
  EXPECT_THAT(wire.findings(1).attributes(),
              UnorderedElementsAre(Pair("CKA_LOCAL", "unknown")));
  key.registered = false;
  EXPECT_EQ(ToWire(key).origin(), v1::KeyVersion::GENERATED);
}

TEST(KeyVersionConvertTest, ShowsCertificatesIssuedInside) {
  core::KeyVersion key = Key();
  const v1::KeyVersion none = ToWire(key);
  EXPECT_EQ(none.issued_certificates_size(), 0);
  EXPECT_FALSE(none.has_pending_renewal());
  core::IssuedCertificate issued;
  issued.ca = "site";
  issued.profile = "release";
  issued.serial = std::string("\x40\xff", 2);
  issued.sha256 = "ab";
  issued.not_before = core::SampleTime();
  issued.not_after = core::SampleTime() + absl::Hours(1);
  key.issued = {issued, issued};
  key.issued[1].revocation =
      core::Revocation{core::RevocationReason::kSuperseded, "why",
                       core::Person("ann", {"admins"}), core::SampleTime()};
  key.renewal = core::PendingRenewal{core::Person("bob", {"admins"}),
                                     core::SampleTime() + absl::Hours(2)};
  const v1::KeyVersion wire = ToWire(key);
  ASSERT_EQ(wire.issued_certificates_size(), 2);
  EXPECT_EQ(wire.issued_certificates(0).certificate_authority(), "site");
  EXPECT_EQ(wire.issued_certificates(0).profile(), "release");
  EXPECT_EQ(wire.issued_certificates(0).serial(), "40ff");
  EXPECT_EQ(wire.issued_certificates(0).sha256(), "ab");
  EXPECT_EQ(FromWire(wire.issued_certificates(0).not_before()),
            issued.not_before);
  EXPECT_EQ(FromWire(wire.issued_certificates(0).not_after()),
            issued.not_after);
  EXPECT_FALSE(wire.issued_certificates(0).has_revocation());
  const v1::Revocation& revocation = wire.issued_certificates(1).revocation();
  EXPECT_EQ(revocation.reason(), v1::Revocation::SUPERSEDED);
  EXPECT_EQ(revocation.comment(), "why");
  EXPECT_EQ(revocation.revoker().subject(), "spiffe://example.test/ann");
  EXPECT_EQ(FromWire(revocation.revoke_time()), core::SampleTime());
  EXPECT_EQ(wire.pending_renewal().requester().subject(),
            "spiffe://example.test/bob");
  EXPECT_EQ(FromWire(wire.pending_renewal().request_time()),
            core::SampleTime() + absl::Hours(2));
}

TEST(ExistingKeyConvertTest, ComesBackAsItWent) {
  const core::ExistingKey key{std::string("\0\xff", 2), "label", {"a", "b"}};
  std::vector<base::FieldViolation> violations;
  EXPECT_EQ(FromWire(ToWire(key), "existing_key", &violations), key);
  EXPECT_THAT(violations, IsEmpty());
}

TEST(ExistingKeyConvertTest, RefusesAnIdThatIsNoHexadecimal) {
  for (const char* id : {"0", "0x00", "gg", "00 11", "00:11"}) {
    v1::ExistingKey wire;
    wire.set_key_id(id);
    std::vector<base::FieldViolation> violations;
    FromWire(wire, "existing_key", &violations);
    ASSERT_EQ(violations.size(), 1u) << id;
    EXPECT_EQ(violations[0].field, "existing_key.key_id");
  }
}

TEST(StartTimeTest, LiesBetweenNowAndAYear) {
  const absl::Time now = core::SampleTime();
  const struct {
    absl::Duration after;
    bool good;
  } kCases[] = {
      {absl::ZeroDuration(), true},
      {absl::Hours(24 * 365), true},
      {-absl::Nanoseconds(1), false},
      {-absl::Hours(24 * 365 * 50), false},
      {absl::Hours(24 * 365) + absl::Nanoseconds(1), false},
  };
  for (const auto& c : kCases) {
    std::vector<base::FieldViolation> violations;
    const absl::Time time =
        StartTimeFromWire(ToWire(now + c.after), now, &violations);
    EXPECT_EQ(violations.empty(), c.good) << c.after;
    if (c.good) {
      EXPECT_EQ(time, now + c.after);
    }
  }
}

TEST(StartTimeTest, NamesTheFieldThatIsOutsideTheWiresRange) {
  google::protobuf::Timestamp time;
  time.set_nanos(-1);
  std::vector<base::FieldViolation> violations;
  StartTimeFromWire(time, core::SampleTime(), &violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "start_time");
}

}  // namespace
}  // namespace countersign::server
