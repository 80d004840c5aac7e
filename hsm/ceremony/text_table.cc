#include "hsm/ceremony/text_table.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::hsm {
namespace {

// Columns on the terminal: code points, near enough for names and numbers.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Aligned(std::vector<std::vector<std::string>> rows) {
  std::vector<size_t> widths;
  for (std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = base::EscapeForDisplay(row[i]);
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i]);
      line.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

}  // namespace

std::string FormatTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> filled = rows;
  for (auto& row : filled) {
    for (std::string& cell : row) {
      if (cell.empty()) cell = "-";
    }
  }
  return Aligned(std::move(filled));
}

std::string FormatBlock(const std::vector<std::vector<std::string>>& rows) {
  return Aligned(rows);
}

}  // namespace countersign::hsm
