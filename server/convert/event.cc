#include "server/convert/event.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/leaf.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "core/errors.h"
#include "core/event.h"
#include "server/convert/identity.h"

namespace countersign::server {
namespace {

std::optional<absl::Time> TimeOf(
    const google::protobuf::Timestamp& wire, const std::string& field,
    std::vector<base::FieldViolation>* violations) {
  const auto time = FromWire(wire);
  if (!time.has_value()) {
    violations->push_back(
        {field, "must be between the years 1 and 9999, nanos 0..999999999"});
  }
  return time;
}

}  // namespace

absl::StatusOr<v1::Event> ToWire(const core::Leaf& leaf) {
  absl::StatusOr<core::Event> event = audit::ParseLeaf(leaf.bytes);
  if (!event.ok()) {
    return absl::InternalError(
        absl::StrCat("leaf ", leaf.number, ": ", event.status().ToString()));
  }
  v1::Event wire;
  wire.set_leaf_index(static_cast<int64_t>(leaf.number));
  wire.set_leaf(leaf.bytes);
  wire.set_type(std::string(core::ToString(event->type)));
  *wire.mutable_event_time() = ToWire(event->time);
  wire.set_subject(event->actor.subject);
  wire.set_resource(event->resource);
  wire.set_operation(event->operation);
  wire.set_key_version(event->key_version);
  return wire;
}

absl::StatusOr<core::LeafQuery> FromWire(
    const v1::ListEventsRequest::Filter& filter) {
  core::LeafQuery query;
  std::vector<base::FieldViolation> violations;
  for (int i = 0; i < filter.types_size(); ++i) {
    core::EventType type;
    if (core::ParseEventType(filter.types(i), &type)) {
      query.types.push_back(type);
    } else {
      violations.push_back({absl::StrCat("filter.types[", i, "]"),
                            "is no event type; REQUEST_SIGNED is one"});
    }
  }
  query.subject = filter.subject();
  query.resource_prefix = filter.resource_prefix();
  query.operation = filter.operation();
  query.key_version = filter.key_version();
  if (filter.has_start_time()) {
    query.from = TimeOf(filter.start_time(), "filter.start_time", &violations);
  }
  if (filter.has_end_time()) {
    query.until = TimeOf(filter.end_time(), "filter.end_time", &violations);
  }
  if (!violations.empty()) {
    return core::error::BadRequest(std::move(violations));
  }
  return query;
}

}  // namespace countersign::server
