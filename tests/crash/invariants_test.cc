// That the crash test's checks can fail: each broken store is found out.
#include "tests/crash/invariants.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "audit/leaf.h"
#include "audit/signed_note.h"
#include "base/status_matchers.h"
#include "core/fake_store.h"
#include "core/sample_values.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::crash {
namespace {

using core::EventType;
using core::RequestState;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class InvariantsTest : public testing::Test {
 protected:
  // Whatever the port says about its content, it is stored.
  void Put(core::SigningRequest request, std::vector<EventType> leaves) {
    core::ChangeSet changes;
    for (const EventType type : leaves) {
      changes.events.push_back(core::SampleEvent(
          type, request.requester.subject, request.name.Format()));
    }
    changes.requests.push_back(std::move(request));
    ASSERT_OK(store_.Commit({changes}));
  }

  // SIGNED by somebody of the blanket group, as it should be.
  static core::SigningRequest Signed() {
    core::SigningRequest request = core::SampleRequest();
    request.state = RequestState::kSigned;
    request.requester.groups = {"release"};
    request.rule.blanket_groups = {"release"};
    request.signatures.assign(request.content.digests.size(),
                              core::DigestSignature{"signature", "main", 1});
    return request;
  }

  std::vector<std::string> Broken(const Seen& seen = {}) {
    const auto verifier =
        audit::NoteVerifier::Create("crash.example/log", std::string(32, 'k'));
    EXPECT_OK(verifier.status());
    const auto findings = Examine(store_, seen, *verifier);
    EXPECT_OK(findings.status());
    return findings.ok() ? findings->broken : std::vector<std::string>();
  }

  core::FakeStore store_{[](uint64_t, const core::Event& event) {
    return audit::LeafBytes(event);
  }};
};

TEST_F(InvariantsTest, FindsNothingWhereNothingIsBroken) {
  const core::SigningRequest request = Signed();
  Put(request, {EventType::kRequestCreated, EventType::kRequestSigned});
  Seen seen;
  seen.requests.push_back({request.name.Format(),
                           1,
                           "SIGNED",
                           {absl::BytesToHexString("signature")}});
  seen.key_uses.push_back(
      absl::BytesToHexString(request.content.digests[0].value));
  EXPECT_THAT(Broken(seen), IsEmpty());
}

TEST_F(InvariantsTest, FindsASignatureWithoutALeaf) {
  Put(Signed(), {EventType::kRequestCreated});
  EXPECT_THAT(Broken(), Contains(HasSubstr("0 leaves that it was signed")));
}

TEST_F(InvariantsTest, FindsTwoSetsOfSignatures) {
  Put(Signed(), {EventType::kRequestCreated, EventType::kRequestSigned,
                 EventType::kRequestSigned});
  EXPECT_THAT(Broken(), Contains(HasSubstr("2 leaves that it was signed")));
}

TEST_F(InvariantsTest, FindsARequestWithoutALeaf) {
  Put(core::SampleRequest(), {});
  EXPECT_THAT(Broken(), Contains(HasSubstr("no leaf of its creation")));
}

TEST_F(InvariantsTest, FindsARuleThatWasNotMet) {
  core::SigningRequest request = Signed();
  request.rule.blanket_groups = {};
  Put(request, {EventType::kRequestCreated, EventType::kRequestSigned});
  EXPECT_THAT(Broken(), Contains(HasSubstr("without its rule met")));
}

TEST_F(InvariantsTest, FindsAnAnswerThatWasLost) {
  Seen seen;
  seen.requests.push_back({"products/p/x", 1, "PENDING_APPROVAL", {}});
  EXPECT_THAT(Broken(seen), Contains(HasSubstr("was answered and is lost")));
}

TEST_F(InvariantsTest, FindsARequestThatWentBack) {
  const core::SigningRequest request = Signed();
  Put(request, {EventType::kRequestCreated, EventType::kRequestSigned});
  Seen seen;
  seen.requests.push_back({request.name.Format(), 2, "SIGNED", {}});
  EXPECT_THAT(Broken(seen), Contains(HasSubstr("went back")));
}

TEST_F(InvariantsTest, FindsASignatureThatLeftAndIsNotKept) {
  const core::SigningRequest request = Signed();
  Put(request, {EventType::kRequestCreated, EventType::kRequestSigned});
  Seen seen;
  seen.requests.push_back({request.name.Format(), 1, "SIGNED", {"abcd"}});
  EXPECT_THAT(Broken(seen), Contains(HasSubstr("not kept")));
}

TEST_F(InvariantsTest, FindsAKeyUseThatIsNotRecorded) {
  core::SigningRequest pending = core::SampleRequest();
  Put(pending, {EventType::kRequestCreated});
  Seen seen;
  seen.key_uses.push_back(
      absl::BytesToHexString(pending.content.digests[0].value));
  EXPECT_THAT(Broken(seen), Contains(HasSubstr("which is not recorded")));
}

}  // namespace
}  // namespace countersign::crash
