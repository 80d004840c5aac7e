#include "client/artifact/descriptor_layout.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/text_position.h"
#include "client/artifact/yaml_events.h"

namespace countersign::client {
namespace {

using Kind = YamlEvent::Kind;
using Events = std::vector<YamlEvent>;

bool IsStart(const YamlEvent& event) {
  return event.kind == Kind::kMapStart || event.kind == Kind::kSequenceStart;
}

bool IsEnd(const YamlEvent& event) {
  return event.kind == Kind::kMapEnd || event.kind == Kind::kSequenceEnd;
}

// The event behind the node that begins at `i`.
size_t SkipNode(const Events& events, size_t i) {
  int depth = 0;
  do {
    if (IsStart(events[i])) ++depth;
    if (IsEnd(events[i])) --depth;
    ++i;
  } while (depth > 0 && i < events.size());
  return i;
}

// The octet behind the bracket that closes the flow collection of events[i].
// Quoted scalars are known from the events; a plain one holds no bracket.
absl::StatusOr<size_t> EndOfFlow(absl::string_view text, const Events& events,
                                 size_t i) {
  int depth = 0;
  size_t next = i;
  for (size_t at = events[i].offset; at < text.size(); ++at) {
    while (next < events.size() &&
           (events[next].quoted_end == 0 || events[next].offset < at)) {
      ++next;
    }
    if (next < events.size() && events[next].offset == at) {
      at = events[next].quoted_end - 1;
      continue;
    }
    const char c = text[at];
    if (c == '#' && at > 0 &&
        absl::string_view(" \t\r\n").find(text[at - 1]) !=
            absl::string_view::npos) {
      at = NextLine(text, at) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return at + 1;
    }
  }
  return TextError(text, events[i].offset, "DESCRIPTOR_LAYOUT",
                   "the end of this collection was not found");
}

bool IsMarkerLine(absl::string_view line) {
  return (absl::StartsWith(line, "---") || absl::StartsWith(line, "...")) &&
         (line.size() == 3 || absl::string_view(" \t\r\n").find(line[3]) !=
                                  absl::string_view::npos);
}

// Where the lines of the (block) document end: at "..." or "---" in the first
// column, which no scalar can hold, or at the end of the text.
size_t EndOfDocument(absl::string_view text, size_t from) {
  for (size_t line = NextLine(text, from); line < text.size();
       line = NextLine(text, line)) {
    if (IsMarkerLine(text.substr(line, 4))) return line;
  }
  return text.size();
}

// Blank, or a comment that is not deeper than `column`: no line of a block
// scalar of an item, which is deeper than its dash.
bool IsLoose(absl::string_view line, size_t column) {
  const size_t first = line.find_first_not_of(" \t\r\n");
  return first == absl::string_view::npos ||
         (line[first] == '#' && first <= column);
}

size_t TightEnd(absl::string_view text, size_t begin, size_t end,
                size_t column) {
  while (end > begin) {
    const size_t line = LineBegin(text, end - 1);
    if (line < begin || !IsLoose(text.substr(line, end - line), column)) break;
    end = line;
  }
  return end;
}

// The line of the dash that belongs to an item at `offset`.
absl::StatusOr<size_t> DashLine(absl::string_view text, size_t offset,
                                size_t column, size_t not_before) {
  for (size_t line = LineBegin(text, offset);;
       line = LineBegin(text, line - 1)) {
    if (line + column < text.size() && text[line + column] == '-' &&
        text.substr(line, column).find_first_not_of(' ') ==
            absl::string_view::npos) {
      return line;
    }
    if (line <= not_before) break;
  }
  return TextError(text, offset, "DESCRIPTOR_LAYOUT",
                   "the dash of this signature was not found");
}

absl::Status FindBlockItems(absl::string_view text, const Events& events,
                            size_t sequence, size_t limit,
                            SignaturesLayout* layout) {
  layout->kind = SignaturesLayout::Kind::kBlockList;
  const size_t begin = events[sequence].offset;
  layout->dash_column = begin - LineBegin(text, begin);
  layout->wide_end = limit;
  layout->tight_end = TightEnd(text, begin, limit, layout->dash_column);
  size_t previous = LineBegin(text, begin);
  for (size_t i = sequence + 1; !IsEnd(events[i]); i = SkipNode(events, i)) {
    ASSIGN_OR_RETURN(
        const size_t line,
        DashLine(text, events[i].offset, layout->dash_column, previous));
    layout->items.push_back({line, layout->tight_end});
    previous = line;
  }
  for (size_t k = 0; k + 1 < layout->items.size(); ++k) {
    layout->items[k].end =
        TightEnd(text, layout->items[k].begin, layout->items[k + 1].begin,
                 layout->dash_column);
  }
  return absl::OkStatus();
}

absl::Status FindFlowItems(absl::string_view text, const Events& events,
                           size_t sequence, SignaturesLayout* layout) {
  layout->value.begin = events[sequence].offset;
  ASSIGN_OR_RETURN(layout->value.end, EndOfFlow(text, events, sequence));
  for (size_t i = sequence + 1; !IsEnd(events[i]); i = SkipNode(events, i)) {
    if (events[i].kind != Kind::kMapStart || text[events[i].offset] != '{') {
      return TextError(text, events[i].offset, "DESCRIPTOR_LAYOUT",
                       "write this signature as { ... } first");
    }
    ASSIGN_OR_RETURN(const size_t end, EndOfFlow(text, events, i));
    layout->items.push_back({events[i].offset, end});
  }
  layout->kind = layout->items.empty() ? SignaturesLayout::Kind::kEmpty
                                       : SignaturesLayout::Kind::kFlowList;
  return absl::OkStatus();
}

// `key` is the event of the key; `limit`: where its value's lines must end.
absl::StatusOr<SignaturesLayout> FindSignatures(absl::string_view text,
                                                const Events& events,
                                                size_t key, size_t limit) {
  SignaturesLayout layout;
  const YamlEvent& word = events[key];
  layout.key_end =
      word.quoted_end != 0 ? word.quoted_end : word.offset + word.value.size();
  const YamlEvent& value = events[key + 1];
  if (value.kind == Kind::kNull) {
    const absl::string_view at = text.substr(value.offset);
    const size_t size = absl::StartsWith(at, "~") ? 1 : 4;
    const bool written =
        value.offset < limit &&
        (size == 1 || absl::EqualsIgnoreCase(at.substr(0, 4), "null"));
    layout.kind = written ? SignaturesLayout::Kind::kEmpty
                          : SignaturesLayout::Kind::kNothing;
    layout.value = {value.offset, value.offset + size};
    return layout;
  }
  if (value.kind != Kind::kSequenceStart) {
    return TextError(text, value.offset, "DESCRIPTOR_LAYOUT",
                     "signatures must be a list that is written out");
  }
  RETURN_IF_ERROR(value.flow
                      ? FindFlowItems(text, events, key + 1, &layout)
                      : FindBlockItems(text, events, key + 1, limit, &layout));
  return layout;
}

}  // namespace

size_t LineBegin(absl::string_view text, size_t offset) {
  if (offset == 0) return 0;
  const size_t newline = text.rfind('\n', std::min(offset, text.size()) - 1);
  if (newline != absl::string_view::npos) return newline + 1;
  // A byte order mark is in no column.
  return absl::StartsWith(text, "\xEF\xBB\xBF") ? 3 : 0;
}

size_t NextLine(absl::string_view text, size_t offset) {
  const size_t newline = text.find('\n', offset);
  return newline == absl::string_view::npos ? text.size() : newline + 1;
}

absl::StatusOr<DescriptorLayout> FindLayout(absl::string_view text) {
  ASSIGN_OR_RETURN(const Events events, ReadYamlEvents(text));
  if (events[0].kind != Kind::kMapStart || events.size() < 3) {
    return TextError(text, events[0].offset, "DESCRIPTOR_LAYOUT",
                     "the descriptor must be an object");
  }
  DescriptorLayout layout;
  layout.flow = events[0].flow;
  layout.root_begin = events[0].offset;
  layout.first_key = events[1].offset;
  if (layout.flow) {
    ASSIGN_OR_RETURN(const size_t end, EndOfFlow(text, events, 0));
    layout.root_end = end - 1;
  } else {
    layout.root_end = EndOfDocument(text, events[1].offset);
  }
  for (size_t key = 1; !IsEnd(events[key]);) {
    const size_t next = SkipNode(events, key + 1);
    if (events[key].kind == Kind::kScalar &&
        events[key].value == "signatures") {
      size_t limit = layout.root_end;
      if (!IsEnd(events[next])) {
        limit = layout.flow ? events[next].offset
                            : LineBegin(text, events[next].offset);
      }
      ASSIGN_OR_RETURN(layout.signatures,
                       FindSignatures(text, events, key, limit));
    }
    key = next;
  }
  return layout;
}

}  // namespace countersign::client
