#include "client/cli/text_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

// Columns on the terminal: code points, near enough for names and numbers.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void Pad(std::string& text, size_t width, size_t to) {
  if (width < to) text.append(to - width, ' ');
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header)
    : rows_{std::move(header)} {}

void TextTable::AddRow(const std::vector<std::string>& cells) {
  std::vector<std::string> row;
  for (const std::string& cell : cells) {
    row.push_back(cell.empty() ? "-" : base::EscapeForDisplay(cell));
  }
  rows_.push_back(std::move(row));
}

std::string TextTable::Format() const {
  std::vector<size_t> widths(rows_[0].size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i]);
      if (i + 1 < row.size()) Pad(line, Width(row[i]), widths[i] + 2);
    }
    // Pad counts from the cell's own width; nothing is cut.
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

void TextBlock::Add(absl::string_view label, absl::string_view value) {
  lines_.emplace_back(base::EscapeForDisplay(label), EscapeLines(value));
}

void TextBlock::AddIf(absl::string_view label, absl::string_view value) {
  if (!value.empty()) Add(label, value);
}

std::string TextBlock::Format() const {
  size_t widest = 0;
  for (const auto& [label, value] : lines_) {
    widest = std::max(widest, Width(label));
  }
  std::string text;
  for (const auto& [label, value] : lines_) {
    std::string lead = label;
    for (const absl::string_view line : absl::StrSplit(value, '\n')) {
      Pad(lead, Width(lead), widest + 2);
      absl::StrAppend(&text, lead, line, "\n");
      lead.clear();
    }
  }
  return text;
}

std::string EscapeLines(absl::string_view text) {
  std::string out;
  const char* separator = "";
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&out, separator, base::EscapeForDisplay(line));
    separator = "\n";
  }
  return out;
}

}  // namespace countersign::client
