// RegistryContract on the real client against Debian's docker-registry.
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "client/api/test_identities.h"
#include "client/oci/credential.h"
#include "client/oci/docker_registry.h"
#include "client/oci/http_registry.h"
#include "client/oci/image_reference.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::testing::HasSubstr;

// "tester" with the password "open sesame", bcrypt with four rounds.
constexpr char kHtpasswd[] =
    "tester:$2b$04$if41ipvUlE.qoP9XYh1X8OBbKf86UjJqaKk5JmFZiJ0bBvWbM2Qyy\n";

base::Random& TestRandom() {
  static auto* random = new base::FakeRandom;
  return *random;
}

RetryPause NoPause() {
  return RetryPause{TestRandom(), [](absl::Duration) {}};
}

CredentialLookup Password(const std::string& password) {
  return [password](const std::string&, const std::string&)
             -> absl::StatusOr<std::optional<RegistryCredential>> {
    RegistryCredential credential;
    credential.username = "tester";
    credential.password = base::SecretBytes(password);
    credential.source = "the test";
    return credential;
  };
}

// Registries together with the process that they speak to.
struct WithProcess {
  WithProcess(std::unique_ptr<DockerRegistry> p, HttpRegistryOptions options)
      : process(std::move(p)), registries(std::move(options), NoPause()) {}
  std::unique_ptr<DockerRegistry> process;
  HttpRegistries registries;
};

std::shared_ptr<OciRegistries> Make(std::string& host, const char* scheme,
                                    const char* htpasswd,
                                    HttpRegistryOptions options) {
  auto process = DockerRegistry::Start(htpasswd);
  if (process == nullptr) return nullptr;
  host = absl::StrCat(scheme, process->host());
  auto both =
      std::make_shared<WithProcess>(std::move(process), std::move(options));
  return std::shared_ptr<OciRegistries>(both, &both->registries);
}

const TestCa& Ca() {
  static const auto* ca = new TestCa("Registry CA");
  return *ca;
}

std::unique_ptr<DockerRegistry> StartTls() {
  const Identity identity = Ca().Issue("registry");
  return DockerRegistry::StartTls(identity.certificate_pem,
                                  identity.private_key_pem);
}

HttpRegistryOptions TrustingCa() {
  HttpRegistryOptions options;
  options.session.connection.ca_file =
      WriteTestFile("registry-ca.pem", Ca().certificate_pem());
  return options;
}

// Without a scheme: on this machine it finds out by itself that this is https.
std::shared_ptr<OciRegistries> MakeTls(std::string& host) {
  auto process = StartTls();
  if (process == nullptr) return nullptr;
  host = process->host();
  auto both = std::make_shared<WithProcess>(std::move(process), TrustingCa());
  return std::shared_ptr<OciRegistries>(both, &both->registries);
}

std::shared_ptr<OciRegistries> MakePlain(std::string& host) {
  return Make(host, "http://", "", {});
}

std::shared_ptr<OciRegistries> MakeWithPassword(std::string& host) {
  HttpRegistryOptions options;
  options.session.credentials = Password("open sesame");
  return Make(host, "", kHtpasswd, options);
}

INSTANTIATE_TEST_SUITE_P(
    Debian, RegistryContract,
    testing::Values(RegistryContractParam{"PlainHttp", MakePlain},
                    RegistryContractParam{"Tls", MakeTls},
                    RegistryContractParam{"WithPassword", MakeWithPassword}),
    RegistryContractName);

class DebianRegistryTest : public testing::Test {
 protected:
  absl::StatusOr<bool> Has(HttpRegistryOptions options, const char* htpasswd) {
    process_ = DockerRegistry::Start(htpasswd);
    if (process_ == nullptr) return absl::UnavailableError("skipped");
    HttpRegistries registries(std::move(options), NoPause());
    auto reference = ParseImageReference(process_->host() + "/team/app");
    auto repository = registries.Open(*reference);
    if (!repository.ok()) return repository.status();
    return (*repository)->HasBlob("sha256:" + std::string(64, '0'));
  }

  std::unique_ptr<DockerRegistry> process_;
};

