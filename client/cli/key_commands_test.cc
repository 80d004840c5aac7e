// The commands of keys against a server in this process.
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "client/cli/test_console.h"
#include "client/cli/time_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using v1::KeyVersion;

constexpr char kOperation[] = "products/p/operations/o";
constexpr char kKey[] = "products/p/operations/o/keyVersions/2";

KeyVersion Key(KeyVersion::State state) {
  KeyVersion key;
  key.set_name(kKey);
  key.set_state(state);
  key.set_key_type(v1::EC_P256);
  key.add_tokens("east");
  v1::TokenFindings* findings = key.add_findings();
  findings->set_token("east");
  (*findings->mutable_attributes())["CKA_SENSITIVE"] = "true";
  if (state == KeyVersion::DESTROY_SCHEDULED) {
    key.mutable_destroy_time()->set_seconds(1767225600);
  }
  return key;
}

class KeyCommandsTest : public testing::Test {
 protected:
  KeyCommandsTest() {
    Answers& answers = console_.answers();
    answers.get_key = [](const v1::GetKeyVersionRequest&, KeyVersion* answer) {
      *answer = Key(KeyVersion::ENABLED);
      return grpc::Status::OK;
    };
    answers.rotate = [this](const v1::RotateKeyRequest& request,
                            KeyVersion* answer) {
      rotated_.push_back(request);
      *answer = Key(KeyVersion::ENABLED);
      return grpc::Status::OK;
    };
    answers.register_key = [this](const v1::RegisterKeyVersionRequest& request,
                                  KeyVersion* answer) {
      registered_.push_back(request);
      *answer = Key(KeyVersion::ENABLED);
      return grpc::Status::OK;
    };
    answers.disable_key = Switch("disable", KeyVersion::DISABLED);
    answers.enable_key = Switch("enable", KeyVersion::ENABLED);
    answers.destroy_key = Switch("destroy", KeyVersion::DESTROY_SCHEDULED);
    answers.restore_key = Switch("restore", KeyVersion::DISABLED);
  }

  struct Switched {
    KeyCommandsTest* test;
    const char* method;
    KeyVersion::State state;
    template <typename Request>
    grpc::Status operator()(const Request& request, KeyVersion* answer) const {
      test->switched_.push_back(std::string(method) + " " + request.name() +
                                " " + request.reason());
      *answer = Key(state);
      return grpc::Status::OK;
    }
  };
  Switched Switch(const char* method, KeyVersion::State state) {
    return {this, method, state};
  }

  TestRun Run(const std::vector<std::string>& arguments) {
    return console_.Run(arguments);
  }

  TestConsole console_;
  std::vector<v1::RotateKeyRequest> rotated_;
  std::vector<v1::RegisterKeyVersionRequest> registered_;
  std::vector<std::string> switched_;
};

TEST_F(KeyCommandsTest, ShowsFindingsWithAVerdict) {
  const TestRun run = Run({"key", "show", "p/o/2"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("CKA_SENSITIVE"), HasSubstr("good"),
                             HasSubstr("ENABLED")));
  const TestRun json = Run({"key", "show", "p/o", "-o", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"CKA_SENSITIVE\": \"true\""));
}

TEST_F(KeyCommandsTest, RotatesNowOrLater) {
  EXPECT_EQ(Run({"key", "rotate", "p/o", "--yes"}).code, 0);
  EXPECT_EQ(Run({"key", "rotate", "p/o", "--yes", "--start-time", "+24h"}).code,
            0);
  ASSERT_EQ(rotated_.size(), 2u);
  EXPECT_EQ(rotated_[0].name(), kOperation);
  EXPECT_FALSE(rotated_[0].has_start_time());
  const absl::Duration ahead =
      FromProto(rotated_[1].start_time()) - base::SystemClock().Now();
  EXPECT_GT(ahead, absl::Hours(23));
  EXPECT_LE(ahead, absl::Hours(24));
}

TEST_F(KeyCommandsTest, AsksBeforeItRotates) {
  EXPECT_EQ(Run({"key", "rotate", "p/o"}).code, 2);
  console_.Interactive("n\n");
  EXPECT_EQ(Run({"key", "rotate", "p/o", "--start-time", "+1h"}).code, 1);
  EXPECT_TRUE(rotated_.empty());
}

