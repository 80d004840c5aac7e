#include "server/config/yaml_to_proto.h"

#include <set>
#include <string>

#include "base/status_matchers.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using testing::HasSubstr;
using testing::Not;

// The mistakes in `yaml` as text, empty where there are none.
std::string MistakesIn(const std::string& yaml) {
  absl::StatusOr<YamlNode> root = ParseYaml(yaml);
  EXPECT_OK(root);
  if (!root.ok()) return "";
  Mistakes mistakes;
  ConfigFromYaml(*root, mistakes);
  return std::string(mistakes.ToStatus("f").message());
}

constexpr char kComplete[] = R"(listen:
  address: 127.0.0.1:0
  certificate_file: server.pem
  private_key_file: server.key
identity:
  client_ca_file: ca.pem
  group_rules:
    - group: ci
      subjects: [spiffe://d/ci]
      issuer: CN=CA
    - group: people
      subject_patterns:
        - "email:*@d.org"
  administrator_groups: [people]
  product_approver_groups: [people]
  auditor_groups: [people]
hsm:
  module: /m.so
  token_label: t
  pin_file: pin
  sessions: 3
storage:
  sqlite:
    path: db
log:
  origin: d.org/log
  private_key_file: log.key
)";

// kComplete with one text replaced.
std::string With(const std::string& old_text, const std::string& new_text) {
  std::string yaml = kComplete;
  const size_t at = yaml.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  return yaml.replace(at, old_text.size(), new_text);
}

TEST(ConfigFromYaml, ReadsEveryKindOfField) {
  ASSERT_OK_AND_ASSIGN(const YamlNode root, ParseYaml(kComplete));
  Mistakes mistakes;
  const ::config::v1::Config config = ConfigFromYaml(root, mistakes);
  EXPECT_OK(mistakes.ToStatus("f"));
  EXPECT_EQ(config.listen().address(), "127.0.0.1:0");
  ASSERT_EQ(config.identity().group_rules_size(), 2);
  EXPECT_EQ(config.identity().group_rules(0).subjects(0), "spiffe://d/ci");
  EXPECT_EQ(config.identity().group_rules(1).subject_patterns(0),
            "email:*@d.org");
  EXPECT_EQ(config.hsm().sessions(), 3);
  EXPECT_FALSE(config.hsm().has_max_queued_digests());
  EXPECT_EQ(config.storage().sqlite().path(), "db");
}

TEST(ConfigFromYaml, TakesBothSpellingsOfNames) {
  EXPECT_EQ(MistakesIn(With("group_rules:", "groupRules:")), "");
  EXPECT_EQ(MistakesIn(With("pin_file:", "pinFile:")), "");
}

