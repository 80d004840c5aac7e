#include "client/cli/render_key.h"

#include <string>

#include "absl/strings/match.h"
#include "client/cli/time_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using v1::KeyVersion;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

KeyVersion Key() {
  KeyVersion key;
  key.set_name("products/p/operations/o/keyVersions/2");
  key.set_state(KeyVersion::DESTROY_SCHEDULED);
  key.set_key_type(v1::EC_EDWARDS25519);
  key.set_origin(KeyVersion::REGISTERED);
  key.add_tokens("east");
  key.add_tokens("west");
  key.set_key_id("0a0b");
  key.set_label("old key");
  key.set_spki_sha256("0123456789abcdef0123");
  key.set_max_signatures(1000);
  key.set_signature_count(3);
  *key.mutable_create_time() = ToProto(kNow - absl::Hours(2));
  *key.mutable_start_time() = ToProto(kNow - absl::Hours(1));
  *key.mutable_destroy_time() = ToProto(kNow + absl::Hours(24));
  v1::TokenFindings* findings = key.add_findings();
  findings->set_token("east");
  findings->set_token_label("production");
  findings->set_token_serial("42");
  findings->set_token_model("SoftHSM v2");
  (*findings->mutable_attributes())["CKA_SENSITIVE"] = "true";
  (*findings->mutable_attributes())["CKA_LOCAL"] = "false";
  (*findings->mutable_attributes())["CKA_UNWRAP"] = "unknown";
  return key;
}

TEST(RenderKey, ShowsItsLife) {
  EXPECT_EQ(RenderKey(Key(), kNow),
            "Key version        products/p/operations/o/keyVersions/2\n"
            "State              DESTROY_SCHEDULED\n"
            "Type               Ed25519\n"
            "Origin             registered: it was in the HSM already\n"
            "Tokens             east, west\n"
            "CKA_ID             0a0b\n"
            "CKA_LABEL          old key\n"
            "SPKI SHA-256       0123456789abcdef0123\n"
            "Signatures         3 of 1000\n"
            "Certificate chain  none\n"
            "Created            2025-12-31 22:00:00Z (2h ago)\n"
            "Signs from         2025-12-31 23:00:00Z (1h ago)\n"
            "Is destroyed       2026-01-02 00:00:00Z (in 1d)\n");
}

TEST(RenderKeyAndFindings, JudgesEachAttribute) {
  const std::string text = RenderKeyAndFindings(Key(), kNow);
  EXPECT_THAT(
      text, HasSubstr("\n"
                      "Token      east\n"
                      "  Label    production\n"
                      "  Model    SoftHSM v2\n"
                      "  Serial   42\n"
                      "  Verdict  bad (1 of 3)\n"
                      "\n"
                      "ATTRIBUTE      VALUE    VERDICT  A GOOD KEY\n"
                      "CKA_LOCAL      false    bad      was made in the token\n"
                      "CKA_SENSITIVE  true     good     cannot be read\n"
                      "CKA_UNWRAP     unknown  unknown  unwraps no keys\n"));
}

TEST(RenderKeyList, ShowsOneLineForEach) {
  EXPECT_EQ(RenderKeyList({Key()}, kNow),
            "STATE              TYPE     SIGNS FROM                     "
            "IS DESTROYED                  TOKENS     SIGNATURES  "
            "CERTIFICATE EXPIRES  SPKI SHA-256      NAME\n"
            "DESTROY_SCHEDULED  Ed25519  2025-12-31 23:00:00Z (1h ago)  "
            "2026-01-02 00:00:00Z (in 1d)  east,west  3 of 1000   -"
            "                    0123456789abcdef  "
            "products/p/operations/o/keyVersions/2\n");
  EXPECT_EQ(RenderKeyList({}, kNow), "no key versions\n");
}

// What a token calls itself is as untrusted as all else.
TEST(RenderKeyAndFindings, IsSafeToShow) {
  KeyVersion key = Key();
  key.set_label("x\x1b[2J\nState  ENABLED");
  key.mutable_findings(0)->set_token_label("\x1b]0;x\x07");
  (*key.mutable_findings(0)->mutable_attributes())["CKA\n\x1b"] = "\x1b[1A";
  const std::string text = RenderKeyAndFindings(key, kNow);
  EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07")),
                          Not(HasSubstr("\nState  ENABLED"))));
}

}  // namespace
}  // namespace countersign::client
