#include "server/http/answer_format.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "core/errors.h"

namespace countersign::server {
namespace {

constexpr struct {
  AnswerFormat format;
  const char* media_type;
} kFormats[] = {
    {AnswerFormat::kPem, "application/x-pem-file"},
    {AnswerFormat::kHex, "application/octet-stream+hex"},
    {AnswerFormat::kBase64, "application/octet-stream+base64"},
    {AnswerFormat::kRaw, "application/octet-stream"},
};
constexpr size_t kMaxShown = 200;

// How well `range` names `media_type`: 0 not at all, 3 exactly.
int Specificity(absl::string_view range, absl::string_view media_type) {
  if (absl::EqualsIgnoreCase(range, media_type)) return 3;
  if (absl::EqualsIgnoreCase(range, "application/*")) return 2;
  // A bare "*" is what Java's URLConnection writes.
  return range == "*/*" || range == "*" ? 1 : 0;
}

struct Element {
  std::string range;
  double quality = 1;
};

// Quality of 0..1; a broken one counts as 1, as nearly everybody does.
Element ParseElement(absl::string_view text) {
  Element element;
  bool first = true;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    double quality = 1;
    if (first) {
      element.range = std::string(part);
      first = false;
    } else if (absl::StartsWithIgnoreCase(part, "q=") &&
               absl::SimpleAtod(part.substr(2), &quality)) {
      element.quality = quality >= 0 && quality <= 1 ? quality : 1;
    }
  }
  return element;
}

struct Candidate {
  AnswerFormat format;
  double quality = 0;
  int specificity = 0;
  size_t position = 0;  // in the field
};

// RFC 9110 12.5.1: the most specific range that names the type decides.
std::optional<Candidate> Judge(AnswerFormat format,
                               absl::string_view media_type,
                               const std::vector<Element>& elements) {
  std::optional<Candidate> best;
  for (size_t i = 0; i < elements.size(); ++i) {
    const int specificity = Specificity(elements[i].range, media_type);
    if (specificity == 0) continue;
    if (best.has_value() && best->specificity >= specificity) continue;
    best = Candidate{format, elements[i].quality, specificity, i};
  }
  if (best.has_value() && best->quality <= 0) best.reset();
  return best;
}

}  // namespace

absl::string_view MediaType(AnswerFormat format) {
  for (const auto& row : kFormats) {
    if (row.format == format) return row.media_type;
  }
  return "";
}

absl::StatusOr<std::vector<AnswerFormat>> ParseAccept(
    absl::string_view accept) {
  std::vector<Element> elements;
  for (absl::string_view part : absl::StrSplit(accept, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) elements.push_back(ParseElement(part));
  }
  if (elements.empty()) elements.push_back({"*/*", 1});
  std::vector<Candidate> candidates;
  for (const auto& row : kFormats) {
    const auto judged = Judge(row.format, row.media_type, elements);
    if (judged.has_value()) candidates.push_back(*judged);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     if (a.quality != b.quality) return a.quality > b.quality;
                     if (a.specificity != b.specificity) {
                       return a.specificity > b.specificity;
                     }
                     return a.position < b.position;
                   });
  std::vector<AnswerFormat> formats;
  for (const Candidate& candidate : candidates) {
    formats.push_back(candidate.format);
  }
  if (formats.empty()) {
    std::string right;
    for (const auto& row : kFormats) {
      absl::StrAppend(&right, right.empty() ? "" : ", ", row.media_type);
    }
    return core::error::BadRequest(
        {{"Accept",
          absl::StrCat("\"",
                       base::EscapeForDisplay(accept.substr(0, kMaxShown)),
                       "\" names no form that a signature can have; use one "
                       "of ",
                       right)}});
  }
  return formats;
}

}  // namespace countersign::server
