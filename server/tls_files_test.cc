#include "server/tls_files.h"

#include <unistd.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/fake_clock.h"
#include "base/log.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using auth::TestingCertificate;
using base::StatusIs;
using ::testing::HasSubstr;

auth::CertificateSpec ServerSpec() {
  auth::CertificateSpec spec;
  spec.name = {{"CN", "server"}};
  spec.dns_names = {"localhost"};
  spec.extended_key_usage = "serverAuth";
  return spec;
}

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest()
      : paths_{site_.Path("tls.pem"), site_.Path("tls.key"),
               site_.Path("tls-ca.pem")} {
    WritePair(first_);
    site_.Write("tls-ca.pem", site_.ca().pem());
    base::SetLogSink([this](const std::string& line) { log_ += line; });
  }
  ~TlsFilesTest() override { base::SetLogSink(nullptr); }

  TestingCertificate Issue(const auth::CertificateSpec& spec = ServerSpec()) {
    return site_.ca().Issue(spec);
  }
  void WritePair(const TestingCertificate& certificate) {
    site_.Write("tls.pem", certificate.pem());
    site_.Write("tls.key", certificate.key_pem());
  }
  absl::Status Read() { return ReadTlsFiles(paths_, clock_.Now()).status(); }

  TestingSite site_;
  base::FakeClock clock_;
  const TestingCertificate first_ = Issue();
  const TlsPaths paths_;
  std::string log_;
};

TEST_F(TlsFilesTest, ReadsWhatBelongsTogether) {
  ASSERT_OK_AND_ASSIGN(const TlsIdentity identity,
                       ReadTlsFiles(paths_, clock_.Now()));
  EXPECT_EQ(identity.certificate_pem, first_.pem());
  EXPECT_EQ(identity.private_key_pem.DangerouslyExpose(), first_.key_pem());
  EXPECT_EQ(identity.client_ca_pem, site_.ca().pem());
}

TEST_F(TlsFilesTest, RefusesWhatDoesNotServe) {
  auth::CertificateSpec expired = ServerSpec();
  expired.not_after = clock_.Now() - absl::Seconds(1);
  auth::CertificateSpec early = ServerSpec();
  early.not_before = clock_.Now() + absl::Hours(1);
  const std::pair<std::function<void()>, const char*> rows[] = {
      {[&] { site_.Write("tls.pem", Issue().pem()); },
       "private_key_file: is not the key"},
      {[&] { site_.Write("tls.key", Issue().key_pem()); },
       "private_key_file: is not the key"},
      {[&] { site_.Write("tls.key", "nothing"); }, "private_key_file: no"},
      {[&] { site_.Write("tls.key", first_.key_pem(), 0644); },
       "private_key_file: "},
      {[&] { unlink(paths_.private_key.c_str()); }, "private_key_file: "},
      {[&] { site_.Write("tls.pem", ""); }, "certificate_file: "},
      {[&] { site_.Write("tls.pem", first_.pem().substr(0, 200)); },
       "certificate_file: "},
      {[&] { WritePair(Issue(expired)); }, "certificate is expired"},
      {[&] { WritePair(Issue(early)); }, "not valid yet"},
      {[&] { site_.Write("tls-ca.pem", ""); }, "identity.client_ca_file: "},
      {[&] { site_.Write("tls-ca.pem", first_.pem()); }, "no CA's"},
  };
  for (const auto& [spoil, why] : rows) {
    WritePair(first_);
    site_.Write("tls-ca.pem", site_.ca().pem());
    ASSERT_OK(Read());
    unlink(paths_.private_key.c_str());  // its mode comes anew
    site_.Write("tls.key", first_.key_pem());
    spoil();
    EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr(why)));
    unlink(paths_.private_key.c_str());
  }
}

class TlsWatchTest : public TlsFilesTest {
 protected:
  TlsWatchTest()
      : current_(*ReadTlsFiles(paths_, clock_.Now())),
        files_(paths_, current_, clock_, [this](const TlsIdentity& identity) {
          applied_.push_back(identity.certificate_pem);
          return serves_;
        }) {}

  // Two polls: the second reads what was the same in the first.
  bool PollTwice() {
    const bool early = files_.Poll();
    return files_.Poll() || early;
  }
  std::string Used() { return current_.Get()->certificate_pem; }

  std::vector<std::string> applied_;
  absl::Status serves_;
  CurrentTls current_;
  TlsFiles files_;
};

TEST_F(TlsWatchTest, LeavesWhatDidNotChange) {
  EXPECT_FALSE(PollTwice());
  EXPECT_FALSE(PollTwice());
  WritePair(first_);  // written again, the same
  EXPECT_FALSE(PollTwice());
  EXPECT_TRUE(applied_.empty());
  EXPECT_EQ(log_, "");
}

TEST_F(TlsWatchTest, SeesAChangeFromBeforeTheFirstPoll) {
  const TestingCertificate next = Issue();
  WritePair(next);
  EXPECT_TRUE(PollTwice());
  EXPECT_EQ(Used(), next.pem());
}

TEST_F(TlsWatchTest, TakesANewPairAndANewBundle) {
  PollTwice();
  const TestingCertificate next = Issue();
  WritePair(next);
  EXPECT_TRUE(PollTwice());
  EXPECT_EQ(Used(), next.pem());
  EXPECT_EQ(current_.Get()->private_key_pem.DangerouslyExpose(),
            next.key_pem());
  EXPECT_THAT(log_, HasSubstr("\"tls_files_reloaded\""));
  EXPECT_THAT(log_, HasSubstr("certificate_sha256"));
  const std::string bundle =
      site_.ca().pem() +
      TestingCertificate::SelfSigned(auth::CaSpec("next")).pem();
  site_.Write("tls-ca.pem", bundle);
  EXPECT_TRUE(PollTwice());
  EXPECT_EQ(current_.Get()->client_ca_pem, bundle);
  EXPECT_EQ(applied_.size(), 2u);
}

// Written one after the other, with a poll wherever it may come.
TEST_F(TlsWatchTest, NeverUsesATornPair) {
  PollTwice();
  const TestingCertificate next = Issue();
  site_.Write("tls.pem", next.pem());
  EXPECT_FALSE(PollTwice());
  EXPECT_FALSE(PollTwice());
  EXPECT_EQ(Used(), first_.pem());
  EXPECT_TRUE(applied_.empty());
  EXPECT_EQ(log_.find("tls_files_refused"), log_.rfind("tls_files_refused"))
      << "told once: " << log_;
  EXPECT_THAT(log_, HasSubstr("is not the key"));
  site_.Write("tls.key", next.key_pem());
  EXPECT_TRUE(PollTwice());
  EXPECT_EQ(Used(), next.pem());
}

TEST_F(TlsWatchTest, TakesACertificateWhenItsTimeComes) {
  PollTwice();
  auth::CertificateSpec early = ServerSpec();
  early.not_before = clock_.Now() + absl::Hours(1);
  WritePair(Issue(early));
  EXPECT_FALSE(PollTwice());
  clock_.Advance(absl::Hours(2));
  EXPECT_TRUE(files_.Poll());
}

TEST_F(TlsWatchTest, TakesNothingThatDoesNotServeElsewhere) {
  PollTwice();
  serves_ = absl::InvalidArgumentError("no curve in common");
  WritePair(Issue());
  EXPECT_FALSE(PollTwice());
  EXPECT_EQ(Used(), first_.pem());
  EXPECT_THAT(log_, HasSubstr("no curve in common"));
  serves_ = absl::OkStatus();
  EXPECT_TRUE(files_.Poll());
}

}  // namespace
}  // namespace countersign::server
