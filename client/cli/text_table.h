// Text for people: aligned columns, and blocks of "Label  value". Everything
// that goes in is made safe to show (base::EscapeForDisplay), so that nothing
// from a server or a file can move the cursor or turn the text around. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_TEXT_TABLE_H_
#define COUNTERSIGN_CLIENT_CLI_TEXT_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::client {

// Columns as wide as their widest cell, two blanks between them.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header);
  // As many cells as the header has.
  void AddRow(const std::vector<std::string>& cells);
  bool empty() const { return rows_.size() == 1; }
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Lines "Label      value"; a value of several lines is indented below itself.
class TextBlock {
 public:
  void Add(absl::string_view label, absl::string_view value);
  // Nothing where `value` is empty.
  void AddIf(absl::string_view label, absl::string_view value);
  std::string Format() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

// Safe to show, but line breaks stay: "\n" begins a new line.
std::string EscapeLines(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_TEXT_TABLE_H_
