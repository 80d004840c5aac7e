#include "server/convert/identity.h"

#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"

namespace countersign::server {
namespace {

// google/protobuf/timestamp.proto: 0001-01-01 to 9999-12-31.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;
// google/protobuf/duration.proto: about 10,000 years.
constexpr int64_t kMaxDurationSeconds = 315576000000;
constexpr int32_t kNanosPerSecond = 1000000000;

// Fits the wire's range: an infinite time shows as its end.
int64_t Clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : (value > high ? high : value);
}

// Groups, values and patterns.
void CopySet(const std::set<std::string>& from,
             google::protobuf::RepeatedPtrField<std::string>* to) {
  for (const std::string& element : from) *to->Add() = element;
}

v1::ClaimRule ToWire(const core::ClaimRule& rule) {
  v1::ClaimRule wire;
  wire.set_claim(rule.claim);
  CopySet(rule.values, wire.mutable_values());
  CopySet(rule.patterns, wire.mutable_patterns());
  return wire;
}

core::ClaimRule FromWire(const v1::ClaimRule& wire) {
  core::ClaimRule rule;
  rule.claim = wire.claim();
  rule.values.insert(wire.values().begin(), wire.values().end());
  rule.patterns.insert(wire.patterns().begin(), wire.patterns().end());
  return rule;
}

}  // namespace

google::protobuf::Timestamp ToWire(absl::Time time) {
  google::protobuf::Timestamp wire;
  const int64_t seconds = absl::ToUnixSeconds(time);
  wire.set_seconds(Clamp(seconds, kFirstSecond, kLastSecond));
  if (seconds == wire.seconds()) {
    wire.set_nanos(static_cast<int32_t>(
        (time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  }
  return wire;
}

google::protobuf::Duration ToWire(absl::Duration duration) {
  google::protobuf::Duration wire;
  const int64_t seconds =
      absl::IDivDuration(duration, absl::Seconds(1), &duration);
  wire.set_seconds(Clamp(seconds, -kMaxDurationSeconds, kMaxDurationSeconds));
  if (seconds == wire.seconds()) {
    wire.set_nanos(static_cast<int32_t>(duration / absl::Nanoseconds(1)));
  }
  return wire;
}

std::optional<absl::Time> FromWire(const google::protobuf::Timestamp& time) {
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond ||
      time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

std::optional<absl::Duration> FromWire(
    const google::protobuf::Duration& duration) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds < -kMaxDurationSeconds || seconds > kMaxDurationSeconds ||
      nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond ||
      (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return std::nullopt;
  }
  return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
}

v1::Principal ToWire(const core::Principal& principal) {
  v1::Principal wire;
  wire.set_subject(principal.subject);
  wire.set_issuer(principal.issuer);
  CopySet(principal.groups, wire.mutable_groups());
  wire.set_credential_fingerprint(principal.credential_fingerprint);
  // The server itself has none.
  if (!principal.credential_fingerprint.empty()) {
    wire.set_credential(principal.credential ==
                                core::CredentialKind::kBearerToken
                            ? v1::Principal::BEARER_TOKEN
                            : v1::Principal::CLIENT_CERTIFICATE);
  }
  wire.set_person(principal.person);
  wire.mutable_claims()->insert(principal.claims.begin(),
                                principal.claims.end());
  wire.set_issuer_key(principal.issuer_key);
  wire.set_certificate_subject(principal.certificate_subject);
  return wire;
}

v1::ApprovalRule ToWire(const core::ApprovalRule& rule) {
  v1::ApprovalRule wire;
  wire.set_display_name(rule.display_name);
  wire.set_description(rule.description);
  CopySet(rule.allowed_groups, wire.mutable_allowed_groups());
  CopySet(rule.approval_groups, wire.mutable_approval_groups());
  CopySet(rule.blanket_groups, wire.mutable_blanket_groups());
  wire.set_required_approvals(rule.required_approvals);
  *wire.mutable_request_expiry() = ToWire(rule.request_expiry);
  for (const core::ClaimRule& claim : rule.required_claims) {
    *wire.add_required_claims() = ToWire(claim);
  }
  return wire;
}

core::ApprovalRule FromWire(const v1::ApprovalRule& wire,
                            const core::Policy& policy, const std::string& path,
                            std::vector<base::FieldViolation>* violations) {
  core::ApprovalRule rule;
  rule.display_name = wire.display_name();
  rule.description = wire.description();
  rule.allowed_groups.insert(wire.allowed_groups().begin(),
                             wire.allowed_groups().end());
  rule.approval_groups.insert(wire.approval_groups().begin(),
                              wire.approval_groups().end());
  rule.blanket_groups.insert(wire.blanket_groups().begin(),
                             wire.blanket_groups().end());
  for (const v1::ClaimRule& claim : wire.required_claims()) {
    rule.required_claims.push_back(FromWire(claim));
  }
  rule.required_approvals = wire.required_approvals();
  if (rule.required_approvals == 0 && !rule.approval_groups.empty()) {
    rule.required_approvals = 1;
  }
  rule.request_expiry = policy.default_request_expiry;
  if (wire.has_request_expiry()) {
    const auto expiry = FromWire(wire.request_expiry());
    if (expiry.has_value()) {
      rule.request_expiry = *expiry;
    } else {
      violations->push_back({absl::StrCat(path, ".request_expiry"),
                             "must be a duration such as \"604800s\""});
    }
  }
  return rule;
}

}  // namespace countersign::server
