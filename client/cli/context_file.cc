#include "client/cli/context_file.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

struct Field {
  const char* key;
  std::string Context::*target;
  bool is_file;
};

constexpr Field kFields[] = {
    {"name", &Context::name, false},
    {"server", &Context::server, false},
    {"ca_file", &Context::ca_file, true},
    {"certificate_file", &Context::certificate_file, true},
    {"private_key_file", &Context::private_key_file, true},
    {"server_name", &Context::server_name, false},
    {"timeout", &Context::timeout, false},
    {"token_file", &Context::token_file, true},
    {"token_audience", &Context::token_audience, false},
};

struct LoginField {
  const char* key;
  std::string LoginSettings::*target;
  bool required;
};

constexpr LoginField kLoginFields[] = {
    {"issuer", &LoginSettings::issuer, true},
    {"client_id", &LoginSettings::client_id, true},
    {"audience", &LoginSettings::audience, false},
    {"client_secret_file", &LoginSettings::client_secret_file, false},
    {"token", &LoginSettings::token, false},
    {"prompt", &LoginSettings::prompt, false},
    {"ca_file", &LoginSettings::ca_file, false},
};

// The entry of `table` for that key, or nullptr.
template <typename Row, size_t kSize>
const Row* FindRow(const Row (&table)[kSize], const std::string& key) {
  for (const Row& row : table) {
    if (key == row.key) return &row;
  }
  return nullptr;
}

// The fields that say where a token comes from, as they stand in `context`.
std::vector<std::string> Tokens(const Context& context) {
  std::vector<std::string> names;
  if (!context.token_file.empty()) names.push_back("token_file");
  if (!context.token_command.empty()) names.push_back("token_command");
  if (context.login.has_value()) names.push_back("login");
  return names;
}

// Reads nodes and gathers what is wrong with them.
class Reader {
 public:
  explicit Reader(const std::string& path) {
    const size_t slash = path.rfind('/');
    folder_ = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  }

  ContextFile Read(const YAML::Node& root) {
    ContextFile file;
    if (root.IsNull()) return file;
    if (!root.IsMap()) {
      Wrong(root, "", "current_context and contexts are expected");
      return file;
    }
    std::set<std::string> seen;
    for (const auto& member : root) {
      const std::string name = Key(member.first, seen);
      if (name == "current_context") {
        file.current_context = Text(member.second, name);
      } else if (name == "contexts") {
        file.contexts = ReadContexts(member.second);
      } else {
        Wrong(member.first, name,
              "unknown; known are current_context and contexts");
      }
    }
    return file;
  }

  const std::vector<base::FieldViolation>& violations() const {
    return violations_;
  }

 private:
  void Wrong(const YAML::Node& node, const std::string& field,
             absl::string_view text) {
    violations_.push_back(
        {field, absl::StrCat("line ", node.Mark().line + 1, ": ", text)});
  }

  std::string Key(const YAML::Node& key, std::set<std::string>& seen) {
    const std::string name = key.IsScalar() ? key.Scalar() : "";
    if (!seen.insert(name).second) Wrong(key, name, "stands here twice");
    return name;
  }

  std::string Text(const YAML::Node& node, const std::string& field) {
    if (node.IsScalar()) return node.Scalar();
    Wrong(node, field, "a text is expected");
    return "";
  }

  std::vector<Context> ReadContexts(const YAML::Node& list) {
    std::vector<Context> contexts;
    if (!list.IsSequence()) {
      Wrong(list, "contexts", "a list is expected");
      return contexts;
    }
    std::set<std::string> names;
    for (const YAML::Node& node : list) {
      const std::string path = absl::StrCat("contexts[", contexts.size(), "]");
      contexts.push_back(ReadContext(node, path));
      const std::string& name = contexts.back().name;
      if (name.empty()) {
        Wrong(node, path + ".name", "a name is needed");
      } else if (!names.insert(name).second) {
        Wrong(node, path + ".name", "another context has this name");
      }
    }
    return contexts;
  }

