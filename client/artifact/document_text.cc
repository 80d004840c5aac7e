#include "client/artifact/document_text.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/artifact/signature_text.h"

namespace countersign::client {
namespace {

using base::Json;

// -0 is a number of its own in jsonNormalisation/v1.
std::string NumberText(double value) {
  return value == 0 && std::signbit(value) ? "-0.0"
                                           : base::FormatEs6Number(value);
}

bool IsEmptyCollection(const Json& value) {
  return (value.is_array() && value.array().empty()) ||
         (value.is_object() && value.object().empty());
}

bool IsCollection(const Json& value) {
  return value.is_array() || value.is_object();
}

class YamlLines {
 public:
  void AddObject(const Json::Object& object, size_t column, bool open_line) {
    for (const Json::Member& member : object) {
      if (!open_line) absl::StrAppend(&text_, std::string(column, ' '));
      open_line = false;
      absl::StrAppend(&text_, YamlScalar(member.first), ":");
      AddValue(member.second, column);
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  // Behind "key:" in `column`. Items of a list stand in their key's column.
  void AddValue(const Json& value, size_t column) {
    if (!IsCollection(value) || IsEmptyCollection(value)) {
      absl::StrAppend(&text_, " ");
      return AddScalar(value, column + 2);
    }
    absl::StrAppend(&text_, "\n");
    if (value.is_object()) return AddObject(value.object(), column + 2, false);
    for (const Json& item : value.array()) AddItem(item, column);
  }

  void AddItem(const Json& item, size_t column) {
    absl::StrAppend(&text_, std::string(column, ' '), "- ");
    AddItemValue(item, column + 2);
  }

  void AddItemValue(const Json& item, size_t column) {
    if (!IsCollection(item) || IsEmptyCollection(item)) {
      return AddScalar(item, column);
    }
    if (item.is_object()) return AddObject(item.object(), column, true);
    // A list in a list: "- - first".
    bool first = true;
    for (const Json& inner : item.array()) {
      if (!first) absl::StrAppend(&text_, std::string(column, ' '));
      first = false;
      absl::StrAppend(&text_, "- ");
      AddItemValue(inner, column + 2);
    }
  }

  // And the end of its line; further lines in `column`.
  void AddScalar(const Json& value, size_t column) {
    if (value.is_string()) return AddText(value.string(), column);
    if (value.is_number()) {
      absl::StrAppend(&text_, NumberText(value.number()), "\n");
    } else {  // null, true, false, [], {}
      absl::StrAppend(&text_, base::CompactJson(value), "\n");
    }
  }

  void AddText(absl::string_view text, size_t column) {
    if (!absl::StrContains(text, '\n') || !IsSafeLiteral(text)) {
      absl::StrAppend(&text_, YamlScalar(text), "\n");
      return;
    }
    absl::StrAppend(&text_, "|\n");
    text.remove_suffix(1);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      absl::StrAppend(&text_, std::string(line.empty() ? 0 : column, ' '), line,
                      "\n");
    }
  }

  std::string text_;
};

class JsonLinesWriter {
 public:
  explicit JsonLinesWriter(absl::string_view unit) : unit_(unit) {}

  void Add(const Json& value, size_t depth) {
    if (value.is_string()) {
      absl::StrAppend(&text_, JsonScalar(value.string()));
    } else if (value.is_number()) {
      absl::StrAppend(&text_, NumberText(value.number()));
    } else if (value.is_array() && !value.array().empty()) {
      AddArray(value.array(), depth);
    } else if (value.is_object() && !value.object().empty()) {
      AddObject(value.object(), depth);
    } else {
      absl::StrAppend(&text_, base::CompactJson(value));
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  void AddArray(const Json::Array& array, size_t depth) {
    absl::string_view separator = "[";
    for (const Json& item : array) {
      absl::StrAppend(&text_, separator);
      NewLine(depth + 1);
      Add(item, depth + 1);
      separator = ",";
    }
    NewLine(depth);
    absl::StrAppend(&text_, "]");
  }

  void AddObject(const Json::Object& object, size_t depth) {
    absl::string_view separator = "{";
    for (const Json::Member& member : object) {
      absl::StrAppend(&text_, separator);
      NewLine(depth + 1);
      absl::StrAppend(&text_, JsonScalar(member.first),
                      unit_.empty() ? ":" : ": ");
      Add(member.second, depth + 1);
      separator = ",";
    }
    NewLine(depth);
    absl::StrAppend(&text_, "}");
  }

  void NewLine(size_t depth) {
    if (unit_.empty()) return;
    absl::StrAppend(&text_, "\n");
    for (size_t i = 0; i < depth; ++i) absl::StrAppend(&text_, unit_);
  }

  const absl::string_view unit_;
  std::string text_;
};

}  // namespace

std::string BlockYaml(const Json& value) {
  YamlLines lines;
  lines.AddObject(value.object(), 0, false);
  return lines.Take();
}

std::string JsonDocument(const Json& value, absl::string_view unit) {
  JsonLinesWriter writer(unit);
  writer.Add(value, 0);
  return writer.Take();
}

}  // namespace countersign::client
