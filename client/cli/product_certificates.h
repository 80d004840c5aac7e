// The entries of a product file's caInfo, and which operation each one is for.
// Part of product_file, its only caller. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_PRODUCT_CERTIFICATES_H_
#define COUNTERSIGN_CLIENT_CLI_PRODUCT_CERTIFICATES_H_

#include <string>
#include <vector>

#include "base/json.h"
#include "client/cli/json_object.h"
#include "client/cli/product_operation.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

struct CertificateEntry {
  v1::CertificateInfo info;
  v1::KeyType key_type = v1::KEY_TYPE_UNSPECIFIED;
  std::string path;  // "caInfo[0]"
};

std::vector<CertificateEntry> ReadCertificates(const base::Json::Array& list,
                                               Violations& violations);

// Gives each DetachedSignature operation its certificate and its key type: the
// one whose CN it names in its own "caInfo", otherwise, in order, one of those
// that nobody names. Too many or too few of these are ambiguous and a
// violation.
void AssignCertificates(const std::vector<CertificateEntry>& certificates,
                        std::vector<OperationEntry>& operations,
                        Violations& violations);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PRODUCT_CERTIFICATES_H_
