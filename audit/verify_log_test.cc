#include "audit/verify_log.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/merkle_tree.h"
#include "audit/note_vectors.h"
#include "audit/signed_note.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Leaves(int count) {
  std::vector<std::string> leaves;
  for (int i = 0; i < count; ++i)
    leaves.push_back(absl::StrCat("{\"n\":", i, "}"));
  return leaves;
}

std::string NoteOver(const std::vector<std::string>& leaves) {
  RootBuilder builder;
  for (const std::string& leaf : leaves) builder.Add(HashLeaf(leaf));
  return TestSigner()
      .Sign(FormatCheckpoint({kTestOrigin, leaves.size(), builder.Root(), {}}))
      .value();
}

LogReport Verify(const std::string& note,
                 const std::vector<std::string>& leaves) {
  LogVerifier verifier =
      LogVerifier::Create(note, TestSigner().verifier()).value();
  for (size_t i = 0; i < leaves.size(); ++i) verifier.Add(i, leaves[i]);
  return std::move(verifier).Finish();
}

TEST(VerifyLog, AcceptsAWholeLog) {
  for (const int count : {0, 1, 2, 7, 300}) {
    const LogReport report = Verify(NoteOver(Leaves(count)), Leaves(count));
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(report.leaves, static_cast<uint64_t>(count));
    EXPECT_EQ(report.checkpoint.size, static_cast<uint64_t>(count));
    EXPECT_EQ(report.uncovered, 0u);
  }
}

TEST(VerifyLog, CountsLeavesThatTheCheckpointDoesNotCover) {
  const LogReport report = Verify(NoteOver(Leaves(7)), Leaves(10));
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.uncovered, 3u);
}

TEST(VerifyLog, FindsAChangedLeaf) {
  std::vector<std::string> leaves = Leaves(10);
  leaves[3] = "{\"n\":33}";
  EXPECT_THAT(Verify(NoteOver(Leaves(10)), leaves).findings,
              ElementsAre(HasSubstr("have the root")));
}

TEST(VerifyLog, FindsSwappedLeaves) {
  std::vector<std::string> leaves = Leaves(10);
  std::swap(leaves[0], leaves[1]);
  EXPECT_FALSE(Verify(NoteOver(Leaves(10)), leaves).ok());
}

TEST(VerifyLog, FindsThatLeavesAreMissingAtTheEnd) {
  EXPECT_THAT(Verify(NoteOver(Leaves(10)), Leaves(9)).findings,
              ElementsAre(HasSubstr("only 9 are here")));
}

TEST(VerifyLog, FindsAGap) {
  LogVerifier verifier =
      LogVerifier::Create(NoteOver(Leaves(3)), TestSigner().verifier()).value();
  verifier.Add(0, "{\"n\":0}");
  verifier.Add(2, "{\"n\":2}");
  EXPECT_THAT(std::move(verifier).Finish().findings,
              ElementsAre(HasSubstr("leaf 1 was expected"),
                          HasSubstr("only 2 are here")));
}

TEST(VerifyLog, FindsALeafThatIsNotCanonical) {
  for (const char* leaf : {"{\"b\":1,\"a\":2}", "{ }", "[]", "", "\xff"}) {
    const std::vector<std::string> leaves = {leaf};
    EXPECT_THAT(Verify(NoteOver(leaves), leaves).findings,
                ElementsAre(HasSubstr("leaf 0 is not canonical")))
        << leaf;
  }
}

TEST(VerifyLog, StopsCollectingFindings) {
  const std::vector<std::string> leaves(500, "[]");
  EXPECT_EQ(Verify(NoteOver(leaves), leaves).findings.size(),
            LogVerifier::kMaxFindings);
}

TEST(VerifyLog, RefusesACheckpointOfAnotherKey) {
  EXPECT_THAT(LogVerifier::Create(NoteOver({}), TestSigner("x").verifier()),
              base::HasReason("NOTE_NOT_SIGNED"));
}

}  // namespace
}  // namespace countersign::audit
