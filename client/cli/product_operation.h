// One entry of a product file's productOperations. Part of product_file, its
// only caller. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_PRODUCT_OPERATION_H_
#define COUNTERSIGN_CLIENT_CLI_PRODUCT_OPERATION_H_

#include <string>

#include "base/json.h"
#include "client/cli/json_object.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

struct OperationEntry {
  v1::Operation operation;
  std::string id;       // of its own; empty: made from the name
  std::string path;     // "productOperations[0]"
  std::string ca_info;  // the CN that it names; empty: none
};

OperationEntry ReadOperation(const base::Json& value, const std::string& path,
                             Violations& violations);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PRODUCT_OPERATION_H_