TEST_F(DebianRegistryTest, SaysThatThereAreNoCredentials) {
  const auto has = Has({}, kHtpasswd);
  if (process_ == nullptr) GTEST_SKIP();
  EXPECT_THAT(has, HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_THAT(std::string(has.status().message()),
              HasSubstr("there are no credentials for 127.0.0.1"));
}

TEST_F(DebianRegistryTest, SaysWhoseCredentialsAreWrong) {
  HttpRegistryOptions options;
  options.session.credentials = Password("closed sesame");
  const auto has = Has(options, kHtpasswd);
  if (process_ == nullptr) GTEST_SKIP();
  EXPECT_THAT(has, HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_THAT(std::string(has.status().message()), HasSubstr("the test"));
  EXPECT_THAT(std::string(has.status().message()),
              testing::Not(HasSubstr("sesame")));
}

TEST_F(DebianRegistryTest, TrustsNoCertificateOfAnotherCa) {
  process_ = StartTls();
  if (process_ == nullptr) GTEST_SKIP();
  HttpRegistryOptions options;
  options.session.connection.ca_file =
      WriteTestFile("other-ca.pem", TestCa("Other CA").certificate_pem());
  options.session.credentials = Password("open sesame");
  for (const char* scheme : {"", "https://"}) {
    HttpRegistries registries(options, NoPause());
    auto repository = registries.Open(
        *ParseImageReference(scheme + process_->host() + "/team/app"));
    ASSERT_OK(repository);
    const auto has = (*repository)->HasBlob(OciDigestOf("x"));
    EXPECT_THAT(has, HasReason("REGISTRY_UNREACHABLE"));
    EXPECT_THAT(std::string(has.status().message()), HasSubstr("certificate"));
  }
}

TEST_F(DebianRegistryTest, SaysThatItCannotReadTheFileOfCas) {
  process_ = StartTls();
  if (process_ == nullptr) GTEST_SKIP();
  HttpRegistryOptions options;
  options.session.connection.ca_file = "/nowhere/ca.pem";
  HttpRegistries registries(options, NoPause());
  auto repository = registries.Open(
      *ParseImageReference("https://" + process_->host() + "/team/app"));
  ASSERT_OK(repository);
  EXPECT_THAT((*repository)->HasBlob(OciDigestOf("x")), HasReason("CA_FILE"));
}

TEST_F(DebianRegistryTest, TellsProgressOfBlobs) {
  process_ = DockerRegistry::Start();
  if (process_ == nullptr) GTEST_SKIP();
  uint64_t up = 0;
  uint64_t down = 0;
  HttpRegistryOptions options;
  options.progress = [&](const BlobTransfer& transfer) {
    uint64_t& done = transfer.upload ? up : down;
    EXPECT_GT(transfer.done, done);
    done = transfer.done;
    EXPECT_EQ(transfer.total.has_value(), transfer.upload);
  };
  HttpRegistries registries(options, NoPause());
  auto repository = registries.Open(
      *ParseImageReference("http://" + process_->host() + "/team/app"));
  ASSERT_OK(repository);
  const std::string octets(5 << 20, 'x');
  ASSERT_OK((*repository)->PutBlob(OciDigestOf(octets), octets));
  ASSERT_OK((*repository)->GetBlob(OciDigestOf(octets), octets.size()));
  EXPECT_EQ(up, octets.size());
  EXPECT_EQ(down, octets.size());
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTERSIGN_SANITIZED 1
#endif
#endif

// The most memory that this process ever had, in octets.
uint64_t PeakMemory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) << 10;
}

TEST_F(DebianRegistryTest, MovesABigBlobInLittleMemory) {
  process_ = DockerRegistry::Start();
  if (process_ == nullptr) GTEST_SKIP();
  constexpr uint64_t kSize = 128 << 20;
  const std::string piece = std::string(65536, 'x');
  DigestStream hash("sha256:");
  for (uint64_t done = 0; done < kSize; done += piece.size()) {
    hash.Update(piece);
  }
  const std::string digest = hash.Finish();
  HttpRegistries registries({}, NoPause());
  auto repository = registries.Open(
      *ParseImageReference("http://" + process_->host() + "/team/app"));
  ASSERT_OK(repository);
  const uint64_t before = PeakMemory();
  uint64_t left = kSize;
  ASSERT_OK((*repository)->PutBlob(digest, kSize, [&](size_t room) {
    const size_t size =
        static_cast<size_t>(std::min<uint64_t>({room, left, piece.size()}));
    left -= size;
    return piece.substr(0, size);
  }));
  uint64_t got = 0;
  ASSERT_OK((*repository)->ReadBlob(digest, [&](absl::string_view octets) {
    got += octets.size();
    return absl::OkStatus();
  }));
  EXPECT_EQ(got, kSize);
#ifndef COUNTERSIGN_SANITIZED
  EXPECT_LT(PeakMemory() - before, 16u << 20);
#endif
}

}  // namespace
}  // namespace countersign::client