  Context ReadContext(const YAML::Node& node, const std::string& path) {
    Context context;
    if (!node.IsMap()) {
      Wrong(node, path, "name, server, ca_file and so on are expected");
      return context;
    }
    std::set<std::string> seen;
    for (const auto& member : node) {
      const std::string name = Key(member.first, seen);
      const std::string where = absl::StrCat(path, ".", name);
      if (name == "token_command") {
        context.token_command = ReadCommand(member.second, where);
      } else if (name == "login") {
        context.login = ReadLogin(member.second, where);
      } else if (const Field* field = FindRow(kFields, name)) {
        const std::string text = Text(member.second, where);
        context.*field->target = field->is_file ? InFolder(text) : text;
      } else {
        Wrong(member.first, where,
              "unknown; known are name, server, ca_file, certificate_file, "
              "private_key_file, server_name, timeout, token_file, "
              "token_audience, token_command, login");
      }
    }
    if (context.login.has_value()) context.login->context = context.name;
    const std::vector<std::string> tokens = Tokens(context);
    if (tokens.size() > 1) {
      Wrong(node, path,
            absl::StrCat("one source of tokens only: it has ",
                         absl::StrJoin(tokens, ", and ")));
    }
    return context;
  }

  // Program and arguments. A program with "/" in its name is a file.
  std::vector<std::string> ReadCommand(const YAML::Node& node,
                                       const std::string& path) {
    std::vector<std::string> words = ReadTexts(node, path);
    if (words.empty() || words[0].empty()) {
      Wrong(node, path, "a program and its arguments are expected: [a, b]");
      return {};
    }
    if (absl::StrContains(words[0], "/")) words[0] = InFolder(words[0]);
    return words;
  }

  std::vector<std::string> ReadTexts(const YAML::Node& node,
                                     const std::string& path) {
    std::vector<std::string> texts;
    if (!node.IsSequence()) {
      Wrong(node, path, "a list is expected");
      return texts;
    }
    for (const YAML::Node& element : node) {
      texts.push_back(
          Text(element, absl::StrCat(path, "[", texts.size(), "]")));
    }
    return texts;
  }

  LoginSettings ReadLogin(const YAML::Node& node, const std::string& path) {
    LoginSettings login;
    if (!node.IsMap()) {
      Wrong(node, path, "issuer and client_id are expected");
      return login;
    }
    std::set<std::string> seen;
    for (const auto& member : node) {
      const std::string name = Key(member.first, seen);
      const std::string where = absl::StrCat(path, ".", name);
      if (name == "scopes") {
        login.scopes = ReadTexts(member.second, where);
      } else if (const LoginField* field = FindRow(kLoginFields, name)) {
        login.*field->target = Text(member.second, where);
      } else {
        Wrong(member.first, where,
              "unknown; known are issuer, client_id, client_secret_file, "
              "scopes, audience, token, prompt, ca_file");
      }
    }
    for (const LoginField& field : kLoginFields) {
      if (field.required && (login.*field.target).empty()) {
        Wrong(node, absl::StrCat(path, ".", field.key), "must be given");
      }
    }
    login.ca_file = InFolder(login.ca_file);
    login.client_secret_file = InFolder(login.client_secret_file);
    return login;
  }

  // A relative path is one from the folder of the configuration file.
  std::string InFolder(const std::string& file) const {
    return file.empty() || file[0] == '/' ? file : folder_ + file;
  }

  std::string folder_;
  std::vector<base::FieldViolation> violations_;
};

}  // namespace

absl::StatusOr<ContextFile> ReadContextFile(absl::string_view text,
                                            const std::string& path) {
  YAML::Node root;
  // yaml-cpp throws; its exceptions end here.
  try {
    root = YAML::Load(std::string(text));
  } catch (const YAML::Exception& e) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(path, ": line ", e.mark.line + 1, ", column ",
                     e.mark.column + 1, ": ", e.msg),
        Because("CONFIG_MALFORMED"));
  }
  Reader reader(path);
  ContextFile file = reader.Read(root);
  if (reader.violations().empty()) return file;
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat(path, " has mistakes"),
                         Because("CONFIG_MALFORMED", {}, reader.violations()));
}

}  // namespace countersign::client
