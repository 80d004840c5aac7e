#include "client/artifact/yaml_events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/text_position.h"
#include "client/artifact/yaml_characters.h"

namespace countersign::client {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Properties {
  size_t end = 0;         // the octet behind anchors, tags, blanks, comments
  bool has_tag = false;   // !name
  bool odd_name = false;  // an anchor or alias beyond [A-Za-z0-9_-]
};

// Whether the word behind & or * at `i` is one that libyaml and yaml-cpp end
// at the same place (yaml-cpp takes "&x:" whole).
bool IsOddName(absl::string_view text, size_t i) {
  const size_t end =
      std::min(text.find_first_of(" \t\r\n,[]{}", i), text.size());
  const absl::string_view name = text.substr(i + 1, end - i - 1);
  return name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

// `i` is the first octet of a node as yaml-cpp sees it.
Properties SkipProperties(absl::string_view text, size_t i) {
  Properties properties;
  properties.odd_name = i < text.size() && text[i] == '*' && IsOddName(text, i);
  while (i < text.size() && (text[i] == '&' || text[i] == '!')) {
    if (text[i] == '!') properties.has_tag = true;
    if (text[i] == '&' && IsOddName(text, i)) properties.odd_name = true;
    i = text.find_first_of(" \t\r\n,[]{}", i);
    while (i < text.size() && absl::string_view(" \t\r\n").find(text[i]) !=
                                  absl::string_view::npos) {
      ++i;
      if (i < text.size() && text[i] == '#') {
        i = std::min(text.find('\n', i), text.size());
      }
    }
  }
  properties.end = std::min(i, text.size());
  return properties;
}

// Gathers events. yaml-cpp calls it; the first error is kept and the rest of
// the text only passes by (its size and depth are bounded).
class Collector final : public YAML::EventHandler {
 public:
  Collector(absl::string_view text, const YamlLimits& limits)
      : text_(text), limits_(limits) {}

  const absl::Status& status() const { return status_; }
  std::vector<YamlEvent> TakeEvents() { return std::move(events_); }
  size_t documents() const { return documents_; }
  // The place of a mark of yaml-cpp in the text.
  size_t OffsetOf(const YAML::Mark& mark) const {
    const size_t pos = mark.pos < 0 ? 0 : static_cast<size_t>(mark.pos);
    return std::min(pos, text_.size());
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      Fail(OffsetOf(mark), "YAML_UNSUPPORTED",
           "a second document or text behind the first one");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(YamlEvent::Kind::kNull, mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(YamlEvent::Kind::kAlias, mark, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    Add(YamlEvent::Kind::kScalar, mark, anchor);
    if (!status_.ok()) return;
    YamlEvent& event = events_.back();
    event.plain = tag == "?";
    event.value = value;
    status_ = event.plain ? CheckPlain(text_, event.offset, event.value)
                          : CheckNotPlain(event);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    Open(YamlEvent::Kind::kSequenceStart, mark, anchor, style);
  }
  void OnSequenceEnd() override { Close(YamlEvent::Kind::kSequenceEnd); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    Open(YamlEvent::Kind::kMapStart, mark, anchor, style);
  }
  void OnMapEnd() override { Close(YamlEvent::Kind::kMapEnd); }

 private:
  void Fail(size_t offset, absl::string_view reason,
            absl::string_view message) {
    if (status_.ok()) status_ = TextError(text_, offset, reason, message);
  }

  // What yaml-cpp may have read otherwise than libyaml.
  absl::Status CheckNotPlain(YamlEvent& event) const {
    const char first = event.offset < text_.size() ? text_[event.offset] : '\0';
    if (first == '|' || first == '>') {
      return CheckBlockScalar(text_, event.offset);
    }
    if (first != '"' && first != '\'') {
      return TextError(text_, event.offset, "YAML_SYNTAX",
                       "the begin of this text was not found");
    }
    ASSIGN_OR_RETURN(event.quoted_end, EndOfQuoted(text_, event.offset));
    return CheckQuotedEdges(text_, event.offset, event.quoted_end);
  }

  void Add(YamlEvent::Kind kind, const YAML::Mark& mark,
           YAML::anchor_t anchor) {
    if (!status_.ok()) return;
    const size_t start = OffsetOf(mark);
    if (events_.size() >= 2 * limits_.max_nodes) {  // starts and ends
      return Fail(start, "YAML_TOO_LARGE",
                  absl::StrCat("more than ", limits_.max_nodes, " nodes"));
    }
    const Properties properties = SkipProperties(text_, start);
    YamlEvent event;
    event.kind = kind;
    event.offset = properties.end;
    event.anchor = anchor;
    if (properties.odd_name) {
      return Fail(start, "YAML_UNSUPPORTED",
                  "the names of anchors may hold letters, digits, - and _");
    }
    if (properties.has_tag) {
      return Fail(start, "YAML_UNSUPPORTED",
                  "YAML tags (!name) are not supported; quote the value to "
                  "make it a string");
    }
    events_.push_back(std::move(event));
  }

  void Open(YamlEvent::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    if (++depth_ > limits_.max_depth) {
      Fail(OffsetOf(mark), "YAML_TOO_LARGE",
           absl::StrCat("nested deeper than ", limits_.max_depth, " levels"));
    }
    Add(kind, mark, anchor);
    if (status_.ok()) {
      events_.back().flow = style == YAML::EmitterStyle::Flow;
    }
  }

  void Close(YamlEvent::Kind kind) {
    --depth_;
    if (!status_.ok()) return;
    YamlEvent event;
    event.kind = kind;
    event.offset = events_.back().offset;
    events_.push_back(std::move(event));
  }

  absl::string_view text_;
  YamlLimits limits_;
  absl::Status status_;
  std::vector<YamlEvent> events_;
  size_t documents_ = 0;
  size_t depth_ = 0;
};

// Where the text has U+2028 or U+2029, they must lie inside quotes.
absl::Status CheckBreaks(absl::string_view text,
                         const std::vector<size_t>& breaks,
                         const std::vector<YamlEvent>& events) {
  size_t next = 0;
  for (const YamlEvent& event : events) {
    if (next == breaks.size()) break;
    if (event.quoted_end == 0) continue;
    if (breaks[next] < event.offset) break;
    while (next < breaks.size() && breaks[next] < event.quoted_end) {
      RETURN_IF_ERROR(CheckBreakNeighbours(text, breaks[next]));
      ++next;
    }
  }
  if (next == breaks.size()) return absl::OkStatus();
  return TextError(text, breaks[next], "YAML_UNSUPPORTED",
                   "U+2028 or U+2029 outside of quotes");
}

absl::Status RunParser(absl::string_view text, Collector* collector) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (collector->status().ok() && collector->documents() < 2 &&
           parser.HandleNextDocument(*collector)) {
    }
  } catch (const YAML::Exception& e) {
    if (!collector->status().ok()) return collector->status();
    return TextError(text, collector->OffsetOf(e.mark), "YAML_SYNTAX",
                     base::EscapeForDisplay(e.msg));
  } catch (const std::exception& e) {
    return TextError(text, 0, "YAML_SYNTAX", base::EscapeForDisplay(e.what()));
  }
  return collector->status();
}

}  // namespace

absl::StatusOr<std::vector<YamlEvent>> ReadYamlEvents(
    absl::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return TextError(text, 0, "YAML_TOO_LARGE",
                     absl::StrCat("the text has ", text.size(),
                                  " octets, more than ", limits.max_bytes));
  }
  const size_t shift =
      absl::StartsWith(text, kByteOrderMark) ? kByteOrderMark.size() : 0;
  const absl::string_view body = text.substr(shift);
  ASSIGN_OR_RETURN(const std::vector<size_t> breaks, CheckYamlCharacters(body));
  RETURN_IF_ERROR(CheckNoDirectives(body));
  Collector collector(body, limits);
  RETURN_IF_ERROR(RunParser(body, &collector));
  std::vector<YamlEvent> events = collector.TakeEvents();
  RETURN_IF_ERROR(CheckBreaks(body, breaks, events));
  if (events.empty()) {
    return TextError(text, 0, "YAML_SYNTAX", "the text is empty");
  }
  for (YamlEvent& event : events) {
    event.offset += shift;
    if (event.quoted_end != 0) event.quoted_end += shift;
  }
  return events;
}

}  // namespace countersign::client
