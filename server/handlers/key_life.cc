#include <optional>
#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "server/convert/key_version.h"
#include "server/handlers/key_handler.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

constexpr size_t kKeyIdOctets = 16;

using Violations = std::vector<base::FieldViolation>;

// What RotateKey and RegisterKeyVersion say of it; unset: from now on.
template <typename Request>
std::optional<absl::Time> StartTime(const Request& request, absl::Time now,
                                    Violations* violations) {
  if (!request.has_start_time()) return std::nullopt;
  return StartTimeFromWire(request.start_time(), now, violations);
}

}  // namespace

grpc::Status KeyHandler::RotateKey(grpc::ServerContext* context,
                                   const v1::RotateKeyRequest* request,
                                   v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "RotateKey", request->name(),
      [&](const Call& call) { return Rotate(call, *request, response); });
}

absl::Status KeyHandler::Rotate(const Call& call,
                                const v1::RotateKeyRequest& request,
                                v1::KeyVersion* response) {
  core::RotateKey input;
  ASSIGN_OR_RETURN(input.operation, core::OperationName::Parse(request.name()));
  Violations violations;
  input.start_time = StartTime(request, parts_.clock.Now(), &violations);
  RETURN_IF_ERROR(RefuseFields(call, input.operation, "rotate keys",
                               std::move(violations)));
  input.caller = call.caller;
  input.key_id = parts_.random.Bytes(kKeyIdOctets);
  const core::OperationName name = input.operation;
  return AddVersion(call, core::MakeRotateKeyFlow(std::move(input)), name,
                    response);
}

grpc::Status KeyHandler::RegisterKeyVersion(
    grpc::ServerContext* context, const v1::RegisterKeyVersionRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "RegisterKeyVersion", request->parent(),
      [&](const Call& call) { return Register(call, *request, response); });
}

absl::Status KeyHandler::Register(const Call& call,
                                  const v1::RegisterKeyVersionRequest& request,
                                  v1::KeyVersion* response) {
  core::RegisterKey input;
  ASSIGN_OR_RETURN(input.operation,
                   core::OperationName::Parse(request.parent()));
  Violations violations;
  core::ExistingKey key =
      FromWire(request.existing_key(), "existing_key", &violations);
  input.start_time = StartTime(request, parts_.clock.Now(), &violations);
  RETURN_IF_ERROR(RefuseFields(call, input.operation, "register keys",
                               std::move(violations)));
  input.caller = call.caller;
  input.key_id = std::move(key.key_id);
  input.label = std::move(key.label);
  input.tokens = std::move(key.tokens);
  const core::OperationName name = input.operation;
  return AddVersion(call, core::MakeRegisterKeyFlow(std::move(input)), name,
                    response);
}

absl::Status KeyHandler::RefuseFields(const Call& call,
                                      const core::OperationName& name,
                                      absl::string_view action,
                                      Violations violations) {
  if (violations.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(FindOperation(parts_, call, name).status());
  RETURN_IF_ERROR(Refuse(parts_, call,
                         core::CheckAdministrator(call.caller, *call.policy,
                                                  action, call.resource)));
  return core::error::BadRequest(std::move(violations));
}

absl::Status KeyHandler::AddVersion(const Call& call, core::FlowPtr flow,
                                    const core::OperationName& name,
                                    v1::KeyVersion* response) {
  ASSIGN_OR_RETURN(core::Resource changed,
                   parts_.pipeline.Call(std::move(flow)));
  auto product = std::get<core::Product>(std::move(changed));
  const core::KeyVersionName added =
      product.FindOperation(name.operation)->key_versions.back().name;
  if (parts_.certificates != nullptr) {
    product =
        parts_.certificates->IssueMissing(std::move(product), call.caller);
  }
  return ShowIn(product, added, response);
}

grpc::Status KeyHandler::DisableKeyVersion(
    grpc::ServerContext* context, const v1::DisableKeyVersionRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "DisableKeyVersion", request->name(), [&](const Call& call) {
        return Decide(call, core::KeyVerb::kDisable, request->name(),
                      request->reason(), response);
      });
}

grpc::Status KeyHandler::EnableKeyVersion(
    grpc::ServerContext* context, const v1::EnableKeyVersionRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "EnableKeyVersion", request->name(), [&](const Call& call) {
        return Decide(call, core::KeyVerb::kEnable, request->name(),
                      request->reason(), response);
      });
}

grpc::Status KeyHandler::DestroyKeyVersion(
    grpc::ServerContext* context, const v1::DestroyKeyVersionRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "DestroyKeyVersion", request->name(), [&](const Call& call) {
        return Decide(call, core::KeyVerb::kDestroy, request->name(),
                      request->reason(), response);
      });
}

grpc::Status KeyHandler::RestoreKeyVersion(
    grpc::ServerContext* context, const v1::RestoreKeyVersionRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "RestoreKeyVersion", request->name(), [&](const Call& call) {
        return Decide(call, core::KeyVerb::kRestore, request->name(),
                      request->reason(), response);
      });
}

absl::Status KeyHandler::Decide(const Call& call, core::KeyVerb verb,
                                const std::string& name,
                                const std::string& reason,
                                v1::KeyVersion* response) {
  core::DecideKey input;
  input.verb = verb;
  ASSIGN_OR_RETURN(input.key_version, core::KeyVersionName::Parse(name));
  input.caller = call.caller;
  input.reason = reason;
  const core::KeyVersionName key = input.key_version;
  ASSIGN_OR_RETURN(
      const core::Resource decided,
      parts_.pipeline.Call(core::MakeDecideKeyFlow(std::move(input))));
  return ShowIn(std::get<core::Product>(decided), key, response);
}

}  // namespace countersign::server
