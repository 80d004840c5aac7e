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
#include "base/time_text.h"
#include "core/approval_rule.h"
#include "core/event.h"
#include "core/names.h"
#include "core/principal.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

std::string Document() {
  return base::ReadFile("docs/audit-format.md").value();
}

// The fenced block of that language, from 0.
std::string Block(absl::string_view language, int n = 0) {
  const std::string document = Document();
  const std::string fence = absl::StrCat("```", language, "\n");
  size_t begin = document.find(fence) + fence.size();
  for (; n > 0; --n) begin = document.find(fence, begin) + fence.size();
  return document.substr(begin, document.find("```", begin) - begin);
}
constexpr int kEtagOf = 0;  // Python blocks
constexpr int kVerify = 1;

TEST(AuditFormat, ShowsALeafAsItIsWritten) {
  const std::string leaf = absl::StrReplaceAll(Block("json"), {{"\n", ""}});
  const auto event = ParseLeaf(leaf);
  ASSERT_OK(event);
  EXPECT_EQ(LeafBytes(*event), leaf);
}

TEST(AuditFormat, NamesEveryType) {
  const std::string document = Document();
  for (int i = 0; i <= static_cast<int>(core::EventType::kCrlSigned); ++i) {
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
    Write("verify.py", Block("python", kVerify));
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

// The etag, by the page's lines alone, of what is in the log.
TEST_F(PlainToolsTest, ComputesTheEtagOfACreatedRequest) {
  core::SigningRequest request = core::SampleRequest();
  request.create_time = absl::FromUnixSeconds(1767225600);
  request.expire_time = request.create_time + absl::Microseconds(1234567);
  core::Principal token = request.requester;
  token.credential = core::CredentialKind::kBearerToken;
  token.person = "Zo\xc3\xab";
  token.claims = {{"repository", "acme/app"}, {"ref", "refs/tags/\"v1\""}};
  token.issuer_key = "thumbprint";
  token.certificate_subject = "subject:CN=Runner";
  Write("etag.py", Block("python", kEtagOf) +
                       "import sys\n"
                       "leaf = json.load(open(sys.argv[1]))\n"
                       "sys.exit(etag_of(leaf) != leaf['details']['etag'])\n");
  for (const core::Principal& requester : {request.requester, token}) {
    request.requester = requester;
    core::Event event;
    event.type = core::EventType::kRequestCreated;
    event.time = request.create_time;
    event.actor = requester;
    event.resource = request.name.Format();
    event.key_version =
        core::KeyVersionName{request.name.operation, request.key_version}
            .Format();
    event.details = base::Json::Object{
        {"contentDigest", core::ContentDigest(request.content)},
        {"etag", core::Etag(request)},
        {"expireTime", base::TimeText(request.expire_time)},
        {"keySpkiSha256", request.key_spki_sha256},
        {"ruleDigest", core::RuleDigest(request.rule)}};
    const std::string run =
        absl::StrCat("cd ", directory_, " && python3 etag.py leaf.json");
    Write("leaf.json", LeafBytes(event));
    EXPECT_EQ(std::system(run.c_str()), 0) << LeafBytes(event);
    event.actor.claims["ref"] = "refs/heads/main";
    Write("leaf.json", LeafBytes(event));
    EXPECT_NE(std::system(run.c_str()), 0);
  }
}

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
