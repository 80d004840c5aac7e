// Text for people: aligned columns, and lines of "Label  value". Everything
// that goes in is made safe to show (base::EscapeForDisplay): labels come from
// tokens. Pure.
#ifndef COUNTERSIGN_HSM_CEREMONY_TEXT_TABLE_H_
#define COUNTERSIGN_HSM_CEREMONY_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace countersign::hsm {

// Columns as wide as their widest cell, two blanks between them; rows are
// equally long. An empty cell is shown as "-".
std::string FormatTable(const std::vector<std::vector<std::string>>& rows);

// "Label      value" for each row of two cells.
std::string FormatBlock(const std::vector<std::vector<std::string>>& rows);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_TEXT_TABLE_H_
