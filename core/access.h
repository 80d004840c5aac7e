// Who may see what: pure answers for the read RPCs and for the flows. Each says
// OK or the error that the caller gets; NOT_FOUND where the caller may not even
// know.
#ifndef COUNTERSIGN_CORE_ACCESS_H_
#define COUNTERSIGN_CORE_ACCESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::core {

// A caller in no known group may do nothing but ask who it is.
bool IsKnown(const Principal& caller, const Policy& policy);

// Administrators, product approvers, auditors, and members of any group that a
// rule of the product names.
bool MaySeeProduct(const Product& product, const Principal& caller,
                   const Policy& policy);
// Administrators, auditors, the requester, and members of the pinned rule's
// groups.
bool MaySeeRequest(const SigningRequest& request, const Principal& caller,
                   const Policy& policy);

// Administrators. `action` is for the error: "create products".
absl::Status CheckAdministrator(const Principal& caller, const Policy& policy,
                                absl::string_view action,
                                absl::string_view resource);
// Product approvers.
absl::Status CheckProductApprover(const Principal& caller, const Policy& policy,
                                  absl::string_view action,
                                  absl::string_view resource);
// Auditors.
absl::Status CheckAuditor(const Principal& caller, const Policy& policy,
                          absl::string_view action);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_ACCESS_H_
