#include "audit/signed_note.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "audit/note_vectors.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::audit {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

// The example of the C2SP signed-note specification.
constexpr char kSpecVkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kSpecNote[] =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRK"
    "uwHjG1Yu72IneyaQM=\n";

NoteVerifier TestVerifier() { return NoteVerifier::Parse(kTestVkey).value(); }

TEST(SignedNote, OpensTheSpecificationsExample) {
  ASSERT_OK_AND_ASSIGN(const NoteVerifier verifier,
                       NoteVerifier::Parse(kSpecVkey));
  EXPECT_EQ(verifier.key_id(), 0x530d903au);
  EXPECT_THAT(OpenNote(kSpecNote, verifier),
              IsOkAndHolds("This is an example message.\n"));
}

TEST(SignedNote, SignsAsAnotherImplementationDoes) {
  const NoteSigner signer = TestSigner();
  EXPECT_EQ(signer.verifier().Format(), kTestVkey);
  EXPECT_THAT(signer.Sign(kTestCheckpointText), IsOkAndHolds(TestCheckpoint()));
  EXPECT_THAT(
      signer.Sign("signer.example/audit\n0\n"
                  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"),
      IsOkAndHolds(
          "signer.example/audit\n0\n"
          "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
          "\xe2\x80\x94 signer.example/audit "
          "sCIOAdO9uPNq1kR7orS6WrB0gJCm5OXHr/"
          "ELJ+TPSlSDtv3gNYdgVyuIlNC48Gsque22hgVCcf46nnizsXfiYhGFHAM=\n"));
}

TEST(SignedNote, SkipsSignaturesOfOthers) {
  for (const std::string& note :
       {absl::StrCat(kTestCheckpointText, "\n", kTestCheckpointLine,
                     kTestWitnessLine),
        absl::StrCat(kTestCheckpointText, "\n", kTestWitnessLine,
                     kTestCheckpointLine)}) {
    EXPECT_THAT(OpenNote(note, TestVerifier()),
                IsOkAndHolds(kTestCheckpointText));
  }
  ASSERT_OK_AND_ASSIGN(
      const Note parsed,
      ParseNote(absl::StrCat(kTestCheckpointText, "\n", kTestCheckpointLine,
                             kTestWitnessLine)));
  ASSERT_EQ(parsed.signatures.size(), 2u);
  EXPECT_EQ(parsed.signatures[1].name, "witness.example/w1");
  EXPECT_EQ(parsed.signatures[1].key_id, 0xe75f6532u);
}

TEST(SignedNote, KeepsEmptyLinesOfItsText) {
  const std::string text = "a\n\n\nb\n";
  ASSERT_OK_AND_ASSIGN(const std::string note, TestSigner().Sign(text));
  EXPECT_THAT(OpenNote(note, TestVerifier()), IsOkAndHolds(text));
}

TEST(SignedNote, RefusesEveryChangedOctetOfItsText) {
  const std::string good = TestCheckpoint();
  const size_t text_size = std::string(kTestCheckpointText).size();
  for (size_t i = 0; i < text_size; ++i) {
    std::string note = good;
    note[i] = note[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(OpenNote(note, TestVerifier()).ok()) << i;
  }
}

TEST(SignedNote, RefusesAWrongSignatureOfAKnownKeyBesideAGoodOne) {
  const std::string bad =
      absl::StrReplaceAll(kTestCheckpointLine, {{"GaPU", "GaPV"}});
  EXPECT_THAT(OpenNote(absl::StrCat(kTestCheckpointText, "\n",
                                    kTestCheckpointLine, bad),
                       TestVerifier()),
              HasReason("NOTE_SIGNATURE_INVALID"));
}

TEST(SignedNote, TellsAnUnsignedNoteFromABadSignature) {
  EXPECT_THAT(
      OpenNote(absl::StrCat(kTestCheckpointText, "\n", kTestWitnessLine),
               TestVerifier()),
      HasReason("NOTE_NOT_SIGNED"));
  EXPECT_THAT(
      OpenNote(absl::StrReplaceAll(TestCheckpoint(), {{"\n257\n", "\n258\n"}}),
               TestVerifier()),
      HasReason("NOTE_SIGNATURE_INVALID"));
  // The same key under another name is another key.
  EXPECT_THAT(OpenNote(TestCheckpoint(), TestSigner("other").verifier()),
              HasReason("NOTE_NOT_SIGNED"));
}

struct TextCase {
  const char* name;
  std::string text;
};

class BadNote : public testing::TestWithParam<TextCase> {};

TEST_P(BadNote, IsRefused) {
  EXPECT_THAT(ParseNote(GetParam().text), HasReason("BAD_NOTE"));
}

std::string WithLine(const std::string& line) { return "text\n\n" + line; }

INSTANTIATE_TEST_SUITE_P(
    All, BadNote,
    testing::Values(
        TextCase{"Empty", ""}, TextCase{"TextAlone", "text\n"},
        TextCase{"NoSignature", "text\n\n"},
        TextCase{"NoEmptyLine", std::string("text\n") + kTestCheckpointLine},
        TextCase{"NoNewlineAtTheEnd", WithLine("\xe2\x80\x94 a AAAAAAA=")},
        TextCase{"HyphenForDash", WithLine("- a AAAAAAA=\n")},
        TextCase{"NoBlankAfterDash", WithLine("\xe2\x80\x94"
                                              "a AAAAAAA=\n")},
        TextCase{"NoName", WithLine("\xe2\x80\x94  AAAAAAA=\n")},
        TextCase{"PlusInName", WithLine("\xe2\x80\x94 a+b AAAAAAA=\n")},
        TextCase{"UnicodeSpaceInName", WithLine("\xe2\x80\x94 a\xc2\xa0"
                                                "b AAAAAAA=\n")},
        TextCase{"NoSignatureOctets", WithLine("\xe2\x80\x94 a\n")},
        TextCase{"KeyIdAlone", WithLine("\xe2\x80\x94 a AAAAAA==\n")},
        TextCase{"NotBase64", WithLine("\xe2\x80\x94 a !!!!\n")},
        TextCase{"ThirdPart", WithLine("\xe2\x80\x94 a AAAAAAA= x\n")},
        TextCase{"CarriageReturn", "text\r\n\n\xe2\x80\x94 a AAAAAAA=\n"},
        TextCase{"ControlCharacter", "te\x01xt\n\n\xe2\x80\x94 a AAAAAAA=\n"},
        TextCase{"BrokenUtf8", "te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n"},
        TextCase{"TooLarge", std::string((1 << 20) + 1, 'x')}),
    [](const auto& info) { return info.param.name; });

TEST(ParseNote, RefusesMoreThanAHundredSignatures) {
  std::string note = "text\n\n";
  for (int i = 0; i < 100; ++i) note += kTestWitnessLine;
  EXPECT_OK(ParseNote(note));
  EXPECT_THAT(ParseNote(note + kTestWitnessLine), HasReason("BAD_NOTE"));
}

class BadVkey : public testing::TestWithParam<TextCase> {};

TEST_P(BadVkey, IsRefused) {
  EXPECT_THAT(NoteVerifier::Parse(GetParam().text),
              HasReason("BAD_VERIFIER_KEY"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadVkey,
    testing::Values(
        TextCase{"Empty", ""}, TextCase{"TwoParts", "name+b0220e01"},
        TextCase{"NoName",
                 "+b0220e01+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQS"
                 "VTG4"},
        TextCase{"OtherName",
                 "signer.example/other+b0220e01+AQOhB7/zzhC+HXDdGO"
                 "dLwJln5NYwm6UNXx3chmQSVTG4"},
        TextCase{"OtherId",
                 "signer.example/audit+b0220e02+AQOhB7/zzhC+HXDdGOdL"
                 "wJln5NYwm6UNXx3chmQSVTG4"},
        TextCase{"ShortId",
                 "signer.example/audit+b0220e+AQOhB7/zzhC+HXDdGOdLwJ"
                 "ln5NYwm6UNXx3chmQSVTG4"},
        TextCase{"WitnessType",
                 "witness.example/w1+e75f6532+BAOhB7/zzhC+HXDdGO"
                 "dLwJln5NYwm6UNXx3chmQSVTG4"},
        TextCase{"ShortKey", "signer.example/audit+b0220e01+AQOhB7/zzhC+HXDd"},
        TextCase{"NoKey", "signer.example/audit+b0220e01+"},
        TextCase{"PrivateKey",
                 "PRIVATE+KEY+signer.example/audit+b0220e01+AQABAgMEBQYHCAkKCww"
                 "NDg8QERITFBUWFxgZGhscHR4f"}),
    [](const auto& info) { return info.param.name; });

TEST(NoteSigner, RefusesTextThatNoNoteCanHold) {
  for (const char* text : {"", "no newline", "tab\t\n", "cr\r\n", "\xff\n"}) {
    EXPECT_THAT(TestSigner().Sign(text), HasReason("BAD_NOTE")) << text;
  }
}

TEST(NoteSigner, RefusesNamesThatNoNoteCanBear) {
  for (const char* name : {"", "a b", "a+b", "a\n", "\xff", "a\xe3\x80\x80"}) {
    EXPECT_THAT(NoteSigner::Create(name, TestKey()),
                HasReason("BAD_VERIFIER_KEY"))
        << name;
  }
}

TEST(NoteSigner, RefusesOtherKeys) {
  EXPECT_THAT(NoteSigner::Create("name", nullptr),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NoteSigner::Create("name", base::EvpPkeyPtr(EVP_EC_gen("P-256"))),
              base::HasCode(absl::StatusCode::kInvalidArgument));
  // A public key cannot sign.
  const std::string octets = TestVerifier().public_key();
  base::EvpPkeyPtr public_key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr,
      reinterpret_cast<const unsigned char*>(octets.data()), octets.size()));
  EXPECT_FALSE(NoteSigner::Create("name", std::move(public_key)).ok());
}

}  // namespace
}  // namespace countersign::audit
