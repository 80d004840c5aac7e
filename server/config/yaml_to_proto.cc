#include "server/config/yaml_to_proto.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace countersign::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A name in either spelling: "group_rules" and "groupRules" are one.
std::string Folded(absl::string_view name) {
  std::string folded = absl::AsciiStrToLower(name);
  folded.erase(std::remove(folded.begin(), folded.end(), '_'), folded.end());
  return folded;
}

// Levenshtein's distance: single-character changes from `a` to `b`.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t k = 0; k < b.size(); ++k) {
      const size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

const FieldDescriptor* FindField(const Descriptor& type,
                                 const std::string& key) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->name() == key || type.field(i)->json_name() == key) {
      return type.field(i);
    }
  }
  return nullptr;
}

// "there is no such field; did you mean ...?" or the list of those that are.
std::string UnknownField(const Descriptor& type, const std::string& key) {
  // No field's name is nearly so long.
  const std::string folded = Folded(absl::string_view(key).substr(0, 64));
  std::string nearest;
  size_t best = 3;  // two changes still look like a slip
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string& name = type.field(i)->name();
    names.push_back(name);
    const size_t distance = Distance(folded, Folded(name));
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest.empty()
             ? absl::StrCat("there is no such field; fields here are ",
                            absl::StrJoin(names, ", "))
             : absl::StrCat("there is no such field; did you mean ", nearest,
                            "?");
}

bool IsRequired(const FieldDescriptor& field);

// The list of `type` whose entries have a field `key`, or null.
const FieldDescriptor* FindListWith(const Descriptor& type,
                                    const std::string& key) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() && field.message_type() != nullptr &&
        FindField(*field.message_type(), key) != nullptr) {
      return &field;
    }
  }
  return nullptr;
}

// How a list is written whose entry's fields were given beside it.
std::string ShownAsList(const std::string& path, const FieldDescriptor& list) {
  std::vector<std::string> required;
  for (int i = 0; i < list.message_type()->field_count(); ++i) {
    const FieldDescriptor& field = *list.message_type()->field(i);
    if (IsRequired(field)) required.push_back(field.name() + ": ...");
  }
  return absl::StrCat("belongs in an entry of ", list.name(), ", as in ", path,
                      ": {", list.name(), ": [{", absl::StrJoin(required, ", "),
                      "}]}");
}

bool IsRequired(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) ==
        google::api::REQUIRED) {
      return true;
    }
  }
  return false;
}

bool IsEmpty(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) return reflection->FieldSize(message, &field) == 0;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  return reflection->GetString(message, &field).empty();
}

class Reader {
 public:
  explicit Reader(Mistakes& mistakes) : mistakes_(mistakes) {}

  void ReadMap(const YamlNode& node, const std::string& path, Message& out) {
    if (node.kind != YamlNode::Kind::kMap) {
      Wrong(node, path, "must be a map of fields (\"name: value\" lines)");
      return;
    }
    const Descriptor& type = *out.GetDescriptor();
    std::set<const FieldDescriptor*> seen;
    std::set<const FieldDescriptor*> misplaced;
    for (const YamlNode& child : node.children) {
      const FieldDescriptor* field = FindField(type, child.key);
      if (field == nullptr) {
        Unknown(type, path, child, misplaced);
        continue;
      }
      const std::string below = Below(path, field->name());
      if (!seen.insert(field).second) {
        mistakes_.AddAt(child.key_line, child.key_column, below,
                        "is given twice; keep one");
        continue;
      }
      mistakes_.Locate(below, child.key_line, child.key_column);
      ReadField(child, below, *field, out);
    }
    for (const FieldDescriptor* list : misplaced) {
      // That the list itself is missing need not be said as well.
      seen.insert(list);
      broken_.insert(Below(path, list->name()));
    }
    CheckRequired(node, path, out, seen);
  }

 private:
  static std::string Below(const std::string& path, const std::string& name) {
    return path.empty() ? name : absl::StrCat(path, ".", name);
  }

