#include "core/access.h"

#include "core/errors.h"

namespace countersign::core {
namespace {

bool IsNamedIn(const ApprovalRule& rule, const Principal& caller) {
  return rule.MayAsk(caller) || rule.MayApprove(caller);
}

}  // namespace

bool IsKnown(const Principal& caller, const Policy& policy) {
  return Intersects(policy.known_groups, caller.groups) ||
         policy.IsAdministrator(caller) || policy.IsProductApprover(caller) ||
         policy.IsAuditor(caller);
}

bool MaySeeProduct(const Product& product, const Principal& caller,
                   const Policy& policy) {
  if (policy.IsAdministrator(caller) || policy.IsProductApprover(caller) ||
      policy.IsAuditor(caller)) {
    return true;
  }
  for (const Operation& operation : product.operations) {
    if (IsNamedIn(operation.rule, caller)) return true;
  }
  return false;
}

bool MaySeeRequest(const SigningRequest& request, const Principal& caller,
                   const Policy& policy) {
  return policy.IsAdministrator(caller) || policy.IsAuditor(caller) ||
         request.requester.SameIdentity(caller) ||
         IsNamedIn(request.rule, caller);
}

absl::Status CheckAdministrator(const Principal& caller, const Policy& policy,
                                absl::string_view action,
                                absl::string_view resource) {
  if (policy.IsAdministrator(caller)) return absl::OkStatus();
  return error::PermissionDenied(caller.subject, action, resource);
}

absl::Status CheckProductApprover(const Principal& caller, const Policy& policy,
                                  absl::string_view action,
                                  absl::string_view resource) {
  if (policy.IsProductApprover(caller)) return absl::OkStatus();
  return error::PermissionDenied(caller.subject, action, resource);
}

absl::Status CheckAuditor(const Principal& caller, const Policy& policy,
                          absl::string_view action) {
  if (policy.IsAuditor(caller)) return absl::OkStatus();
  return error::PermissionDenied(caller.subject, action, "");
}

}  // namespace countersign::core