struct Case {
  const char* name;
  const char* old_text;
  const char* new_text;
  const char* want;
};
class ConfigFromYamlRefuses : public testing::TestWithParam<Case> {};
TEST_P(ConfigFromYamlRefuses, WithTheLineOfTheTable) {
  EXPECT_EQ(
      MistakesIn(With(GetParam().old_text, GetParam().new_text)),
      std::string("1 mistake in the configuration\nf:") + GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigFromYamlRefuses,
    testing::ValuesIn<Case>({
        {"SlipInName", "sessions: 3", "sesions: 3",
         "21:3: hsm.sesions: there is no such field; did you mean sessions?"},
        {"SlipInCase", "sessions: 3", "Sessions: 3",
         "21:3: hsm.Sessions: there is no such field; did you mean sessions?"},
        {"UnknownName", "sessions: 3", "colour: red",
         "21:3: hsm.colour: there is no such field; fields here are module, "
         "token_label, pin_file, sessions, max_queued_digests"},
        {"UnknownInList", "issuer: CN=CA", "issuers: CN=CA",
         "10:7: identity.group_rules[0].issuers: there is no such field; did "
         "you mean issuer?"},
        {"Missing", "  pin_file: pin\n", "",
         "18:3: hsm.pin_file: is required and missing"},
        {"MissingInList", "- group: ci\n      subjects", "- subjects",
         "8:7: identity.group_rules[0].group: is required and missing"},
        {"Empty", "pin_file: pin", "pin_file: \"\"",
         "20:3: hsm.pin_file: must not be empty"},
        {"EmptyList", "auditor_groups: [people]", "auditor_groups: []",
         "16:3: identity.auditor_groups: must not be empty"},
        {"Null", "pin_file: pin", "pin_file:",
         "20:3: hsm.pin_file: has no value; give one or leave the field out"},
        {"Twice", "sessions: 3", "sessions: 3\n  sessions: 4",
         "22:3: hsm.sessions: is given twice; keep one"},
        {"TwiceInTwoSpellings", "pin_file: pin", "pin_file: p\n  pinFile: q",
         "21:3: hsm.pin_file: is given twice; keep one"},
        {"WordForNumber", "sessions: 3", "sessions: three",
         "21:13: hsm.sessions: must be a whole number"},
        {"FractionForNumber", "sessions: 3", "sessions: 3.5",
         "21:13: hsm.sessions: must be a whole number"},
        {"TextForNumber", "sessions: 3", "sessions: '3'",
         "21:13: hsm.sessions: must be a whole number"},
        {"HugeNumber", "sessions: 3", "sessions: 3000000000",
         "21:13: hsm.sessions: must be a whole number"},
        {"ListForText", "pin_file: pin", "pin_file: [pin]",
         "20:13: hsm.pin_file: must be a text"},
        {"MapForText", "pin_file: pin", "pin_file: {a: b}",
         "20:13: hsm.pin_file: must be a text"},
        {"TextForList", "auditor_groups: [people]", "auditor_groups: people",
         "16:19: identity.auditor_groups: must be a list (\"- value\" lines, "
         "or [a, b])"},
        {"MapInListOfTexts", "[spiffe://d/ci]", "[{a: b}]",
         "9:18: identity.group_rules[0].subjects[0]: must be a text"},
        {"TextForMap", "sqlite:\n    path: db", "sqlite: db",
         "23:11: storage.sqlite: must be a map of fields (\"name: value\" "
         "lines)"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ConfigFromYaml, ReportsAllMistakesAtOnce) {
  const std::string text = MistakesIn(
      "listen: 5\nhsm:\n  sessions: x\n  modul: y\nfoo: bar\nlog: {}\n");
  EXPECT_THAT(text, HasSubstr("f:1:9: listen: must be a map"));
  EXPECT_THAT(text, HasSubstr("f:3:13: hsm.sessions: must be a whole number"));
  EXPECT_THAT(text, HasSubstr("f:4:3: hsm.modul: there is no such field; did "
                              "you mean module?"));
  EXPECT_THAT(text, HasSubstr("f:5:1: foo: there is no such field"));
  EXPECT_THAT(text, HasSubstr("log.origin: is required and missing"));
  EXPECT_THAT(text, HasSubstr("identity: is required and missing"));
  EXPECT_THAT(text, HasSubstr("storage: is required and missing"));
  EXPECT_THAT(text, Not(HasSubstr("listen: is required")));
}

TEST(ConfigFromYaml, RefusesADocumentThatIsNoMap) {
  for (const char* yaml : {"[]", "text", "~", "- a\n- b\n"}) {
    EXPECT_THAT(MistakesIn(yaml), HasSubstr("must be a map")) << yaml;
  }
}

TEST(ConfigFromYaml, BearsHostileNames) {
  const std::string name(100000, 'n');
  EXPECT_THAT(MistakesIn("? " + name + "\n: 1\n"),
              HasSubstr("there is no such field"));
  EXPECT_THAT(MistakesIn("\"a\\e[2J\": 1\n"), HasSubstr("a\\x1b[2J"));
}

// The reader knows texts, int32 and messages; a schema with more needs more.
void ExpectTypesThatTheReaderKnows(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        ExpectTypesThatTheReaderKnows(*field.message_type());
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        EXPECT_TRUE(field.has_presence()) << field.full_name();
        break;
      default:
        EXPECT_EQ(field.type(), FieldDescriptor::TYPE_STRING)
            << field.full_name();
    }
  }
}

TEST(ConfigSchema, HasOnlyTypesThatTheReaderKnows) {
  ExpectTypesThatTheReaderKnows(*::config::v1::Config::descriptor());
}

}  // namespace
}  // namespace countersign::server
