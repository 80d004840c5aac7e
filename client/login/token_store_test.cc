// The store with the files below it.
#include "client/login/token_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;

int ModeOf(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

class TokenStoreTest : public testing::Test {
 protected:
  TokenStoreTest() {
    static int number = 0;
    home_ = testing::TempDir() + "store" + std::to_string(number++);
    variables_["HOME"] = home_;
    login_.issuer = FakeIssuer::kUrl;
    login_.client_id = "cli";
    login_.scopes = {"openid", "groups"};
    login_.subject = "ann";
    login_.token = base::SecretBytes("tok");
    login_.refresh_token = base::SecretBytes("ref");
    login_.obtain_time = absl::FromUnixSeconds(1000);
    login_.expire_time = absl::FromUnixSeconds(4600);
  }
  TokenStore Store(const std::string& context = "") {
    LoginSettings settings = issuer_.Settings();
    settings.context = context;
    return *TokenStore::Find(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          if (found == variables_.end()) return std::nullopt;
          return found->second;
        },
        settings);
  }

  FakeIssuer issuer_;
  std::string home_;
  std::map<std::string, std::string> variables_;
  StoredLogin login_;
};

TEST_F(TokenStoreTest, KeepsALoginForItsUserAlone) {
  const TokenStore store = Store("ci");
  EXPECT_EQ(store.path(),
            home_ + "/.local/state/countersign/tokens/context-ci.json");
  ASSERT_OK_AND_ASSIGN(const auto none, store.Load());
  EXPECT_FALSE(none.has_value());
  ASSERT_OK(store.Save(login_));
  EXPECT_EQ(ModeOf(store.path()), 0600);
  EXPECT_EQ(ModeOf(home_ + "/.local/state/countersign/tokens"), 0700);
  ASSERT_OK_AND_ASSIGN(const auto loaded, store.Load());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->token.DangerouslyExpose(), "tok");
  EXPECT_EQ(loaded->refresh_token.DangerouslyExpose(), "ref");
  EXPECT_EQ(loaded->subject, "ann");
  EXPECT_EQ(loaded->scopes, login_.scopes);
  EXPECT_EQ(loaded->obtain_time, login_.obtain_time);
  EXPECT_EQ(loaded->expire_time, login_.expire_time);
  ASSERT_OK_AND_ASSIGN(const bool deleted, store.Delete());
  EXPECT_TRUE(deleted);
  ASSERT_OK_AND_ASSIGN(const bool again, store.Delete());
  EXPECT_FALSE(again);
}

TEST_F(TokenStoreTest, KeepsContextsApartAndUnderSafeNames) {
  variables_["XDG_STATE_HOME"] = home_ + "/state";
  const std::string folder = home_ + "/state/countersign/tokens/";
  EXPECT_EQ(Store("a.b-c_1").path(), folder + "context-a.b-c_1.json");
  for (const char* name : {"../../x", "a/b", "", "\xc3\xa4"}) {
    const std::string path = Store(name).path();
    EXPECT_EQ(path.rfind('/') + 1, folder.size()) << path;
    EXPECT_NE(path, Store("a").path());
  }
  EXPECT_NE(Store("a/b").path(), Store("a/c").path());
  variables_["XDG_STATE_HOME"] = "relative";
  EXPECT_THAT(Store("a").path(), HasSubstr(home_ + "/.local/state/"));
}

TEST_F(TokenStoreTest, RefusesWhatOthersMayRead) {
  const TokenStore store = Store();
  ASSERT_OK(store.Save(login_));
  ASSERT_EQ(chmod(store.path().c_str(), 0640), 0);
  const absl::Status status = store.Load().status();
  EXPECT_THAT(status, HasReason("TOKEN_UNREADABLE"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));
  // A new login does not inherit the old file's mode.
  ASSERT_OK(store.Save(login_));
  EXPECT_EQ(ModeOf(store.path()), 0600);
  EXPECT_OK(store.Load().status());
  const std::string folder = store.path().substr(0, store.path().rfind('/'));
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
  EXPECT_THAT(store.Save(login_), HasReason("TOKEN_UNREADABLE"));
  EXPECT_THAT(store.Lock(issuer_.World()).status(),
              HasReason("TOKEN_UNREADABLE"));
}

TEST_F(TokenStoreTest, FollowsNoLink) {
  const TokenStore store = Store();
  ASSERT_OK(store.Save(login_));
  const std::string elsewhere = home_ + "/elsewhere";
  ASSERT_EQ(rename(store.path().c_str(), elsewhere.c_str()), 0);
  ASSERT_EQ(symlink(elsewhere.c_str(), store.path().c_str()), 0);
  EXPECT_THAT(store.Load().status(), HasReason("TOKEN_UNREADABLE"));
  login_.token = base::SecretBytes("new");
  ASSERT_OK(store.Save(login_));
  EXPECT_OK(store.Load().status());
  EXPECT_THAT(*base::ReadFile(elsewhere), Not(HasSubstr("new")));
}

TEST_F(TokenStoreTest, QuotesNothingOfAFileThatItCannotRead) {
  const TokenStore store = Store();
  ASSERT_OK(store.Save(login_));
  const char* const rows[] = {
      "", "secret", "{}", R"({"version":2,"token":"secret"})",
      R"({"version":1,"token":"secret","token":"secret"})"};
  for (const char* text : rows) {
    ASSERT_OK(base::WriteFileAtomically(store.path(), text));
    const absl::Status status = store.Load().status();
    EXPECT_THAT(status, HasReason("TOKEN_UNREADABLE")) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
}

TEST_F(TokenStoreTest, IsLockedByOneAtATime) {
  const TokenStore store = Store();
  const LoginWorld world = issuer_.World();
  {
    ASSERT_OK_AND_ASSIGN(const FileLock lock, store.Lock(world));
    EXPECT_THAT(store.Lock(world).status(), HasReason("LOCKED"));
    issuer_.interrupted = true;
    EXPECT_THAT(store.Lock(world).status(), HasReason("INTERRUPTED"));
    issuer_.interrupted = false;
  }
  EXPECT_OK(store.Lock(world).status());
}

TEST_F(TokenStoreTest, NeedsAHome) {
  const absl::Status status =
      TokenStore::Find([](const std::string&) { return std::nullopt; },
                       issuer_.Settings())
          .status();
  EXPECT_THAT(status, HasReason("STATE_FOLDER_UNKNOWN"));
}

}  // namespace
}  // namespace countersign::client
