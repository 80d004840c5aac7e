#include "server/handlers/product_handler.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "server/convert/page.h"
#include "server/convert/product.h"
#include "server/handlers/fill_page.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

// CKA_ID of a new key.
constexpr size_t kKeyIdOctets = 16;
// How many operations a product may have is core's to say (product_check.h);
// this many ids are made at most.
constexpr size_t kMaxKeyIds = 64;

}  // namespace

grpc::Status ProductHandler::CreateProduct(
    grpc::ServerContext* context, const v1::CreateProductRequest* request,
    v1::Product* response) {
  return parts_.desk.Serve(
      context, "CreateProduct",
      absl::StrCat("products/", request->product_id()),
      [&](const Call& call) -> absl::Status {
        RETURN_IF_ERROR(
            Refuse(parts_, call,
                   core::CheckAdministrator(call.caller, *call.policy,
                                            "create products", call.resource)));
        core::CreateProduct input;
        input.caller = call.caller;
        ASSIGN_OR_RETURN(input.product, FromWire(*request, *call.policy));
        ASSIGN_OR_RETURN(const core::Resource created,
                         parts_.pipeline.Call(
                             core::MakeCreateProductFlow(std::move(input))));
        *response =
            ToWire(std::get<core::Product>(created), parts_.clock.Now());
        return absl::OkStatus();
      });
}

grpc::Status ProductHandler::GetProduct(grpc::ServerContext* context,
                                        const v1::GetProductRequest* request,
                                        v1::Product* response) {
  return parts_.desk.Serve(context, "GetProduct", request->name(),
                           [&](const Call& call) -> absl::Status {
                             ASSIGN_OR_RETURN(
                                 const core::ProductName name,
                                 core::ProductName::Parse(request->name()));
                             ASSIGN_OR_RETURN(const ProductSnapshot product,
                                              FindProduct(parts_, call, name));
                             *response = ToWire(*product, parts_.clock.Now());
                             return absl::OkStatus();
                           });
}

grpc::Status ProductHandler::ListProducts(
    grpc::ServerContext* context, const v1::ListProductsRequest* request,
    v1::ListProductsResponse* response) {
  return parts_.desk.Serve(
      context, "ListProducts", "products",
      [&](const Call& call) { return List(call, *request, response); });
}

absl::Status ProductHandler::List(const Call& call,
                                  const v1::ListProductsRequest& request,
                                  v1::ListProductsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(std::string cursor,
                   CursorOf(request.page_token(), call.method));
  ASSIGN_OR_RETURN(cursor, FillPage<core::Product>(
                               page_size, std::move(cursor),
                               [&](int limit, const std::string& from) {
                                 core::ProductQuery query;
                                 query.limit = limit;
                                 query.cursor = from;
                                 return parts_.store.ListProducts(query);
                               },
                               [&](const core::Product& product) -> size_t {
                                 if (!core::MaySeeProduct(product, call.caller,
                                                          *call.policy)) {
                                   return 0;
                                 }
                                 v1::Product* out = response->add_products();
                                 *out = ToWire(product, parts_.clock.Now());
                                 return out->ByteSizeLong();
                               }));
  response->set_next_page_token(PageToken(cursor, call.method));
  return absl::OkStatus();
}

grpc::Status ProductHandler::ApproveProduct(
    grpc::ServerContext* context, const v1::ApproveProductRequest* request,
    v1::Product* response) {
  return parts_.desk.Serve(
      context, "ApproveProduct", request->name(), [&](const Call& call) {
        core::DecideProduct input;
        input.verb = core::ProductVerb::kApprove;
        input.etag = request->etag();
        input.reason = request->reason();
        for (size_t i = 0; i < kMaxKeyIds; ++i) {
          input.key_ids.push_back(parts_.random.Bytes(kKeyIdOctets));
        }
        return Decide(call, request->name(), std::move(input), response);
      });
}

grpc::Status ProductHandler::RejectProduct(
    grpc::ServerContext* context, const v1::RejectProductRequest* request,
    v1::Product* response) {
  return parts_.desk.Serve(
      context, "RejectProduct", request->name(), [&](const Call& call) {
        core::DecideProduct input;
        input.verb = core::ProductVerb::kReject;
        input.etag = request->etag();
        input.reason = request->reason();
        return Decide(call, request->name(), std::move(input), response);
      });
}

grpc::Status ProductHandler::EnableProduct(
    grpc::ServerContext* context, const v1::EnableProductRequest* request,
    v1::Product* response) {
  return parts_.desk.Serve(
      context, "EnableProduct", request->name(), [&](const Call& call) {
        core::DecideProduct input;
        input.verb = core::ProductVerb::kEnable;
        input.reason = request->reason();
        return Decide(call, request->name(), std::move(input), response);
      });
}

grpc::Status ProductHandler::DisableProduct(
    grpc::ServerContext* context, const v1::DisableProductRequest* request,
    v1::Product* response) {
  return parts_.desk.Serve(
      context, "DisableProduct", request->name(), [&](const Call& call) {
        core::DecideProduct input;
        input.verb = core::ProductVerb::kDisable;
        input.reason = request->reason();
        return Decide(call, request->name(), std::move(input), response);
      });
}

absl::Status ProductHandler::Decide(const Call& call, const std::string& name,
                                    core::DecideProduct input,
                                    v1::Product* response) {
  ASSIGN_OR_RETURN(input.product, core::ProductName::Parse(name));
  input.caller = call.caller;
  const bool approves = input.verb == core::ProductVerb::kApprove;
  ASSIGN_OR_RETURN(
      core::Resource decided,
      parts_.pipeline.Call(core::MakeDecideProductFlow(std::move(input))));
  auto product = std::get<core::Product>(std::move(decided));
  if (approves && parts_.certificates != nullptr) {
    product =
        parts_.certificates->IssueMissing(std::move(product), call.caller);
  }
  *response = ToWire(product, parts_.clock.Now());
  return absl::OkStatus();
}

}  // namespace countersign::server
