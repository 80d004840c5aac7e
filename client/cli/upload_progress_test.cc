#include "client/cli/upload_progress.h"

#include <cstdint>
#include <sstream>
#include <string>

#include "base/fake_clock.h"
#include "base/random.h"
#include "client/cli/console.h"
#include "client/cli/session.h"
#include "client/oci/http_registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class UploadProgressTest : public testing::Test {
 protected:
  // What is written until `last` of 100 MiB is done, a MiB at a time.
  std::string Upload(bool interactive, uint64_t last) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    Console console{out, err, in, interactive, {}, clock_, random_};
    Session session(console);
    const auto progress = UploadProgress(session);
    EXPECT_EQ(static_cast<bool>(progress), interactive);
    BlobTransfer transfer;
    transfer.upload = true;
    transfer.digest = "sha256:0123456789abcdef";
    transfer.total = 100 << 20;
    while (progress && transfer.done < last << 20) {
      transfer.done += 1 << 20;
      progress(transfer);
    }
    return err.str();
  }

  base::FakeClock clock_;
  base::FakeRandom random_;
};

TEST_F(UploadProgressTest, SaysNothingWhereNobodyLooks) {
  EXPECT_EQ(Upload(false, 100), "");
}

TEST_F(UploadProgressTest, SaysNothingOfWhatIsSoonDone) {
  EXPECT_EQ(Upload(true, 7), "");
}

TEST_F(UploadProgressTest, SaysHowFarItIs) {
  EXPECT_THAT(Upload(true, 20),
              HasSubstr("uploading sha256:0123456789ab: 16 of 100 MiB"));
}

TEST_F(UploadProgressTest, WipesItsLineAtTheEnd) {
  EXPECT_THAT(Upload(true, 100), EndsWith("\r\x1b[K"));
}

}  // namespace
}  // namespace countersign::client
