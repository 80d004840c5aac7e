// Calls of KeyService. A name may be that of a key version or of an operation
// (its signing key version). Borrows a connection; every method blocks.
#ifndef COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_
#define COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/api/connection.h"
#include "countersign/v1/key_service.pb.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

class KeyClient {
 public:
  // `connection` must outlive this.
  explicit KeyClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<v1::KeyVersion> Get(const std::string& name);
  absl::StatusOr<std::vector<v1::KeyVersion>> List(
      const std::string& operation);
  // Empty `subject`: what the product's file says.
  absl::StatusOr<v1::CertificateSigningRequest> CreateCsr(
      const std::string& name, const std::string& subject);
  absl::StatusOr<v1::KeyVersion> SetChain(const std::string& name,
                                          const std::string& chain_pem);
  // Makes a key in the token: allowed two minutes.
  absl::StatusOr<v1::KeyVersion> Rotate(const std::string& operation);

 private:
  Connection& connection_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_
