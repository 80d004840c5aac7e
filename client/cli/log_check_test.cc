#include "client/cli/log_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/checkpoint.h"
#include "audit/merkle_tree.h"
#include "audit/proofs.h"
#include "audit/signed_note.h"
#include "base/clock.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/api/test_server.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

constexpr char kOrigin[] = "signer.example/audit";

audit::NoteSigner Signer() {
  return *audit::NoteSigner::Create(kOrigin, base::EvpPkeyPtr(EVP_PKEY_Q_keygen(
                                                 nullptr, nullptr, "ED25519")));
}

std::string Leaf(int number) { return absl::StrCat("{\"n\":", number, "}"); }

// The root of the first `size` leaves.
std::string Root(int size) {
  audit::RootBuilder builder;
  for (int i = 0; i < size; ++i) builder.Add(audit::HashLeaf(Leaf(i)));
  return builder.Root();
}

class LogCheckTest : public testing::Test {
 protected:
  LogCheckTest()
      : signer_(Signer()),
        connection_(server_.Channel(), Options(), clock_, random_),
        client_(connection_) {
    for (int i = 0; i < 9; ++i) leaves_.push_back(Leaf(i));
    note_ = Note(7, Root(7));
    server_.answers().get_checkpoint = [this](const v1::GetCheckpointRequest&,
                                              v1::Checkpoint* answer) {
      answer->set_note(note_);
      answer->set_verifier_key(signer_.verifier().Format());
      return grpc::Status::OK;
    };
    // Pages of four.
    server_.answers().list_events = [this](const v1::ListEventsRequest& request,
                                           v1::ListEventsResponse* answer) {
      size_t at =
          request.page_token().empty() ? 0 : std::stoul(request.page_token());
      for (int i = 0; i < 4 && at < leaves_.size(); ++i, ++at) {
        v1::Event* event = answer->add_events();
        event->set_leaf_index(static_cast<int64_t>(at));
        event->set_leaf(leaves_[at]);
      }
      if (at < leaves_.size()) answer->set_next_page_token(absl::StrCat(at));
      return grpc::Status::OK;
    };
    server_.answers().get_consistency =
        [this](const v1::GetConsistencyProofRequest& request,
               v1::ConsistencyProof* answer) {
          const auto ranges = audit::ConsistencyRanges(
              request.first_tree_size(), request.second_tree_size());
          for (const audit::LeafRange& range : *ranges) {
            audit::RootBuilder builder;
            for (uint64_t i = range.begin; i < range.end; ++i) {
              builder.Add(audit::HashLeaf(leaves_[i]));
            }
            answer->add_hashes(builder.Root());
          }
          return grpc::Status::OK;
        };
  }

  static ConnectionOptions Options() {
    ConnectionOptions options;
    options.sleep = [](absl::Duration) {};
    return options;
  }

  std::string Note(uint64_t size, const std::string& root) {
    audit::Checkpoint checkpoint;
    checkpoint.origin = kOrigin;
    checkpoint.size = size;
    checkpoint.root = root;
    return *signer_.Sign(audit::FormatCheckpoint(checkpoint));
  }

  absl::StatusOr<LogCheck> Check(const std::string& previous = "") {
    return CheckLog(client_, "", previous);
  }

  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  audit::NoteSigner signer_;
  Connection connection_;
  AuditClient client_;
  std::vector<std::string> leaves_;
  std::string note_;
};

TEST_F(LogCheckTest, AcceptsAWholeLog) {
  ASSERT_OK_AND_ASSIGN(const LogCheck check, Check());
  EXPECT_EQ(check.size, 7u);
  EXPECT_EQ(check.root, Root(7));
  EXPECT_EQ(check.origin, kOrigin);
  EXPECT_EQ(check.newer, 2u);
  EXPECT_FALSE(check.previous_size.has_value());
}

TEST_F(LogCheckTest, FindsAChangedLeaf) {
  leaves_[3] = Leaf(33);
  EXPECT_THAT(Check(), HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, FindsAMissingLeaf) {
  leaves_.erase(leaves_.begin() + 2);
  EXPECT_THAT(Check(), HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, FindsAShortenedLog) {
  leaves_.resize(5);
  EXPECT_THAT(Check(), HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, DoesNotTrustACheckpointOfAnotherKey) {
  EXPECT_THAT(CheckLog(client_, Signer().verifier().Format(), ""),
              HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, TakesTheKeyWithANewline) {
  EXPECT_OK(CheckLog(client_, signer_.verifier().Format() + "\n", ""));
}

TEST_F(LogCheckTest, RefusesAKeyThatIsNone) {
  EXPECT_THAT(CheckLog(client_, "hello", ""),
              base::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(LogCheckTest, AcceptsTheContinuationOfAPreviousCheckpoint) {
  for (const int size : {0, 1, 4, 6, 7}) {
    const auto check = Check(Note(size, Root(size)));
    ASSERT_OK(check) << size;
    EXPECT_EQ(check->previous_size, static_cast<uint64_t>(size));
  }
}

TEST_F(LogCheckTest, FindsALogThatWasBegunAnew) {
  EXPECT_THAT(Check(Note(4, Root(5))), HasReason("LOG_NOT_VERIFIED"));
  EXPECT_THAT(Check(Note(7, Root(6))), HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, FindsALogThatBecameShorter) {
  EXPECT_THAT(Check(Note(8, Root(8))), HasReason("LOG_NOT_VERIFIED"));
}

TEST_F(LogCheckTest, RefusesAPreviousCheckpointOfAnotherLog) {
  audit::Checkpoint other;
  other.origin = kOrigin;
  other.size = 1;
  other.root = Root(1);
  EXPECT_THAT(Check(*Signer().Sign(audit::FormatCheckpoint(other))),
              HasReason("LOG_NOT_VERIFIED"));
}

}  // namespace
}  // namespace countersign::client
