#include "client/cli/render_request.h"

#include <string>

#include "absl/strings/match.h"
#include "client/cli/time_text.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using v1::SigningRequest;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

SigningRequest Pending() {
  SigningRequest request;
  request.set_name("products/router/operations/oci/signingRequests/r1");
  request.set_state(SigningRequest::PENDING_APPROVAL);
  request.set_hash_algorithm(v1::SHA256);
  request.set_signature_algorithm(v1::RSASSA_PSS);
  request.set_description("Release 1.0");
  (*request.mutable_context())["build"] = "42";
  (*request.mutable_context())["branch"] = "main";
  request.mutable_requester()->set_subject("spiffe://example/ci");
  request.mutable_requester()->add_groups("ci");
  request.mutable_requester()->set_issuer("CN=Dev CA");
  request.set_key_version("products/router/operations/oci/keyVersions/1");
  request.set_key_spki_sha256("abcd");
  v1::LabelledDigest* digest = request.add_digests();
  digest->set_value(std::string(32, '\x01'));
  digest->set_label("firmware.bin");
  request.add_digests()->set_value(std::string(32, '\x02'));
  v1::ApprovalRule* rule = request.mutable_approval_rule();
  rule->set_display_name("Two of release");
  rule->add_allowed_groups("ci");
  rule->add_approval_groups("release");
  rule->set_required_approvals(2);
  v1::Decision* decision = request.add_decisions();
  decision->set_kind(v1::Decision::APPROVAL);
  decision->mutable_approver()->set_subject("email:ada@example.org");
  decision->set_reason("tested");
  *decision->mutable_decide_time() = ToProto(kNow - absl::Minutes(5));
  *request.mutable_create_time() = ToProto(kNow - absl::Hours(1));
  *request.mutable_expire_time() = ToProto(kNow + absl::Hours(167));
  request.set_etag("e1");
  return request;
}

TEST(RenderRequest, ShowsEverythingThatADecisionNeeds) {
  EXPECT_EQ(
      RenderRequest(Pending(), kNow),
      "Signing request    products/router/operations/oci/signingRequests/r1\n"
      "State              PENDING_APPROVAL: 1 of 2 agreed\n"
      "Operation          products/router/operations/oci\n"
      "Requested by       spiffe://example/ci\n"
      "                   groups: ci\n"
      "                   vouched for by CN=Dev CA\n"
      "Description        Release 1.0\n"
      "Context (claimed)  branch = main\n"
      "                   build = 42\n"
      "Algorithm          RSASSA-PSS over SHA-256\n"
      "Key                products/router/operations/oci/keyVersions/1\n"
      "Key SPKI SHA-256   abcd\n"
      "2 digests          [0] "
      "0101010101010101010101010101010101010101010101010101010101010101"
      "  firmware.bin\n"
      "                   [1] "
      "0202020202020202020202020202020202020202020202020202020202020202\n"
      "Rule               Two of release\n"
      "                   may ask: ci\n"
      "                   must agree: 2 of release\n"
      "                   need no agreement: nobody\n"
      "Decisions          approved by email:ada@example.org at 2025-12-31 "
      "23:55:00Z: tested\n"
      "Created            2025-12-31 23:00:00Z (1h ago)\n"
      "Expires            2026-01-07 23:00:00Z (in 6d 23h)\n"
      "Etag               e1\n");
}

