// docs/audit-format.md is true: its example is what LeafBytes writes, it names
// every type, and its Python lines accept a good log and refuse bad ones.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "audit/checkpoint.h"
#include "audit/leaf.h"
#include "audit/merkle_tree.h"
#include "audit/note_vectors.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

std::string Document() {
  return base::ReadFile("docs/audit-format.md").value();
}

// The first fenced block of that language.
std::string Block(absl::string_view language) {
  const std::string document = Document();
  const std::string fence = absl::StrCat("```", language, "\n");
  const size_t begin = document.find(fence) + fence.size();
  return document.substr(begin, document.find("```", begin) - begin);
}

TEST(AuditFormat, ShowsALeafAsItIsWritten) {
  const std::string leaf = absl::StrReplaceAll(Block("json"), {{"\n", ""}});
  const auto event = ParseLeaf(leaf);
  ASSERT_OK(event);
  EXPECT_EQ(LeafBytes(*event), leaf);
}

TEST(AuditFormat, NamesEveryType) {
  const std::string document = Document();
  for (int i = 0; i <= static_cast<int>(core::EventType::kServerStarted); ++i) {
    const auto name = core::ToString(static_cast<core::EventType>(i));
    EXPECT_TRUE(absl::StrContains(document, absl::StrCat("`", name, "`")))
        << name;
  }
}

TEST(AuditFormat, ShowsACheckpointAsItIsSigned) {
  EXPECT_EQ(Block("text"), TestCheckpoint());
}

class PlainToolsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'import json' && openssl version") != 0) {
      GTEST_SKIP() << "python3 or openssl is not installed";
    }
    std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
    directory_ = mkdtemp(pattern.data());
    Write("verify.py", Block("python"));
    for (int i = 0; i < 11; ++i) {
      core::Event event;
      event.time = absl::FromUnixSeconds(i);
      event.resource = absl::StrCat("r", i);
      leaves_.push_back(LeafBytes(event));
    }
    WriteEvents();
    WriteCheckpoint(leaves_.size());
    Write("log-key.pub", absl::StrCat(kTestVkey, "\n"));
  }

  void Write(const std::string& name, const std::string& contents) {
    ASSERT_OK(base::WriteFileAtomically(directory_ + "/" + name, contents));
  }
  void WriteEvents() {
    base::Json::Array events;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      events.push_back(
          base::Json::Object{{"leafIndex", absl::StrCat(i)},
                             {"leafBytes", base::Base64Encode(leaves_[i])}});
    }
    Write("events.json", base::PrettyJson(events));
  }
  void WriteCheckpoint(uint64_t size) {
    RootBuilder builder;
    for (uint64_t i = 0; i < size; ++i) builder.Add(HashLeaf(leaves_[i]));
    Write("checkpoint",
          TestSigner()
              .Sign(FormatCheckpoint({kTestOrigin, size, builder.Root(), {}}))
              .value());
  }
  bool Verifies() {
    return std::system(absl::StrCat("cd ", directory_, " && python3 verify.py")
                           .c_str()) == 0;
  }

  std::string directory_;
  std::vector<std::string> leaves_;
};

TEST_F(PlainToolsTest, AcceptsAGoodLog) { EXPECT_TRUE(Verifies()); }

TEST_F(PlainToolsTest, AcceptsLeavesThatAreNotCoveredYet) {
  WriteCheckpoint(7);
  EXPECT_TRUE(Verifies());
}

TEST_F(PlainToolsTest, RefusesAChangedLeaf) {
  leaves_[3] = leaves_[4];
  WriteEvents();
  EXPECT_FALSE(Verifies());
}

TEST_F(PlainToolsTest, RefusesAMissingLeaf) {
  leaves_.pop_back();
  WriteEvents();
  EXPECT_FALSE(Verifies());
}

TEST_F(PlainToolsTest, RefusesAnotherKey) {
  Write("log-key.pub",
        "example.com/foo+530d903a+"
        "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n");
  EXPECT_FALSE(Verifies());
}

TEST_F(PlainToolsTest, RefusesAForgedSignature) {
  const std::string path = directory_ + "/checkpoint";
  std::string note = base::ReadFile(path).value();
  // An octet of the signature, after the key id.
  char& c = note[note.find("sCIOA") + 20];
  c = c == 'A' ? 'B' : 'A';
  Write("checkpoint", note);
  EXPECT_FALSE(Verifies());
}

}  // namespace
}  // namespace countersign::audit
