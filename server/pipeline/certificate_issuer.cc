#include "server/pipeline/certificate_issuer.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "auth/issue_certificate.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "core/certificate_life.h"
#include "core/errors.h"

namespace countersign::server {
namespace {

constexpr size_t kSerialOctets = 20;  // RFC 5280 4.1.2.2: at most

void LogFailure(const core::KeyVersionName& name, const absl::Status& status) {
  base::Log(base::Severity::kWarning, "certificate_not_issued",
            {{"resource", name.Format()}, {"cause", status.ToString()}});
}

}  // namespace

CertificateIssuer::Turn CertificateIssuer::TurnOf(std::shared_ptr<Board> board,
                                                  const std::string& name) {
  Board* const held = board.get();
  return Turn(held, [board = std::move(board), name](void*) {
    base::MutexLock lock(board->mutex);
    board->under_way.erase(name);
    board->ended.SignalAll();
  });
}

CertificateIssuer::Turn CertificateIssuer::TryBegin(
    const core::KeyVersionName& name) {
  const std::string text = name.Format();
  base::MutexLock lock(board_->mutex);
  if (!board_->under_way.insert(text).second) return nullptr;
  return TurnOf(board_, text);
}

CertificateIssuer::Turn CertificateIssuer::Begin(
    const core::KeyVersionName& name) {
  const std::string text = name.Format();
  base::MutexLock lock(board_->mutex);
  while (!board_->under_way.insert(text).second) {
    board_->ended.Wait(board_->mutex);
  }
  return TurnOf(board_, text);
}

absl::StatusOr<core::IssueCertificate> CertificateIssuer::Order(
    const core::Product& product, const core::KeyVersionName& name) {
  const core::Operation* operation =
      product.FindOperation(name.operation.operation);
  const core::KeyVersion* key =
      operation == nullptr ? nullptr : operation->FindKeyVersion(name.version);
  if (key == nullptr) return core::error::NotFound(name.Format());
  if (!core::IsIssuedInside(*operation)) {
    return core::error::NotIssuedInside(operation->name.Format());
  }
  const std::string& id = operation->certificate->profile_id;
  const std::shared_ptr<const core::Policy> policy = policy_();
  const auto [ca, profile] = policy->FindProfile(id);
  if (profile == nullptr) {
    return core::error::NoProfile(operation->name.Format(), id);
  }
  auth::CertificateOrder order;
  order.common_name = operation->certificate->common_name;
  order.operation = operation->name;
  order.spki = key->spki;
  order.serial = random_.Bytes(kSerialOctets);
  order.now = clock_.Now();
  ASSIGN_OR_RETURN(auth::UnsignedCertificate made,
                   auth::MakeCertificate(*ca, *profile, order));
  core::IssueCertificate input;
  input.key_version = name;
  input.certificate.ca = ca->name;
  input.certificate.profile = profile->id;
  input.certificate.serial = std::move(made.serial);
  input.certificate.not_before = made.not_before;
  input.certificate.not_after = made.not_after;
  input.ca = *ca;
  input.spki = key->spki;
  input.digest = std::move(made.digest);
  input.subject = std::move(made.subject);
  input.assemble = [ca = *ca,
                    tbs = std::move(made.tbs)](absl::string_view signature) {
    return auth::AssembleCertificate(ca, tbs, signature);
  };
  return input;
}

absl::StatusOr<core::FlowPtr> CertificateIssuer::First(
    const core::Principal& caller, const core::KeyVersionName& name) {
  ASSIGN_OR_RETURN(const ProductSnapshot product,
                   products_.Get(name.operation.product));
  if (product == nullptr) return core::FlowPtr();
  const std::vector<core::KeyVersionName> missing =
      core::CertificatesToIssue(*product);
  if (std::find(missing.begin(), missing.end(), name) == missing.end()) {
    return core::FlowPtr();
  }
  ASSIGN_OR_RETURN(core::IssueCertificate input, Order(*product, name));
  input.caller = caller;
  return core::MakeIssueCertificateFlow(std::move(input));
}

core::Product CertificateIssuer::IssueMissing(core::Product product,
                                              const core::Principal& caller) {
  const std::vector<core::KeyVersionName> missing =
      core::CertificatesToIssue(product);
  for (const core::KeyVersionName& name : missing) {
    const Turn turn = Begin(name);
    absl::StatusOr<core::FlowPtr> flow = First(caller, name);
    if (!flow.ok()) {
      LogFailure(name, flow.status());
      continue;
    }
    if (*flow == nullptr) continue;
    const core::Answer answer = pipeline_.Call(*std::move(flow));
    if (!answer.ok()) LogFailure(name, answer.status());
  }
  if (missing.empty()) return product;
  const absl::StatusOr<ProductSnapshot> now = products_.Get(product.name);
  return now.ok() && *now != nullptr ? **now : product;
}

absl::StatusOr<core::Product> CertificateIssuer::Renew(
    const core::Principal& caller, const core::KeyVersionName& name,
    const std::string& reason) {
  const Turn turn = Begin(name);
  ASSIGN_OR_RETURN(const ProductSnapshot product,
                   products_.Get(name.operation.product));
  if (product == nullptr) return core::error::NotFound(name.Format());
  ASSIGN_OR_RETURN(core::IssueCertificate input, Order(*product, name));
  input.caller = caller;
  input.renewal = true;
  input.reason = reason;
  ASSIGN_OR_RETURN(
      core::Resource issued,
      pipeline_.Call(core::MakeIssueCertificateFlow(std::move(input))));
  return std::get<core::Product>(std::move(issued));
}

}  // namespace countersign::server
