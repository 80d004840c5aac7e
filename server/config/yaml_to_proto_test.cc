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
  max_queued_digests: 3000
  verify_ec: false
  tokens:
    - name: main
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
  EXPECT_EQ(config.hsm().max_queued_digests(), 3000);
  EXPECT_TRUE(config.hsm().has_verify_ec());
  EXPECT_FALSE(config.hsm().verify_ec());
  ASSERT_EQ(config.hsm().tokens_size(), 1);
  EXPECT_EQ(config.hsm().tokens(0).sessions(), 3);
  EXPECT_FALSE(config.hsm().tokens(0).has_max_stuck_calls());
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
         "25:7: hsm.tokens[0].sesions: there is no such field; did you mean "
         "sessions?"},
        {"SlipInCase", "sessions: 3", "Sessions: 3",
         "25:7: hsm.tokens[0].Sessions: there is no such field; did you mean "
         "sessions?"},
        {"UnknownName", "verify_ec: false", "colour: red",
         "19:3: hsm.colour: there is no such field; fields here are tokens, "
         "default_token, max_queue_time, max_queued_digests, verify_ec"},
        // A form of old: what belongs in the list stands beside it.
        {"BesideItsList", "verify_ec: false", "module: /m.so",
         "19:3: hsm.module: belongs in an entry of tokens, as in hsm: "
         "{tokens: [{name: ..., module: ..., token_label: ..., pin_file: "
         "...}]}"},
        {"UnknownInList", "issuer: CN=CA", "issuers: CN=CA",
         "10:7: identity.group_rules[0].issuers: there is no such field; did "
         "you mean issuer?"},
        {"Missing", "      pin_file: pin\n", "",
         "21:7: hsm.tokens[0].pin_file: is required and missing"},
        {"MissingInList", "- group: ci\n      subjects", "- subjects",
         "8:7: identity.group_rules[0].group: is required and missing"},
        {"Empty", "pin_file: pin", "pin_file: \"\"",
         "24:7: hsm.tokens[0].pin_file: must not be empty"},
        {"EmptyList", "auditor_groups: [people]", "auditor_groups: []",
         "16:3: identity.auditor_groups: must not be empty"},
        {"Null", "pin_file: pin", "pin_file:",
         "24:7: hsm.tokens[0].pin_file: has no value; give one or leave the "
         "field out"},
        {"Twice", "sessions: 3", "sessions: 3\n      sessions: 4",
         "26:7: hsm.tokens[0].sessions: is given twice; keep one"},
        {"TwiceInTwoSpellings", "pin_file: pin",
         "pin_file: p\n      pinFile: q",
         "25:7: hsm.tokens[0].pin_file: is given twice; keep one"},
        {"WordForNumber", "sessions: 3", "sessions: three",
         "25:17: hsm.tokens[0].sessions: must be a whole number"},
        {"FractionForNumber", "sessions: 3", "sessions: 3.5",
         "25:17: hsm.tokens[0].sessions: must be a whole number"},
        {"TextForNumber", "sessions: 3", "sessions: '3'",
         "25:17: hsm.tokens[0].sessions: must be a whole number"},
        {"HugeNumber", "sessions: 3", "sessions: 3000000000",
         "25:17: hsm.tokens[0].sessions: must be a whole number"},
        {"WordForBool", "verify_ec: false", "verify_ec: no",
         "19:14: hsm.verify_ec: must be true or false"},
        {"TextForBool", "verify_ec: false", "verify_ec: 'true'",
         "19:14: hsm.verify_ec: must be true or false"},
        {"ListForText", "pin_file: pin", "pin_file: [pin]",
         "24:17: hsm.tokens[0].pin_file: must be a text"},
        {"MapForText", "pin_file: pin", "pin_file: {a: b}",
         "24:17: hsm.tokens[0].pin_file: must be a text"},
        {"TextForList", "auditor_groups: [people]", "auditor_groups: people",
         "16:19: identity.auditor_groups: must be a list (\"- value\" lines, "
         "or [a, b])"},
        {"MapInListOfTexts", "[spiffe://d/ci]", "[{a: b}]",
         "9:18: identity.group_rules[0].subjects[0]: must be a text"},
        {"TextForMap", "sqlite:\n    path: db", "sqlite: db",
         "27:11: storage.sqlite: must be a map of fields (\"name: value\" "
         "lines)"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ConfigFromYaml, ReportsAllMistakesAtOnce) {
  const std::string text = MistakesIn(
      "listen: 5\nhsm:\n  max_queued_digests: x\n  token: y\nfoo: bar\nlog: "
      "{}\n");
  EXPECT_THAT(text, HasSubstr("f:1:9: listen: must be a map"));
  EXPECT_THAT(text, HasSubstr("f:3:23: hsm.max_queued_digests: must be a whole "
                              "number"));
  EXPECT_THAT(text, HasSubstr("f:4:3: hsm.token: there is no such field; did "
                              "you mean tokens?"));
  EXPECT_THAT(text, HasSubstr("f:5:1: foo: there is no such field"));
  EXPECT_THAT(text, HasSubstr("log.origin: is required and missing"));
  EXPECT_THAT(text, HasSubstr("identity: is required and missing"));
  EXPECT_THAT(text, HasSubstr("storage: is required and missing"));
  EXPECT_THAT(text, Not(HasSubstr("listen: is required")));
}

TEST(ConfigFromYaml, ShowsTheListOnceForAllFieldsBesideIt) {
  const std::string text =
      MistakesIn(With("  tokens:\n    - name: main\n      module: /m.so\n      "
                      "token_label: t\n      pin_file: pin\n      sessions: 3",
                      "  module: /m.so\n  token_label: t\n  sessions: 3"));
  EXPECT_THAT(text, HasSubstr("3 mistakes"));
  EXPECT_THAT(text, HasSubstr("f:20:3: hsm.module: belongs in an entry of "
                              "tokens, as in hsm: {tokens: [{name: ..."));
  EXPECT_THAT(text, HasSubstr("f:21:3: hsm.token_label: belongs in an entry "
                              "of tokens as well"));
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

// The reader knows texts, int32, bool and messages; a schema with more needs
// more.
void ExpectTypesThatTheReaderKnows(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        ExpectTypesThatTheReaderKnows(*field.message_type());
        break;
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_BOOL:
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
