#include "client/cli/context_file.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/str_cat.h"
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
};

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
      const Field* field = nullptr;
      for (const Field& known : kFields) {
        if (name == known.key) field = &known;
      }
      if (field == nullptr) {
        Wrong(member.first, where,
              "unknown; known are name, server, ca_file, certificate_file, "
              "private_key_file, server_name, timeout");
        continue;
      }
      std::string text = Text(member.second, where);
      if (field->is_file && !text.empty() && text[0] != '/') {
        text = folder_ + text;
      }
      context.*field->target = text;
    }
    return context;
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
