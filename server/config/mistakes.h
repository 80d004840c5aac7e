// Mistakes in a configuration file, collected so that all are reported at once,
// each with its place, its field, what is wrong and what would be right.
#ifndef COUNTERSIGN_SERVER_CONFIG_MISTAKES_H_
#define COUNTERSIGN_SERVER_CONFIG_MISTAKES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

// Thread-compatible.
class Mistakes {
 public:
  // `field` ("identity.group_rules[2].group") stands at line:column.
  void Locate(const std::string& field, int line, int column);

  // At the place of `field`, or of the nearest field around it that is known.
  void Add(const std::string& field, absl::string_view what);
  void AddAt(int line, int column, const std::string& field,
             absl::string_view what);

  bool empty() const { return mistakes_.empty(); }

  // OK where there are none; otherwise INVALID_ARGUMENT, reason BAD_CONFIG: a
  // line for each in the file's order ("FILE:3:5: hsm.module: ..."), and a
  // field violation for each.
  absl::Status ToStatus(absl::string_view file) const;

 private:
  struct Place {
    int line = 1;
    int column = 1;
  };
  struct Mistake {
    Place place;
    std::string field;
    std::string what;
  };

  std::map<std::string, Place> places_;
  std::vector<Mistake> mistakes_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_MISTAKES_H_