  void Wrong(const YamlNode& node, const std::string& path,
             absl::string_view what) {
    broken_.insert(path);
    mistakes_.AddAt(node.line, node.column, path, what);
  }

  // `misplaced`: lists whose entries' fields were given beside them.
  void Unknown(const Descriptor& type, const std::string& path,
               const YamlNode& child,
               std::set<const FieldDescriptor*>& misplaced) {
    const FieldDescriptor* list = FindListWith(type, child.key);
    std::string what;
    if (list == nullptr) {
      what = UnknownField(type, child.key);
    } else if (misplaced.insert(list).second) {
      what = ShownAsList(path, *list);
    } else {
      what = absl::StrCat("belongs in an entry of ", list->name(), " as well");
    }
    mistakes_.AddAt(child.key_line, child.key_column, Below(path, child.key),
                    what);
  }

  void CheckRequired(const YamlNode& node, const std::string& path,
                     const Message& out,
                     const std::set<const FieldDescriptor*>& seen) {
    const Descriptor& type = *out.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (!IsRequired(field)) continue;
      const std::string below = Below(path, field.name());
      if (seen.count(&field) == 0) {
        mistakes_.AddAt(node.line, node.column, below,
                        "is required and missing");
      } else if (IsEmpty(out, field) && broken_.count(below) == 0) {
        mistakes_.Add(below, "must not be empty");
      }
    }
  }

  void ReadField(const YamlNode& node, const std::string& path,
                 const FieldDescriptor& field, Message& out) {
    if (node.kind == YamlNode::Kind::kNull) {
      // At its name: a value that is not there has no place.
      broken_.insert(path);
      mistakes_.Add(path, "has no value; give one or leave the field out");
      return;
    }
    if (!field.is_repeated()) {
      ReadValue(node, path, field, out);
      return;
    }
    if (node.kind != YamlNode::Kind::kList) {
      Wrong(node, path, "must be a list (\"- value\" lines, or [a, b])");
      return;
    }
    for (size_t i = 0; i < node.children.size(); ++i) {
      const YamlNode& child = node.children[i];
      const std::string item = absl::StrCat(path, "[", i, "]");
      mistakes_.Locate(item, child.line, child.column);
      const size_t before = broken_.size();
      ReadValue(child, item, field, out);
      // The list was not left empty: its item is wrong, and that is said.
      if (broken_.size() != before) broken_.insert(path);
    }
  }

  void ReadValue(const YamlNode& node, const std::string& path,
                 const FieldDescriptor& field, Message& out) {
    const auto* reflection = out.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      ReadMap(node, path,
              field.is_repeated() ? *reflection->AddMessage(&out, &field)
                                  : *reflection->MutableMessage(&out, &field));
      return;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      int32_t number = 0;
      if (node.kind != YamlNode::Kind::kScalar || node.quoted ||
          !absl::SimpleAtoi(node.scalar, &number)) {
        Wrong(node, path, "must be a whole number");
        return;
      }
      reflection->SetInt32(&out, &field, number);
      return;
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      if (node.kind != YamlNode::Kind::kScalar || node.quoted ||
          (node.scalar != "true" && node.scalar != "false")) {
        Wrong(node, path, "must be true or false");
        return;
      }
      reflection->SetBool(&out, &field, node.scalar == "true");
      return;
    }
    // The schema has no other types; a test walks it.
    if (node.kind != YamlNode::Kind::kScalar) {
      Wrong(node, path, "must be a text");
    } else if (field.is_repeated()) {
      reflection->AddString(&out, &field, node.scalar);
    } else {
      reflection->SetString(&out, &field, node.scalar);
    }
  }

  Mistakes& mistakes_;
  // Fields whose value is wrong already; they are not called empty as well.
  std::set<std::string> broken_;
};

}  // namespace

::config::v1::Config ConfigFromYaml(const YamlNode& root, Mistakes& mistakes) {
  ::config::v1::Config config;
  Reader(mistakes).ReadMap(root, "", config);
  return config;
}

}  // namespace countersign::server
