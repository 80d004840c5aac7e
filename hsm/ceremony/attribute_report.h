// Every attribute of a key pair that tells something, as text, with the
// server's verdict on those that it judges (hsm/key_findings.h).
#ifndef COUNTERSIGN_HSM_CEREMONY_ATTRIBUTE_REPORT_H_
#define COUNTERSIGN_HSM_CEREMONY_ATTRIBUTE_REPORT_H_

#include <string>
#include <vector>

#include "hsm/key_findings.h"
#include "hsm/session.h"

namespace countersign::hsm {

struct AttributeLine {
  std::string name;     // "CKA_SENSITIVE"
  std::string value;    // "true", "unknown", hexadecimal
  std::string verdict;  // "good", "BAD" or, where nothing depends on it, ""
  std::string wanted;   // "true" or "false", where it is bad
  std::string why;      // what another value means; may be empty
};

// Those that are judged first. What the module cannot say is "unknown"; what it
// refuses to say is told by its code. Blocks.
std::vector<AttributeLine> ReportAttributes(Session& session,
                                            const KeyPairHandles& pair,
                                            const KeyFindings& findings);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_ATTRIBUTE_REPORT_H_
