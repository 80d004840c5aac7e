#include "server/config/mistakes.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"

namespace countersign::server {

void Mistakes::Locate(const std::string& field, int line, int column) {
  places_.insert({field, Place{line, column}});
}

void Mistakes::Add(const std::string& field, absl::string_view what) {
  Place place;
  for (std::string around = field; !around.empty();) {
    const auto found = places_.find(around);
    if (found != places_.end()) {
      place = found->second;
      break;
    }
    const size_t cut = around.find_last_of(".[");
    around.resize(cut == std::string::npos ? 0 : cut);
  }
  AddAt(place.line, place.column, field, what);
}

void Mistakes::AddAt(int line, int column, const std::string& field,
                     absl::string_view what) {
  mistakes_.push_back({{line, column}, field, std::string(what)});
}

absl::Status Mistakes::ToStatus(absl::string_view file) const {
  if (mistakes_.empty()) return absl::OkStatus();
  std::vector<Mistake> sorted = mistakes_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Mistake& a, const Mistake& b) {
                     return std::tie(a.place.line, a.place.column) <
                            std::tie(b.place.line, b.place.column);
                   });
  base::ErrorDetails details;
  details.reason = "BAD_CONFIG";
  std::string text =
      absl::StrCat(sorted.size(), sorted.size() == 1 ? " mistake" : " mistakes",
                   " in the configuration");
  for (const Mistake& m : sorted) {
    // Names of unknown fields come from the file as they are.
    const std::string field = base::EscapeForDisplay(m.field);
    const std::string what = base::EscapeForDisplay(m.what);
    absl::StrAppend(&text, "\n", file, ":", m.place.line, ":", m.place.column,
                    ": ", field, field.empty() ? "" : ": ", what);
    details.field_violations.push_back({field, what});
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument, text, details);
}

}  // namespace countersign::server
