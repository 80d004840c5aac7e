#include "client/artifact/field_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using base::Json;

const char* KindOf(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "a boolean";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a string";
  return value.is_array() ? "a list" : "an object";
}

// Go folds case and, beyond ASCII, the Kelvin sign to k and long s to s.
std::string Fold(absl::string_view key) {
  return absl::AsciiStrToLower(
      absl::StrReplaceAll(key, {{"\xE2\x84\xAA", "k"}, {"\xC5\xBF", "s"}}));
}

}  // namespace

std::string IndexedPath(absl::string_view path, size_t index) {
  return absl::StrCat(path, "[", index, "]");
}

FieldReader::FieldReader(const Json& value, std::string path,
                         Findings& findings)
    : value_(value), path_(std::move(path)), findings_(findings) {
  if (!value.is_object()) {
    findings_.fatal.push_back(
        {path_.empty() ? "the descriptor" : path_,
         absl::StrCat("must be an object, it is ", KindOf(value))});
  }
}

std::string FieldReader::PathOf(absl::string_view field) const {
  return path_.empty() ? std::string(field) : absl::StrCat(path_, ".", field);
}

void FieldReader::Fatal(absl::string_view field, absl::string_view text) {
  findings_.fatal.push_back({PathOf(field), std::string(text)});
}

void FieldReader::Strict(absl::string_view field, absl::string_view text) {
  findings_.strict.push_back({PathOf(field), std::string(text)});
}

void FieldReader::NewTool(absl::string_view field, absl::string_view text) {
  findings_.new_tool.push_back({PathOf(field), std::string(text)});
}

const Json* FieldReader::Find(absl::string_view field, Need need) {
  const Json* member = value_.Find(field);
  if (member == nullptr && need == Need::kRequired && value_.is_object()) {
    Strict(field, "is required");
  }
  return member;
}

std::string FieldReader::String(absl::string_view field, Need need) {
  const Json* member = Find(field, need);
  if (member == nullptr) return "";
  if (!member->is_string()) {
    Fatal(field, absl::StrCat("must be a string, it is ", KindOf(*member),
                              "; quote it"));
    return "";
  }
  return member->string();
}

bool FieldReader::Bool(absl::string_view field) {
  const Json* member = Find(field, Need::kOptional);
  if (member == nullptr) return false;
  if (!member->is_bool()) {
    Fatal(field,
          absl::StrCat("must be true or false, it is ", KindOf(*member)));
    return false;
  }
  return member->bool_value();
}

const Json* FieldReader::Object(absl::string_view field, Need need) {
  const Json* member = Find(field, need);
  if (member == nullptr || member->is_null()) return nullptr;
  if (member->is_object()) return member;
  Fatal(field, absl::StrCat("must be an object, it is ", KindOf(*member)));
  return nullptr;
}

const Json::Array* FieldReader::Array(absl::string_view field, Need need) {
  const Json* member = Find(field, need);
  if (member == nullptr || member->is_null()) return nullptr;
  if (member->is_array()) return &member->array();
  Fatal(field, absl::StrCat("must be a list, it is ", KindOf(*member)));
  return nullptr;
}

void FieldReader::CheckKeys(std::initializer_list<absl::string_view> known,
                            bool others_allowed) {
  if (!value_.is_object()) return;
  for (const Json::Member& member : value_.object()) {
    bool found = false;
    absl::string_view similar;
    const std::string folded = Fold(member.first);
    for (const absl::string_view name : known) {
      if (member.first == name) found = true;
      if (folded == absl::AsciiStrToLower(name)) similar = name;
    }
    if (found) continue;
    if (!similar.empty()) {
      findings_.fatal.push_back(
          {path_.empty() ? "the descriptor" : path_,
           absl::StrCat("has the field ", Quoted(member.first),
                        "; write it as \"", similar, "\"")});
    } else if (!others_allowed) {
      findings_.strict.push_back(
          {path_,
           absl::StrCat("must not have the field ", Quoted(member.first))});
    }
  }
}

}  // namespace countersign::client