TEST_F(KeyCommandsTest, RegistersAKey) {
  const TestRun run =
      Run({"key", "register", "p/o", "--id", "0A:0B", "--label", "old key",
           "--token", "east", "--token", "west", "--yes"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Verdict"));
  ASSERT_EQ(registered_.size(), 1u);
  EXPECT_EQ(registered_[0].parent(), kOperation);
  EXPECT_EQ(registered_[0].existing_key().key_id(), "0a0b");
  EXPECT_EQ(registered_[0].existing_key().label(), "old key");
  EXPECT_EQ(registered_[0].existing_key().tokens_size(), 2);
}

TEST_F(KeyCommandsTest, SwitchesWithAReason) {
  for (const char* verb : {"disable", "enable", "restore"}) {
    const TestRun run = Run({"key", verb, "p/o/2", "--reason", "why"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(switched_.back(), std::string(verb) + " " + kKey + " why");
  }
}

TEST_F(KeyCommandsTest, DestroysOnlyWhatWasTyped) {
  const std::vector<std::string> destroy = {"key", "destroy", "p/o/2",
                                            "--reason", "old"};
  EXPECT_EQ(Run(destroy).code, 2);  // nobody to ask
  for (const char* typed : {"", "y\n", "yes\n", "p/o\n", "p/o/1\n"}) {
    console_.Interactive(typed);
    EXPECT_EQ(Run(destroy).code, 1) << typed;
  }
  EXPECT_THAT(switched_, IsEmpty());
  console_.Interactive("p/o/2\n");
  const TestRun run = Run(destroy);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, AllOf(HasSubstr("Type p/o/2"),
                             HasSubstr("countersign key restore p/o/2")));
  EXPECT_THAT(switched_,
              testing::ElementsAre(std::string("destroy ") + kKey + " old"));
}

TEST_F(KeyCommandsTest, DestroysWithoutAskingWhereYesWasSaid) {
  EXPECT_EQ(Run({"key", "destroy", "p/o/2", "--reason", "old", "--yes"}).code,
            0);
  EXPECT_EQ(switched_.size(), 1u);
}

TEST_F(KeyCommandsTest, SaysWhatHelps) {
  console_.answers().enable_key = [](const v1::EnableKeyVersionRequest&,
                                     KeyVersion*) {
    base::ErrorDetails details;
    details.reason = "KEY_VERSION_STATE";
    details.metadata = {{"resource", kKey}, {"state", "DESTROY_SCHEDULED"}};
    return WireError(base::MakeError(absl::StatusCode::kFailedPrecondition,
                                     "it is being destroyed", details));
  };
  const TestRun run = Run({"key", "enable", "p/o/2"});
  EXPECT_EQ(run.code, 8);
  EXPECT_THAT(run.err, HasSubstr("countersign key restore p/o/2"));
}

struct BadCase {
  std::vector<std::string> arguments;
  const char* want;
};

TEST_F(KeyCommandsTest, RefusesWhatCannotBeMeant) {
  for (const BadCase& c :
       {BadCase{{"key", "disable", "p/o"}, "countersign key list"},
        BadCase{{"key", "destroy", "p/o/2", "--yes"}, "--reason"},
        BadCase{{"key", "rotate", "p/o", "--yes", "--start-time", "24h"},
                "+24h"},
        BadCase{{"key", "rotate", "p/o", "--yes", "--start-time",
                 "2020-01-01T00:00:00Z"},
                "future"},
        BadCase{{"key", "register", "p/o", "--label", "l", "--yes"}, "--id"},
        BadCase{{"key", "register", "p/o", "--id", "0a", "--yes"}, "--label"},
        BadCase{
            {"key", "register", "p/o", "--id", "xyz", "--label", "l", "--yes"},
            "hexadecimal"}}) {
    const TestRun run = Run(c.arguments);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_THAT(run.err, HasSubstr(c.want));
  }
  EXPECT_TRUE(rotated_.empty() && registered_.empty() && switched_.empty());
}

}  // namespace
}  // namespace countersign::client
