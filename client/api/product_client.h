// Calls of ProductService. Borrows a connection; every method blocks.
#ifndef COUNTERSIGN_CLIENT_API_PRODUCT_CLIENT_H_
#define COUNTERSIGN_CLIENT_API_PRODUCT_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/api/connection.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

class ProductClient {
 public:
  // `connection` must outlive this.
  explicit ProductClient(Connection& connection) : connection_(connection) {}

  // With a fresh request_id, so that a retry finds the first one. Empty
  // `product_id`: made from the display name.
  absl::StatusOr<v1::Product> Create(const v1::Product& product,
                                     const std::string& product_id);
  absl::StatusOr<v1::Product> Get(const std::string& name);
  absl::StatusOr<std::vector<v1::Product>> List();
  // Makes keys in the token: allowed two minutes.
  absl::StatusOr<v1::Product> Approve(const std::string& name,
                                      const std::string& etag,
                                      const std::string& reason);
  absl::StatusOr<v1::Product> Reject(const std::string& name,
                                     const std::string& etag,
                                     const std::string& reason);
  absl::StatusOr<v1::Product> Enable(const std::string& name,
                                     const std::string& reason);
  absl::StatusOr<v1::Product> Disable(const std::string& name,
                                      const std::string& reason);

 private:
  Connection& connection_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_PRODUCT_CLIENT_H_
