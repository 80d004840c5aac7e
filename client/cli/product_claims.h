// requiredClaims of a product file's operation: what the requester's token must
// have proved. Part of product_file, called by product_operation. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_PRODUCT_CLAIMS_H_
#define COUNTERSIGN_CLIENT_CLI_PRODUCT_CLAIMS_H_

#include "client/cli/json_object.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Both forms: {"ref_type": "tag", "ref_protected": ["true"]}, and a list of
// {"claim": "sub", "values": [...], "patterns": [...]}. Nothing where
// `operation` has none.
void ReadRequiredClaims(JsonObject& operation, v1::ApprovalRule& rule,
                        Violations& violations);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PRODUCT_CLAIMS_H_
