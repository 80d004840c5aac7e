#include "client/api/product_client.h"

#include <utility>

#include "base/status_macros.h"
#include "client/api/call.h"
#include "countersign/v1/product_service.grpc.pb.h"

namespace countersign::client {
namespace {

using v1::ProductService;
using Stub = ProductService::StubInterface;

constexpr int kPageSize = 1000;

template <typename Request>
Request Decided(const std::string& name, const std::string& etag,
                const std::string& reason) {
  Request request;
  request.set_name(name);
  request.set_etag(etag);
  request.set_reason(reason);
  return request;
}

template <typename Request>
Request Switched(const std::string& name, const std::string& reason) {
  Request request;
  request.set_name(name);
  request.set_reason(reason);
  return request;
}

}  // namespace

absl::StatusOr<v1::Product> ProductClient::Create(
    const v1::Product& product, const std::string& product_id) {
  v1::CreateProductRequest request;
  *request.mutable_product() = product;
  request.set_product_id(product_id);
  request.set_request_id(
      base::MakeUuid7(connection_.clock().Now(), connection_.random()));
  const auto stub = ProductService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::CreateProduct, request);
}

absl::StatusOr<v1::Product> ProductClient::Get(const std::string& name) {
  v1::GetProductRequest request;
  request.set_name(name);
  const auto stub = ProductService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::GetProduct, request);
}

absl::StatusOr<std::vector<v1::Product>> ProductClient::List() {
  v1::ListProductsRequest request;
  request.set_page_size(kPageSize);
  const auto stub = ProductService::NewStub(connection_.channel());
  std::vector<v1::Product> all;
  do {
    ASSIGN_OR_RETURN(
        v1::ListProductsResponse page,
        Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
             &Stub::ListProducts, request));
    for (v1::Product& one : *page.mutable_products()) {
      all.push_back(std::move(one));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::Product> ProductClient::Approve(const std::string& name,
                                                   const std::string& etag,
                                                   const std::string& reason) {
  const auto stub = ProductService::NewStub(connection_.channel());
  return CallBy({connection_.options().key_making_timeout, Repeat::kIfNotBegun},
                connection_, static_cast<Stub&>(*stub), &Stub::ApproveProduct,
                Decided<v1::ApproveProductRequest>(name, etag, reason));
}

absl::StatusOr<v1::Product> ProductClient::Reject(const std::string& name,
                                                  const std::string& etag,
                                                  const std::string& reason) {
  const auto stub = ProductService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kIfNotBegun, static_cast<Stub&>(*stub),
              &Stub::RejectProduct,
              Decided<v1::RejectProductRequest>(name, etag, reason));
}

absl::StatusOr<v1::Product> ProductClient::Enable(const std::string& name,
                                                  const std::string& reason) {
  const auto stub = ProductService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kIfNotBegun, static_cast<Stub&>(*stub),
              &Stub::EnableProduct,
              Switched<v1::EnableProductRequest>(name, reason));
}

absl::StatusOr<v1::Product> ProductClient::Disable(const std::string& name,
                                                   const std::string& reason) {
  const auto stub = ProductService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kIfNotBegun, static_cast<Stub&>(*stub),
              &Stub::DisableProduct,
              Switched<v1::DisableProductRequest>(name, reason));
}

}  // namespace countersign::client
