// A subject with gaps: "spiffe://example.org/ci/*", "email:*@example.org",
// "subject:CN=*,O=Example". "*" stands for one or more characters of one part
// and cannot reach over a separator, so a pattern says how many parts there
// are and spells out who vouches for the name. Pure and immutable.
#ifndef COUNTERSIGN_AUTH_SUBJECT_PATTERN_H_
#define COUNTERSIGN_AUTH_SUBJECT_PATTERN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::auth {

class SubjectPattern {
 public:
  // INVALID_ARGUMENT, in a sentence, for patterns that could be fooled: without
  // a scheme, with "*" in the trust domain (spiffe), in the domain (email) or
  // in the last attribute and in attribute types (subject), with two "*" in
  // one part; and for those without any "*", which belong into `subjects`.
  static absl::StatusOr<SubjectPattern> Compile(absl::string_view pattern);

  // Linear in the length of `subject`.
  bool Matches(absl::string_view subject) const;

 private:
  // One part between separators: text, or text with one gap in it.
  struct Part {
    std::string before;
    bool gap = false;
    std::string after;

    bool Matches(absl::string_view text) const;
  };

  std::string prefix_;  // the scheme
  char separator_ = '/';
  std::vector<Part> parts_;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_SUBJECT_PATTERN_H_
