// ProductService on the wire.
#ifndef COUNTERSIGN_SERVER_HANDLERS_PRODUCT_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_PRODUCT_HANDLER_H_

#include <string>

#include "absl/status/status.h"
#include "core/flows.h"
#include "countersign/v1/product_service.grpc.pb.h"
#include "server/handlers/parts.h"

namespace countersign::server {

// Thread-safe. What `parts` refers to must outlive it.
class ProductHandler final : public v1::ProductService::Service {
 public:
  explicit ProductHandler(HandlerParts parts) : parts_(parts) {}

  grpc::Status CreateProduct(grpc::ServerContext* context,
                             const v1::CreateProductRequest* request,
                             v1::Product* response) override;
  grpc::Status GetProduct(grpc::ServerContext* context,
                          const v1::GetProductRequest* request,
                          v1::Product* response) override;
  grpc::Status ListProducts(grpc::ServerContext* context,
                            const v1::ListProductsRequest* request,
                            v1::ListProductsResponse* response) override;
  grpc::Status ApproveProduct(grpc::ServerContext* context,
                              const v1::ApproveProductRequest* request,
                              v1::Product* response) override;
  grpc::Status RejectProduct(grpc::ServerContext* context,
                             const v1::RejectProductRequest* request,
                             v1::Product* response) override;
  grpc::Status EnableProduct(grpc::ServerContext* context,
                             const v1::EnableProductRequest* request,
                             v1::Product* response) override;
  grpc::Status DisableProduct(grpc::ServerContext* context,
                              const v1::DisableProductRequest* request,
                              v1::Product* response) override;

 private:
  // Name, caller and key ids are filled in here; the flow decides.
  absl::Status Decide(const Call& call, const std::string& name,
                      core::DecideProduct input, v1::Product* response);
  absl::Status List(const Call& call, const v1::ListProductsRequest& request,
                    v1::ListProductsResponse* response);

  HandlerParts parts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_PRODUCT_HANDLER_H_
