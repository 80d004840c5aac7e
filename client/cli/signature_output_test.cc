#include "client/cli/signature_output.h"

#include <string>

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "client/artifact/detached_signature.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using testing::Eq;

v1::SigningRequest Request(v1::SignatureEncoding encoding,
                           const std::string& value) {
  v1::SigningRequest request;
  request.set_encoding(encoding);
  request.add_signatures()->set_value(value);
  return request;
}

std::string Pem() {
  DetachedSignature signature;
  signature.scheme = base::SignatureScheme::kRsaPss;
  signature.signature = "octets";
  return FormatDetachedSignature(signature);
}

struct FormatCase {
  std::string name;
  bool pem;
  std::optional<SignatureFormat> format;
  bool to_file;
  std::string want;
};

class FormatTest : public testing::TestWithParam<FormatCase> {};

TEST_P(FormatTest, IsWhatItSays) {
  const FormatCase& c = GetParam();
  EXPECT_THAT(FormatSignature(
                  c.pem ? Request(v1::PEM, Pem()) : Request(v1::RAW, "octets"),
                  0, c.format, c.to_file),
              IsOkAndHolds(Eq(c.want)));
}

const std::string kBase64 = base::Base64Encode("octets") + "\n";
// `cosign attach signature` would put a newline into its annotation.
const std::string kInFile = base::Base64Encode("octets");

INSTANTIATE_TEST_SUITE_P(
    Formats, FormatTest,
    testing::Values(
        FormatCase{"RawIntoAFile", false, {}, true, "octets"},
        FormatCase{"Base64ToTheTerminal", false, {}, false, kBase64},
        FormatCase{"RawWhereAsked", false, SignatureFormat::kRaw, false,
                   "octets"},
        FormatCase{"Base64IntoAFile", false, SignatureFormat::kBase64, true,
                   kInFile},
        FormatCase{"PemStaysPem", true, {}, true, Pem()},
        FormatCase{"PemToTheTerminal", true, {}, false, Pem()},
        FormatCase{"OctetsOfPem", true, SignatureFormat::kRaw, true, "octets"},
        FormatCase{"Base64OfPem", true, SignatureFormat::kBase64, false,
                   kBase64}),
    [](const auto& info) { return info.param.name; });

TEST(FormatSignature, CannotMakePemOfOctets) {
  EXPECT_THAT(FormatSignature(Request(v1::RAW, "octets"), 0,
                              SignatureFormat::kPem, true),
              HasReason("FORMAT_NOT_POSSIBLE"));
}

TEST(FormatFor, IsBase64WhereTheFileIsCalledSo) {
  EXPECT_EQ(FormatFor({}, "signature.b64"), SignatureFormat::kBase64);
  EXPECT_EQ(FormatFor({}, "signature.sig"), std::nullopt);
  EXPECT_EQ(FormatFor({}, ""), std::nullopt);
  EXPECT_EQ(FormatFor(SignatureFormat::kRaw, "s.b64"), SignatureFormat::kRaw);
}

TEST(ReadSignatureFormat, KnowsThree) {
  EXPECT_THAT(ReadSignatureFormat(""),
              IsOkAndHolds(Eq(std::optional<SignatureFormat>())));
  for (const char* text : {"raw", "base64", "pem"}) {
    EXPECT_OK(ReadSignatureFormat(text));
  }
  EXPECT_THAT(ReadSignatureFormat("der"), HasReason("FORMAT_UNKNOWN"));
}

}  // namespace
}  // namespace countersign::client
