#include "server/handlers/signing_handler.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "server/convert/enums.h"
#include "server/convert/page.h"
#include "server/convert/signing_request.h"
#include "server/handlers/fill_page.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

constexpr char kAllProducts[] = "products/-";

// The wildcard, a product or an operation, as the conditions of a query. What
// is named must be there for the caller.
absl::Status ApplyParent(const HandlerParts& parts, const Call& call,
                         const std::string& parent, core::RequestQuery* query) {
  if (parent == kAllProducts) return absl::OkStatus();
  const auto product = core::ProductName::Parse(parent);
  if (product.ok()) {
    query->product = product->product;
    return FindProduct(parts, call, *product).status();
  }
  const auto operation = core::OperationName::Parse(parent);
  if (!operation.ok()) {
    return core::error::MalformedName(
        parent,
        "products/-, products/{product} or "
        "products/{product}/operations/{operation}");
  }
  query->product = operation->product.product;
  query->operation = operation->operation;
  return FindOperation(parts, call, *operation).status();
}

absl::Status ApplyStates(const v1::ListSigningRequestsRequest& request,
                         core::RequestQuery* query) {
  std::vector<base::FieldViolation> violations;
  for (int i = 0; i < request.states_size(); ++i) {
    const auto state = FromWire(request.states(i));
    if (state.has_value()) {
      query->states.push_back(*state);
    } else {
      violations.push_back({absl::StrCat("states[", i, "]"),
                            "must be a state of SigningRequest"});
    }
  }
  return violations.empty() ? absl::OkStatus()
                            : core::error::BadRequest(std::move(violations));
}

}  // namespace

v1::SigningRequest Shown(const HandlerParts& parts,
                         const core::SigningRequest& request) {
  ProductSnapshot product;
  if (request.content.encoding == core::SignatureEncoding::kPem) {
    auto found = parts.products.Get(request.name.operation.product);
    if (found.ok()) product = *std::move(found);
  }
  return ToWire(request, product.get());
}

grpc::Status SigningHandler::GetSigningRequest(
    grpc::ServerContext* context, const v1::GetSigningRequestRequest* request,
    v1::SigningRequest* response) {
  return parts_.desk.Serve(context, "GetSigningRequest", request->name(),
                           [&](const Call& call) -> absl::Status {
                             ASSIGN_OR_RETURN(
                                 const core::RequestName name,
                                 core::RequestName::Parse(request->name()));
                             ASSIGN_OR_RETURN(const core::SigningRequest found,
                                              FindRequest(parts_, call, name));
                             *response = Shown(parts_, found);
                             return absl::OkStatus();
                           });
}

grpc::Status SigningHandler::ListSigningRequests(
    grpc::ServerContext* context, const v1::ListSigningRequestsRequest* request,
    v1::ListSigningRequestsResponse* response) {
  return parts_.desk.Serve(
      context, "ListSigningRequests", request->parent(),
      [&](const Call& call) { return List(call, *request, response); });
}

absl::Status SigningHandler::List(const Call& call,
                                  const v1::ListSigningRequestsRequest& request,
                                  v1::ListSigningRequestsResponse* response) {
  core::RequestQuery query;
  RETURN_IF_ERROR(ApplyParent(parts_, call, request.parent(), &query));
  RETURN_IF_ERROR(ApplyStates(request, &query));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  v1::ListSigningRequestsRequest rest = request;
  rest.clear_page_size();
  rest.clear_page_token();
  const std::string arguments =
      absl::StrCat(call.method, "\n", rest.SerializeAsString());
  ASSIGN_OR_RETURN(std::string cursor,
                   CursorOf(request.page_token(), arguments));
  ASSIGN_OR_RETURN(
      cursor,
      FillPage<core::SigningRequest>(
          page_size, std::move(cursor),
          [&](int limit, const std::string& from) {
            query.limit = limit;
            query.cursor = from;
            return parts_.store.ListRequests(query);
          },
          [&](const core::SigningRequest& found) -> size_t {
            if (!core::MaySeeRequest(found, call.caller, *call.policy)) {
              return 0;
            }
            v1::SigningRequest* out = response->add_signing_requests();
            *out = Shown(parts_, found);
            return out->ByteSizeLong();
          }));
  response->set_next_page_token(PageToken(cursor, arguments));
  return absl::OkStatus();
}

grpc::Status SigningHandler::CancelSigningRequest(
    grpc::ServerContext* context,
    const v1::CancelSigningRequestRequest* request,
    v1::SigningRequest* response) {
  return parts_.desk.Serve(
      context, "CancelSigningRequest", request->name(), [&](const Call& call) {
        return Decide(call, core::RequestVerb::kCancel, request->name(), "",
                      request->reason(), response);
      });
}

grpc::Status SigningHandler::ApproveSigningRequest(
    grpc::ServerContext* context,
    const v1::ApproveSigningRequestRequest* request,
    v1::SigningRequest* response) {
  return parts_.desk.Serve(
      context, "ApproveSigningRequest", request->name(), [&](const Call& call) {
        return Decide(call, core::RequestVerb::kApprove, request->name(),
                      request->etag(), request->reason(), response);
      });
}

grpc::Status SigningHandler::RejectSigningRequest(
    grpc::ServerContext* context,
    const v1::RejectSigningRequestRequest* request,
    v1::SigningRequest* response) {
  return parts_.desk.Serve(
      context, "RejectSigningRequest", request->name(), [&](const Call& call) {
        return Decide(call, core::RequestVerb::kReject, request->name(),
                      request->etag(), request->reason(), response);
      });
}

absl::Status SigningHandler::Decide(const Call& call, core::RequestVerb verb,
                                    const std::string& name,
                                    const std::string& etag,
                                    const std::string& reason,
                                    v1::SigningRequest* response) {
  core::DecideRequest input;
  ASSIGN_OR_RETURN(const core::RequestName parsed,
                   core::RequestName::Parse(name));
  ASSIGN_OR_RETURN(input.request, FindRequest(parts_, call, parsed));
  input.verb = verb;
  input.caller = call.caller;
  input.etag = etag;
  input.reason = reason;
  ASSIGN_OR_RETURN(
      const core::Resource decided,
      parts_.pipeline.Call(core::MakeDecideRequestFlow(std::move(input))));
  *response = Shown(parts_, std::get<core::SigningRequest>(decided));
  return absl::OkStatus();
}

}  // namespace countersign::server
