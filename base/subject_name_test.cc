#include "base/subject_name.h"

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

// As OpenSSL prints it (RFC 2253 form, UTF-8 left alone).
std::string Print(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

struct GoodCase {
  const char* name;
  const char* text;
  const char* want;
};

class GoodSubjectTest : public testing::TestWithParam<GoodCase> {};

TEST_P(GoodSubjectTest, IsReadAsRfc4514HasIt) {
  ASSERT_OK_AND_ASSIGN(const X509NamePtr name, ParseSubject(GetParam().text));
  EXPECT_EQ(Print(name.get()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodSubjectTest,
    testing::Values(
        GoodCase{"CommonNameAlone", "CN=Signing", "CN=Signing"},
        GoodCase{"Many", "CN=Release signing, OU=Build,O=Example,C=DE",
                 "CN=Release signing,OU=Build,O=Example,C=DE"},
        GoodCase{"TypesInAnyCase", "cn=a,o=b,dc=c", "CN=a,O=b,DC=c"},
        GoodCase{"EscapedComma", "CN=a\\, b", "CN=a\\, b"},
        GoodCase{"EscapedBackslash", "CN=a\\\\,O=b", "CN=a\\\\,O=b"},
        GoodCase{"HexEscape", "CN=a\\2Cb\\c3\\a9", "CN=a\\,b\xc3\xa9"},
        GoodCase{"EscapedBlankAtTheEnd", "CN=a\\ ,O=b", "CN=a\\ ,O=b"},
        GoodCase{"Utf8", "CN=Unterschrift f\xc3\xbcr Bj\xc3\xb8rn",
                 "CN=Unterschrift f\xc3\xbcr Bj\xc3\xb8rn"},
        GoodCase{"SerialNumber", "CN=a,serialnumber=12-34",
                 "CN=a,serialNumber=12-34"},
        GoodCase{"BracesMeanNothing", "CN={product}", "CN={product}"},
        GoodCase{"Slash", "CN=a/b=c", "CN=a/b=c"}),
    [](const auto& info) { return info.param.name; });

TEST(SubjectTest, FirstPartOfTheTextIsTheLastOfTheName) {
  ASSERT_OK_AND_ASSIGN(const X509NamePtr name, ParseSubject("CN=a,O=b,C=DE"));
  const auto nid = [&](int i) {
    return OBJ_obj2nid(
        X509_NAME_ENTRY_get_object(X509_NAME_get_entry(name.get(), i)));
  };
  EXPECT_EQ(nid(0), NID_countryName);
  EXPECT_EQ(nid(2), NID_commonName);
}

struct BadCase {
  const char* name;
  std::string text;
  const char* says;
};

class BadSubjectTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadSubjectTest, IsRefusedWithWhatWouldBeRight) {
  EXPECT_THAT(
      ParseSubject(GetParam().text),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::AllOf(HasSubstr(GetParam().says), HasSubstr("CN="))));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSubjectTest,
    testing::Values(
        BadCase{"Empty", "", "has no \"=\""},
        BadCase{"NoEquals", "Signing", "\"Signing\" has no \"=\""},
        BadCase{"NoCommonName", "O=Example", "exactly one CN, not 0"},
        BadCase{"TwoCommonNames", "CN=a,CN=b", "exactly one CN, not 2"},
        BadCase{"EmptyCommonName", "CN=", "CN has 1 to 64 characters, not 0"},
        BadCase{"LongCommonName", absl::StrCat("CN=", std::string(65, 'a')),
                "not 65"},
        BadCase{"UnknownType", "CN=a,X=b", "\"X\" is none of CN, O, OU"},
        BadCase{"TrailingComma", "CN=a,", "has no \"=\""},
        BadCase{"Country", "CN=a,C=Germany", "C has 2 characters, not 7"},
        BadCase{"BareSemicolon", "CN=a;O=b", "must stand after a backslash"},
        BadCase{"MultiValued", "CN=a+O=b", "must stand after a backslash"},
        BadCase{"DanglingBackslash", "CN=a\\", "after a backslash"},
        BadCase{"BrokenHex", "CN=a\\2x", "after a backslash"},
        BadCase{"ControlCharacter", "CN=a\nb", "control characters"},
        BadCase{"EscapedZero", "CN=a\\00b", "control characters"},
        BadCase{"BrokenUtf8", "CN=a\xff", "UTF-8"},
        BadCase{"TooLong", absl::StrCat("CN=", std::string(5000, 'a')),
                "more than 4096"}),
    [](const auto& info) { return info.param.name; });

TEST(FillSubjectTest, PutsValuesInAfterTheTextWasTakenApart) {
  for (const auto& [value, want] :
       {std::pair("router", "CN=router (router/oci),O=Example"),
        std::pair("a,O=Evil", "CN=a\\,O=Evil (router/oci),O=Example"),
        std::pair("a+OU=Evil", "CN=a\\+OU=Evil (router/oci),O=Example"),
        std::pair("a\\", "CN=a\\\\ (router/oci),O=Example"),
        std::pair("{operation}", "CN={operation} (router/oci),O=Example")}) {
    ASSERT_OK_AND_ASSIGN(
        const X509NamePtr name,
        FillSubject("CN={common_name} ({product}/{operation}),O=Example",
                    {{"common_name", value},
                     {"operation", "oci"},
                     {"product", "router"}}));
    EXPECT_EQ(Print(name.get()), want);
  }
}

TEST(FillSubjectTest, RefusesWhatItDoesNotKnowAndWhatIsTooLong) {
  const std::map<std::string, std::string> values = {
      {"common_name", std::string(60, 'a')}};
  EXPECT_THAT(FillSubject("CN={comon_name}", values),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"{comon_name}\" is none of {common_name}")));
  EXPECT_FALSE(FillSubject("CN={common_name", values).ok());
  EXPECT_OK(FillSubject("CN={common_name}", values));
  EXPECT_THAT(FillSubject("CN={common_name}12345", values),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("1 to 64 characters, not 65")));
}

TEST(SubjectTest, SixtyFourCharactersMayBeMoreOctets) {
  std::string text = "CN=";
  for (int i = 0; i < 64; ++i) text += "\xc3\xa9";
  EXPECT_OK(ParseSubject(text));
  EXPECT_FALSE(ParseSubject(text + "e").ok());
}

}  // namespace
}  // namespace countersign::base
