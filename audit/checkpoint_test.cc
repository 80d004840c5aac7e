#include "audit/checkpoint.h"

#include <string>

#include "audit/note_vectors.h"
#include "audit/signed_note.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

constexpr char kRoot[] =
    "07adb6e064fa4292183642fad51e8c0a7ac6885ce550c077c9343de62b57adc0";

Checkpoint Sample() {
  return {kTestOrigin, 257, base::HexDecode(kRoot).value(), {}};
}

TEST(Checkpoint, HasTheTextOfTheSpecification) {
  EXPECT_EQ(FormatCheckpoint(Sample()), kTestCheckpointText);
  EXPECT_THAT(ParseCheckpoint(kTestCheckpointText), IsOkAndHolds(Sample()));
}

TEST(Checkpoint, KeepsExtensionLines) {
  Checkpoint checkpoint = Sample();
  checkpoint.extensions = {"one", "two"};
  const std::string text = FormatCheckpoint(checkpoint);
  EXPECT_EQ(text, std::string(kTestCheckpointText) + "one\ntwo\n");
  EXPECT_THAT(ParseCheckpoint(text), IsOkAndHolds(checkpoint));
}

TEST(Checkpoint, TakesEverySizeOf64Bits) {
  Checkpoint checkpoint = Sample();
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    checkpoint.size = size;
    EXPECT_THAT(ParseCheckpoint(FormatCheckpoint(checkpoint)),
                IsOkAndHolds(checkpoint));
  }
}

struct TextCase {
  const char* name;
  const char* text;
};

class BadCheckpoint : public testing::TestWithParam<TextCase> {};

TEST_P(BadCheckpoint, IsRefused) {
  EXPECT_THAT(ParseCheckpoint(GetParam().text), HasReason("BAD_CHECKPOINT"));
}

#define ROOT64 "B6224GT6QpIYNkL61R6MCnrGiFzlUMB3yTQ95itXrcA="

INSTANTIATE_TEST_SUITE_P(
    All, BadCheckpoint,
    testing::Values(
        TextCase{"Empty", ""}, TextCase{"NewlineAlone", "\n"},
        TextCase{"TwoLines", "o\n1\n"},
        TextCase{"NoNewlineAtTheEnd", "o\n1\n" ROOT64},
        TextCase{"EmptyOrigin", "\n1\n" ROOT64 "\n"},
        TextCase{"EmptySize", "o\n\n" ROOT64 "\n"},
        TextCase{"LeadingZero", "o\n01\n" ROOT64 "\n"},
        TextCase{"Sign", "o\n+1\n" ROOT64 "\n"},
        TextCase{"Negative", "o\n-1\n" ROOT64 "\n"},
        TextCase{"Blank", "o\n 1\n" ROOT64 "\n"},
        TextCase{"TooLarge", "o\n18446744073709551616\n" ROOT64 "\n"},
        TextCase{"Hexadecimal", "o\n0x1\n" ROOT64 "\n"},
        TextCase{"ShortRoot", "o\n1\nAAAA\n"},
        TextCase{"RootWithoutPadding",
                 "o\n1\nB6224GT6QpIYNkL61R6MCnrGiFzlUMB3yTQ95itXrcA\n"},
        TextCase{"EmptyExtension", "o\n1\n" ROOT64 "\n\n"}),
    [](const auto& info) { return info.param.name; });

TEST(OpenCheckpoint, ChecksSignatureAndOrigin) {
  const NoteSigner signer = TestSigner();
  EXPECT_THAT(OpenCheckpoint(TestCheckpoint(), signer.verifier()),
              IsOkAndHolds(Sample()));
  EXPECT_THAT(OpenCheckpoint("rubbish", signer.verifier()),
              HasReason("BAD_NOTE"));
  ASSERT_OK_AND_ASSIGN(const std::string other,
                       signer.Sign("other.example/log\n1\n" ROOT64 "\n"));
  EXPECT_THAT(OpenCheckpoint(other, signer.verifier()),
              HasReason("WRONG_ORIGIN"));
  ASSERT_OK_AND_ASSIGN(const std::string letter, signer.Sign("dear reader\n"));
  EXPECT_THAT(OpenCheckpoint(letter, signer.verifier()),
              HasReason("BAD_CHECKPOINT"));
}

}  // namespace
}  // namespace countersign::audit
