#include "client/cli/json_object.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

// Levenshtein's distance, upper and lower case alike.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same =
          absl::ascii_tolower(a[i - 1]) == absl::ascii_tolower(b[j - 1]);
      const size_t best =
          std::min({row[j] + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1)});
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

const base::Json::Array& NoElements() {
  static const auto& none = *new base::Json::Array();
  return none;
}

}  // namespace

std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& known) {
  // A key from a file may be long; the names that we know are not.
  if (word.size() > 64) return "";
  std::string nearest;
  size_t best = word.size() / 3 + 1;
  for (const std::string& name : known) {
    const size_t distance = Distance(word, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

JsonObject::JsonObject(const base::Json& value, std::string path,
                       const std::vector<std::string>& known,
                       Violations& violations)
    : value_(value), path_(std::move(path)), violations_(violations) {
  if (!value_.is_object()) {
    violations_.push_back({path_, "an object { } is expected"});
    return;
  }
  for (const auto& [key, member] : value_.object()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = NearestName(key, known);
    Wrong(base::EscapeForDisplay(key.substr(0, 64)),
          nearest.empty()
              ? absl::StrCat("unknown field; known are ",
                             absl::StrJoin(known, ", "))
              : absl::StrCat("unknown field; meant was probably ", nearest));
  }
}

std::string JsonObject::PathOf(absl::string_view field) const {
  return path_.empty() ? std::string(field) : absl::StrCat(path_, ".", field);
}

void JsonObject::Wrong(absl::string_view field, absl::string_view text) {
  violations_.push_back({PathOf(field), std::string(text)});
}

const base::Json* JsonObject::Find(absl::string_view field) const {
  const base::Json* found = value_.Find(field);
  return found != nullptr && found->is_null() ? nullptr : found;
}

std::string JsonObject::Text(absl::string_view field) {
  const base::Json* found = Find(field);
  if (found == nullptr) return "";
  if (found->is_string()) return found->string();
  Wrong(field, "a text in quotes is expected");
  return "";
}

std::string JsonObject::NeededText(absl::string_view field) {
  const base::Json* found = Find(field);
  std::string text = Text(field);
  if (text.empty() && (found == nullptr || found->is_string())) {
    Wrong(field, "must be given");
  }
  return text;
}

bool JsonObject::Bool(absl::string_view field, bool otherwise) {
  const base::Json* found = Find(field);
  if (found == nullptr) return otherwise;
  if (found->is_bool()) return found->bool_value();
  Wrong(field, "true or false is expected");
  return otherwise;
}

int JsonObject::Count(absl::string_view field) {
  return static_cast<int>(WholeNumber(field, 1000));
}

int64_t JsonObject::LargeCount(absl::string_view field) {
  return WholeNumber(field, (int64_t{1} << 53) - 1);
}

int64_t JsonObject::WholeNumber(absl::string_view field, int64_t most) {
  const base::Json* found = Find(field);
  if (found == nullptr) return 0;
  if (found->is_number() && found->number() >= 0 &&
      found->number() <= static_cast<double>(most) &&
      std::floor(found->number()) == found->number()) {
    return static_cast<int64_t>(found->number());
  }
  Wrong(field, absl::StrCat("a whole number from 0 to ", most, " is expected"));
  return 0;
}

std::vector<std::string> JsonObject::Texts(absl::string_view field) {
  std::vector<std::string> texts;
  const base::Json::Array& elements = Array(field);
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].is_string() && !elements[i].string().empty()) {
      texts.push_back(elements[i].string());
    } else {
      Wrong(absl::StrCat(field, "[", i, "]"),
            "a text in quotes, not empty, is expected");
    }
  }
  return texts;
}

const base::Json::Array& JsonObject::Array(absl::string_view field) {
  const base::Json* found = Find(field);
  if (found == nullptr) return NoElements();
  if (found->is_array()) return found->array();
  Wrong(field, "a list [ ] is expected");
  return NoElements();
}

}  // namespace countersign::client
