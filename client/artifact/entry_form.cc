#include "client/artifact/entry_form.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace countersign::client {
namespace {

using base::Json;

void AppendString(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const absl::string_view three = text.substr(i, 3);
    if (three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9") {
      absl::StrAppend(out, three[2] == '\xA8' ? "\\u2028" : "\\u2029");
      i += 2;
      continue;
    }
    switch (c) {
      case '"':
        absl::StrAppend(out, "\\\"");
        break;
      case '\\':
        absl::StrAppend(out, "\\\\");
        break;
      case '\b':
        absl::StrAppend(out, "\\b");
        break;
      case '\f':
        absl::StrAppend(out, "\\f");
        break;
      case '\n':
        absl::StrAppend(out, "\\n");
        break;
      case '\r':
        absl::StrAppend(out, "\\r");
        break;
      case '\t':
        absl::StrAppend(out, "\\t");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' ||
            c == '&') {
          absl::StrAppendFormat(out, "\\u%04x", static_cast<int>(c));
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

void AppendValue(const Json& value, std::string* out);

void AppendObject(const Json::Object& object, std::string* out) {
  std::vector<const Json::Member*> members;
  members.reserve(object.size());
  for (const Json::Member& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const Json::Member* a, const Json::Member* b) {
              return a->first < b->first;  // unsigned octets
            });
  out->push_back('[');
  for (size_t i = 0; i < members.size(); ++i) {
    absl::StrAppend(out, i == 0 ? "{" : ",{");
    AppendString(members[i]->first, out);
    out->push_back(':');
    AppendValue(members[i]->second, out);
    out->push_back('}');
  }
  out->push_back(']');
}

void AppendValue(const Json& value, std::string* out) {
  if (value.is_null()) {
    absl::StrAppend(out, "null");
  } else if (value.is_bool()) {
    absl::StrAppend(out, value.bool_value() ? "true" : "false");
  } else if (value.is_number()) {
    // The one difference to ES6: the sign of zero is kept.
    const double number = value.number();
    const bool negative_zero = number == 0 && std::signbit(number);
    absl::StrAppend(out, negative_zero ? "-0" : base::FormatEs6Number(number));
  } else if (value.is_string()) {
    AppendString(value.string(), out);
  } else if (value.is_array()) {
    out->push_back('[');
    for (size_t i = 0; i < value.array().size(); ++i) {
      if (i > 0) out->push_back(',');
      AppendValue(value.array()[i], out);
    }
    out->push_back(']');
  } else {
    AppendObject(value.object(), out);
  }
}

}  // namespace

std::string EntryForm(const Json& value) {
  std::string out;
  AppendValue(value, &out);
  return out;
}

}  // namespace countersign::client
