#include "server/grpc_status.h"

#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "base/encoding.h"
#include "base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

// gRPC carries the details in a trailer, as base64 beside the message, and
// peers refuse more than 8 KiB of headers: a long list of violations is cut.
constexpr size_t kMaxViolationOctets = 2048;
constexpr size_t kMaxMessage = 768;
constexpr size_t kMaxMetadataValue = 256;

// Text of callers may come back in an error: as much of it as is UTF-8 and
// fits.
std::string Cut(absl::string_view text, size_t octets) {
  text = text.substr(0, octets);
  return std::string(text.substr(0, base::ValidUtf8Prefix(text)));
}

// The reason of an error that nobody named: its code.
std::string ReasonOf(const absl::Status& status,
                     const base::ErrorDetails& details) {
  return details.reason.empty() ? std::string(CodeName(status.code()))
                                : details.reason;
}

void AddErrorInfo(const absl::Status& status, const base::ErrorDetails& details,
                  absl::string_view call_id, google::rpc::Status* wire) {
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(status, details));
  info.set_domain(kErrorDomain);
  if (!IsHidden(status)) {
    for (const auto& entry : details.metadata) {
      (*info.mutable_metadata())[entry.first] =
          Cut(entry.second, kMaxMetadataValue);
    }
  }
  (*info.mutable_metadata())["call_id"] = std::string(call_id);
  wire->add_details()->PackFrom(info);
}

void AddBadRequest(const base::ErrorDetails& details,
                   google::rpc::Status* wire) {
  if (details.field_violations.empty()) return;
  google::rpc::BadRequest bad_request;
  size_t octets = 0;
  for (const base::FieldViolation& violation : details.field_violations) {
    const std::string field = Cut(violation.field, kMaxMetadataValue);
    const std::string description =
        Cut(violation.description, kMaxMetadataValue);
    octets += field.size() + description.size();
    if (octets > kMaxViolationOctets) break;
    auto* out = bad_request.add_field_violations();
    out->set_field(field);
    out->set_description(description);
  }
  wire->add_details()->PackFrom(bad_request);
}

void AddPreconditions(const base::ErrorDetails& details,
                      google::rpc::Status* wire) {
  if (details.preconditions.empty()) return;
  const auto resource = details.metadata.find("resource");
  google::rpc::PreconditionFailure failure;
  for (const auto& precondition : details.preconditions) {
    auto* out = failure.add_violations();
    out->set_type(precondition.first);
    out->set_description(Cut(precondition.second, kMaxMetadataValue));
    if (resource != details.metadata.end()) {
      out->set_subject(Cut(resource->second, kMaxMetadataValue));
    }
  }
  wire->add_details()->PackFrom(failure);
}

// "products/x/operations/y" is of type countersign.dev/Operation.
std::string ResourceType(absl::string_view name) {
  static constexpr struct {
    const char* collection;
    const char* type;
  } kTypes[] = {{"/signingRequests/", "countersign.dev/SigningRequest"},
                {"/keyVersions/", "countersign.dev/KeyVersion"},
                {"/operations/", "countersign.dev/Operation"}};
  for (const auto& row : kTypes) {
    if (absl::StrContains(name, row.collection)) return row.type;
  }
  return "countersign.dev/Product";
}

void AddResource(const absl::Status& status, const base::ErrorDetails& details,
                 google::rpc::Status* wire) {
  if (!absl::IsNotFound(status) && !absl::IsAlreadyExists(status)) return;
  const auto resource = details.metadata.find("resource");
  if (resource == details.metadata.end()) return;
  google::rpc::ResourceInfo info;
  info.set_resource_type(ResourceType(resource->second));
  info.set_resource_name(Cut(resource->second, kMaxMetadataValue));
  wire->add_details()->PackFrom(info);
}

void AddRetry(const base::ErrorDetails& details, google::rpc::Status* wire) {
  if (!details.retry_delay.has_value()) return;
  google::rpc::RetryInfo retry;
  *retry.mutable_retry_delay() = ToWire(*details.retry_delay);
  wire->add_details()->PackFrom(retry);
}

}  // namespace

bool IsHidden(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInternal ||
         status.code() == absl::StatusCode::kUnknown ||
         status.code() == absl::StatusCode::kDataLoss;
}

absl::string_view CodeName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return "OK";
    case absl::StatusCode::kCancelled:
      return "CANCELLED";
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case absl::StatusCode::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case absl::StatusCode::kNotFound:
      return "NOT_FOUND";
    case absl::StatusCode::kAlreadyExists:
      return "ALREADY_EXISTS";
    case absl::StatusCode::kPermissionDenied:
      return "PERMISSION_DENIED";
    case absl::StatusCode::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case absl::StatusCode::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case absl::StatusCode::kAborted:
      return "ABORTED";
    case absl::StatusCode::kOutOfRange:
      return "OUT_OF_RANGE";
    case absl::StatusCode::kUnimplemented:
      return "UNIMPLEMENTED";
    case absl::StatusCode::kInternal:
      return "INTERNAL";
    case absl::StatusCode::kUnavailable:
      return "UNAVAILABLE";
    case absl::StatusCode::kDataLoss:
      return "DATA_LOSS";
    case absl::StatusCode::kUnauthenticated:
      return "UNAUTHENTICATED";
    default:  // absl's enum is open: codes of later versions
      return "UNKNOWN";
  }
}

grpc::Status ToGrpcStatus(const absl::Status& status,
                          absl::string_view call_id) {
  if (status.ok()) return grpc::Status::OK;
  const bool hidden = IsHidden(status);
  const base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  google::rpc::Status wire;
  wire.set_code(hidden ? static_cast<int>(grpc::StatusCode::INTERNAL)
                       : static_cast<int>(status.code()));
  wire.set_message(
      hidden ? "an internal error; the server's log has the cause under the "
               "call_id of the details"
             : Cut({status.message().data(), status.message().size()},
                   kMaxMessage));
  AddErrorInfo(hidden ? absl::InternalError("") : status,
               hidden ? base::ErrorDetails() : details, call_id, &wire);
  if (!hidden) {
    AddBadRequest(details, &wire);
    AddPreconditions(details, &wire);
    AddResource(status, details, &wire);
    AddRetry(details, &wire);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()),
                      wire.message(), wire.SerializeAsString());
}

}  // namespace countersign::server
