#include "tests/outage/site.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "base/random.h"
#include "countersign/v1/audit_service.grpc.pb.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace countersign::outage {
namespace {

namespace pb = ::countersign::v1;

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(60));
}

absl::Status Failed(const std::string& what, const grpc::Status& status) {
  return absl::InternalError(absl::StrCat(what, ": code ", status.error_code(),
                                          ": ", status.error_message()));
}

std::shared_ptr<grpc::ChannelInterface> Borrow(grpc::Channel& channel) {
  return std::shared_ptr<grpc::ChannelInterface>(
      &channel, [](grpc::ChannelInterface*) {});
}

// What the record has of one request, by leaf.
struct History {
  int64_t created = -1;
  int64_t last_intent = -1;
  int64_t signed_at = -1;
  int signatures = 0;
};

absl::Status CheckHistory(const std::string& name, const History& history) {
  if (history.signatures != 1) {
    return absl::InternalError(
        absl::StrCat(name, " was signed ", history.signatures, " times"));
  }
  if (history.created < 0 || history.created > history.signed_at ||
      history.last_intent > history.signed_at) {
    return absl::InternalError(absl::StrCat(
        name, ": signature before its intent: leaves ", history.created, ", ",
        history.last_intent, ", ", history.signed_at));
  }
  return absl::OkStatus();
}

absl::Status Record(const pb::Event& event,
                    std::map<std::string, History>& histories,
                    RecordSummary& summary) {
  History& history = histories[event.resource()];
  if (event.type() == "REQUEST_CREATED") {
    history.created = event.leaf_index();
    ++summary.created;
  } else if (event.type() == "REQUEST_SIGNED") {
    history.signed_at = event.leaf_index();
    ++history.signatures;
  } else if (event.type() == "SIGNING_RESUMED") {
    history.last_intent = event.leaf_index();
    ++summary.resumed;
  } else if (event.type() == "SIGNING_INTERRUPTED") {
    ++summary.interrupted;
  } else {
    return absl::InternalError(
        absl::StrCat(event.type(), " of ", event.resource()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> AskAndAgree(grpc::Channel& ci,
                                        grpc::Channel& approver,
                                        const std::string& operation) {
  base::SystemRandom random;
  pb::CreateSigningRequestRequest request;
  request.set_parent(operation);
  request.set_request_id(base::MakeUuid7(base::SystemClock().Now(), random));
  pb::SigningRequest& content = *request.mutable_signing_request();
  content.set_hash_algorithm(pb::SHA256);
  pb::LabelledDigest& digest = *content.add_digests();
  digest.set_label("artefact");
  digest.set_value(random.Bytes(32));
  digest.set_crc32c(base::Crc32c(digest.value()));
  pb::SigningRequest asked;
  {
    grpc::ClientContext context;
    SetDeadline(context);
    const grpc::Status status =
        pb::SigningService::NewStub(Borrow(ci))
            ->CreateSigningRequest(&context, request, &asked);
    if (!status.ok()) return Failed("create", status);
  }
  pb::ApproveSigningRequestRequest yes;
  yes.set_name(asked.name());
  yes.set_etag(asked.etag());
  grpc::ClientContext context;
  SetDeadline(context);
  pb::SigningRequest agreed;
  const grpc::Status status =
      pb::SigningService::NewStub(Borrow(approver))
          ->ApproveSigningRequest(&context, yes, &agreed);
  if (!status.ok()) return Failed("approve", status);
  if (agreed.state() != pb::SigningRequest::APPROVED) {
    return absl::InternalError(
        absl::StrCat("agreed while the HSM is away: state ", agreed.state()));
  }
  return asked.name();
}

absl::Status AwaitSigned(grpc::Channel& ci, const std::string& name,
                         absl::Duration patience) {
  const auto stub = pb::SigningService::NewStub(Borrow(ci));
  pb::GetSigningRequestRequest request;
  request.set_name(name);
  const absl::Duration until = base::SteadyNow() + patience;
  pb::SigningRequest found;
  while (base::SteadyNow() < until) {
    grpc::ClientContext context;
    SetDeadline(context);
    const grpc::Status status =
        stub->GetSigningRequest(&context, request, &found);
    if (!status.ok()) return Failed("get", status);
    if (found.state() == pb::SigningRequest::SIGNED) return absl::OkStatus();
    base::SleepFor(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError(
      absl::StrCat(name, " is not signed: state ", found.state()));
}

absl::Status AwaitHealth(grpc::Channel& channel,
                         const std::vector<std::string>& services, bool serving,
                         absl::Duration patience) {
  namespace health = ::grpc::health::v1;
  const auto stub = health::Health::NewStub(Borrow(channel));
  const absl::Duration until = base::SteadyNow() + patience;
  for (const std::string& service : services) {
    while (true) {
      health::HealthCheckRequest request;
      request.set_service(service);
      health::HealthCheckResponse response;
      grpc::ClientContext context;
      SetDeadline(context);
      const grpc::Status status = stub->Check(&context, request, &response);
      if (!status.ok()) return Failed("health of " + service, status);
      if ((response.status() == health::HealthCheckResponse::SERVING) ==
          serving) {
        break;
      }
      if (base::SteadyNow() > until) {
        return absl::DeadlineExceededError(absl::StrCat(
            "health of ", service, " is ", response.status(), " although the ",
            "HSM is ", serving ? "there" : "away"));
      }
      base::SleepFor(absl::Milliseconds(10));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<RecordSummary> CheckRecord(
    grpc::Channel& auditor, const std::set<std::string>& signed_names) {
  const auto stub = pb::AuditService::NewStub(Borrow(auditor));
  pb::ListEventsRequest request;
  request.set_page_size(1000);
  for (const char* type :
       {"REQUEST_CREATED", "REQUEST_SIGNED", "REQUEST_FAILED",
        "SIGNATURE_DISCARDED", "SIGNING_RESUMED", "SIGNING_INTERRUPTED"}) {
    request.mutable_filter()->add_types(type);
  }
  std::map<std::string, History> histories;
  RecordSummary summary;
  do {
    grpc::ClientContext context;
    SetDeadline(context);
    pb::ListEventsResponse page;
    const grpc::Status status = stub->ListEvents(&context, request, &page);
    if (!status.ok()) return Failed("list", status);
    for (const pb::Event& event : page.events()) {
      const absl::Status fits = Record(event, histories, summary);
      if (!fits.ok()) return fits;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());

  for (const auto& [name, history] : histories) {
    const absl::Status good = CheckHistory(name, history);
    if (!good.ok()) return good;
    ++summary.signed_once;
  }
  for (const std::string& name : signed_names) {
    if (histories.count(name) == 0) {
      return absl::InternalError(absl::StrCat(name, " is not in the record"));
    }
  }
  return summary;
}

}  // namespace countersign::outage
