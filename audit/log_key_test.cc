#include "audit/log_key.h"

#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "audit/note_vectors.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasCode;

std::string PemOf(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  char password[] = "secret";
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, password,
                                          cipher == nullptr ? 0 : 6, nullptr,
                                          nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size);
}

std::string FileWith(const std::string& contents, int mode = 0600) {
  std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/key-XXXXXX");
  close(mkstemp(path.data()));
  EXPECT_OK(base::WriteFileAtomically(path, contents));
  EXPECT_EQ(chmod(path.c_str(), mode), 0);
  return path;
}

TEST(LoadLogKey, GivesTheKeyOfAPemFile) {
  const std::string path = FileWith(PemOf(TestKey().get()));
  ASSERT_OK_AND_ASSIGN(const NoteSigner signer, LoadLogKey(path, kTestOrigin));
  EXPECT_EQ(signer.verifier().Format(), kTestVkey);
  EXPECT_THAT(signer.Sign(kTestCheckpointText),
              base::IsOkAndHolds(TestCheckpoint()));
}

TEST(LoadLogKey, RefusesAFileThatOthersCanRead) {
  EXPECT_THAT(LoadLogKey(FileWith(PemOf(TestKey().get()), 0644), kTestOrigin),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST(LoadLogKey, NamesAFileThatIsNotThere) {
  EXPECT_THAT(LoadLogKey("/nonexistent/log.key", kTestOrigin),
              base::StatusIs(absl::StatusCode::kNotFound,
                             testing::HasSubstr("/nonexistent/log.key")));
}

TEST(LoadLogKey, RefusesWhatIsNoEd25519PrivateKey) {
  const base::EvpPkeyPtr ec(EVP_EC_gen("P-256"));
  const std::vector<std::string> bad = {
      "rubbish\n",
      PemOf(ec.get()),
      PemOf(TestKey().get(), EVP_aes_256_cbc()),
      base::SpkiPem(base::SpkiDer(TestKey().get()).value()),
      PemOf(TestKey().get()).substr(0, 60),
  };
  for (const std::string& contents : bad) {
    const std::string path = FileWith(contents);
    EXPECT_THAT(LoadLogKey(path, kTestOrigin),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr(path)))
        << contents;
  }
}

TEST(LoadLogKey, RefusesAnOriginThatNoNoteCanBear) {
  EXPECT_FALSE(LoadLogKey(FileWith(PemOf(TestKey().get())), "two words").ok());
}

}  // namespace
}  // namespace countersign::audit