TEST(RenderRequest, KeepsWhatWasProvedApartFromWhatWasClaimed) {
  SigningRequest request = Pending();
  v1::Principal& job = *request.mutable_requester();
  job.set_credential(v1::Principal::BEARER_TOKEN);
  job.set_issuer("https://ci.example.org");
  job.set_person("build team");
  (*job.mutable_claims())["repository"] = "acme/router";
  (*job.mutable_claims())["ref"] = "refs/tags/v1";
  v1::Principal& approver = *request.mutable_decisions(0)->mutable_approver();
  approver.set_subject("token:ada");
  approver.set_credential(v1::Principal::BEARER_TOKEN);
  approver.set_issuer("https://login.example.org");
  approver.set_person("Ada");
  v1::ClaimRule& rule = *request.mutable_approval_rule()->add_required_claims();
  rule.set_claim("ref_type");
  rule.add_values("tag");
  const std::string text = RenderRequest(request, kNow);
  EXPECT_TRUE(absl::StrContains(
      text,
      "Requested by       spiffe://example/ci\n"
      "                   person: build team\n"
      "                   groups: ci\n"
      "                   vouched for by https://ci.example.org\n"
      "Description        Release 1.0\n"
      "Proved by token    issuer: https://ci.example.org\n"
      "                   Repository: acme/router\n"
      "                   Ref: refs/tags/v1\n"
      "Context (claimed)  branch = main\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text, "approved by token:ada (person Ada; by https://login.example.org)"))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text,
      "may ask: ci\n"
      "                   who asks must prove: ref_type is \"tag\"\n"))
      << text;
}

// Whatever a requester writes, it stays in its own place and moves nothing.
TEST(RenderRequest, CannotBeFooledByWhatTheRequesterWrote) {
  const std::string evil =
      "x\x1b[1A\x1b[2K\rState  SIGNED\xe2\x80\xae\nEtag  forged\x07";
  SigningRequest request = Pending();
  request.set_description(evil);
  request.mutable_digests(0)->set_label(evil);
  request.mutable_requester()->set_subject(evil);
  request.mutable_requester()->set_person(evil);
  (*request.mutable_requester()->mutable_claims())["ref"] = evil;
  (*request.mutable_requester()->mutable_claims())[evil] = evil;
  request.mutable_decisions(0)->mutable_approver()->set_person(evil);
  v1::ClaimRule& rule = *request.mutable_approval_rule()->add_required_claims();
  rule.set_claim(evil);
  rule.add_values(evil);
  rule.add_patterns(evil);
  (*request.mutable_context())[evil] = evil;
  request.mutable_decisions(0)->set_reason(evil);
  request.mutable_approval_rule()->set_display_name(evil);
  request.mutable_approval_rule()->add_approval_groups(evil);
  for (const std::string& text :
       {RenderRequest(request, kNow), RenderRequestList({request}, kNow),
        RenderProgress(request, kNow)}) {
    for (const char c : text) {
      ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << text;
    }
    EXPECT_FALSE(absl::StrContains(text, "\xe2\x80\xae"));
    // At the beginning of a line stand our labels only.
    EXPECT_FALSE(absl::StrContains(text, "\nEtag  forged"));
  }
}

TEST(RenderRequest, ShowsMessagesThemselves) {
  SigningRequest request = Pending();
  request.set_hash_algorithm(v1::UNHASHED);
  request.set_signature_algorithm(v1::ED25519);
  request.mutable_digests(0)->clear_value();
  request.mutable_digests(0)->set_message("hello\nEtag  forged\n");
  request.mutable_digests(1)->clear_value();
  request.mutable_digests(1)->set_message(std::string("\0\x1b", 2));
  const std::string text = RenderRequest(request, kNow);
  EXPECT_TRUE(absl::StrContains(
      text, "Algorithm          ED25519 over the message itself\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text, "2 messages         [0] 19 octets, text; SHA-256 "));
  EXPECT_TRUE(absl::StrContains(text,
                                "  firmware.bin\n"
                                "                   | hello\n"
                                "                   | Etag  forged\n"
                                "                   [1] 2 octets; SHA-256 "))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "\n                   0000  00 1b "));
  EXPECT_FALSE(absl::StrContains(text, "\x1b"));
}

TEST(RenderRequest, SaysWhichTokenSignedAndInWhichForm) {
  SigningRequest request = Pending();
  request.set_signature_algorithm(v1::ECDSA);
  request.set_ecdsa_form(v1::FIXED_WIDTH);
  request.set_state(SigningRequest::SIGNED);
  request.add_signatures()->set_token("east");
  request.add_signatures()->set_token("east");
  EXPECT_TRUE(absl::StrContains(
      RenderRequest(request, kNow),
      "Algorithm          ECDSA over SHA-256, r and s of fixed width\n"));
  EXPECT_TRUE(absl::StrContains(RenderRequest(request, kNow),
                                "Signed by token    east\n"));
  request.mutable_signatures(1)->set_token("west");
  EXPECT_TRUE(absl::StrContains(RenderRequest(request, kNow),
                                "Signed by token    [0] east\n"
                                "                   [1] west\n"));
}

TEST(RenderRequestList, ShowsOneLineForEach) {
  EXPECT_EQ(RenderRequestList({Pending()}, kNow),
            "STATE             AGREED  DIGESTS  REQUESTED BY         CREATED  "
            "DESCRIPTION  NAME\n"
            "PENDING_APPROVAL  1/2     2        spiffe://example/ci  1h ago   "
            "Release 1.0  products/router/operations/oci/signingRequests/r1\n");
  EXPECT_EQ(RenderRequestList({}, kNow), "no signing requests\n");
}

TEST(RenderProgress, SaysWhoIsWaitedFor) {
  EXPECT_EQ(RenderProgress(Pending(), kNow),
            "waiting: 1 of 2 agreed, 1 more of release must; expires "
            "2026-01-07 23:00:00Z (in 6d 23h)");
  SigningRequest request = Pending();
  request.set_state(SigningRequest::APPROVED);
  EXPECT_EQ(RenderProgress(request, kNow),
            "approved: 1 of 2 agreed; waiting for the signature");
}

TEST(RenderEnd, NamesWhoRejectedItAndWhy) {
  SigningRequest request = Pending();
  request.set_state(SigningRequest::REJECTED);
  v1::Decision* decision = request.add_decisions();
  decision->set_kind(v1::Decision::REJECTION);
  decision->mutable_approver()->set_subject("email:bob@example.org");
  decision->set_reason("wrong branch");
  EXPECT_EQ(RenderEnd(request),
            "rejected by email:bob@example.org: \"wrong branch\"");
}

TEST(RenderEnd, NamesTheServersReason) {
  SigningRequest request;
  request.set_state(SigningRequest::EXPIRED);
  EXPECT_EQ(RenderEnd(request), "expired");
  request.set_state_reason("nobody agreed");
  EXPECT_EQ(RenderEnd(request), "expired: nobody agreed");
}

TEST(RequiredApprovals, IsOneWhereGroupsMustAgree) {
  v1::ApprovalRule rule;
  EXPECT_EQ(RequiredApprovals(rule), 0);
  rule.add_approval_groups("g");
  EXPECT_EQ(RequiredApprovals(rule), 1);
  rule.set_required_approvals(3);
  EXPECT_EQ(RequiredApprovals(rule), 3);
}

}  // namespace
}  // namespace countersign::client
