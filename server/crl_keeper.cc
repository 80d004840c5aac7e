#include "server/crl_keeper.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/status_macros.h"
#include "core/flows.h"
#include "core/product.h"

namespace countersign::server {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

void Collect(const core::Product& product, const std::string& authority,
             std::vector<auth::RevokedCertificate>& out) {
  for (const core::Operation& operation : product.operations) {
    for (const core::KeyVersion& key : operation.key_versions) {
      for (const core::IssuedCertificate& issued : key.issued) {
        if (issued.ca != authority || !issued.revocation.has_value()) continue;
        out.push_back({issued.serial, issued.revocation->time,
                       issued.revocation->reason});
      }
    }
  }
}

}  // namespace

void CrlKeeper::Tick() {
  const std::shared_ptr<const core::Policy> policy = policy_();
  const absl::Time now = clock_.Now();
  for (const core::IssuingCa& ca : policy->issuing_cas) {
    int64_t number = 0;
    if (IsReady(ca) && Begin(ca, now, &number)) Sign(ca, now, number);
  }
}

bool CrlKeeper::IsReady(const core::IssuingCa& ca) const {
  const core::SignerHealth health = signer_.Health();
  // A use that cannot be would only add a leaf.
  if (!health.ready) return false;
  const std::vector<std::string>& wanted = ca.key.tokens;
  if (wanted.empty() || health.tokens.empty()) return true;
  return std::any_of(health.tokens.begin(), health.tokens.end(),
                     [&wanted](const core::TokenHealth& token) {
                       return token.ready &&
                              std::find(wanted.begin(), wanted.end(),
                                        token.token) != wanted.end();
                     });
}

bool CrlKeeper::Begin(const core::IssuingCa& ca, absl::Time now,
                      int64_t* number) {
  base::MutexLock lock(state_->mutex);
  Authority& authority = state_->authorities[ca.name];
  const SignedCrl* newest = authority.newest.get();
  const bool due = newest == nullptr || authority.revoked ||
                   now >= newest->this_update +
                              (newest->next_update - newest->this_update) / 2;
  if (!due || authority.running || now < authority.next_try) return false;
  authority.running = true;
  authority.revoked = false;  // what is revoked from now on needs another
  *number = absl::ToUnixMicros(now);
  // Also where the clock was set back: numbers only grow (RFC 5280 5.2.3).
  if (newest != nullptr) *number = std::max(*number, newest->number + 1);
  return true;
}

absl::StatusOr<std::vector<auth::RevokedCertificate>> CrlKeeper::ReadRevoked(
    const std::string& authority) const {
  std::vector<auth::RevokedCertificate> revoked;
  core::ProductQuery query;
  query.limit = 1000;
  do {
    ASSIGN_OR_RETURN(const auto page, store_.ListProducts(query));
    for (const core::Product& product : page.items) {
      Collect(product, authority, revoked);
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return revoked;
}

void CrlKeeper::Sign(const core::IssuingCa& ca, absl::Time now,
                     int64_t number) {
  const auto revoked = ReadRevoked(ca.name);
  if (!revoked.ok()) return End(state_, ca.name, now, revoked.status());
  SignedCrl crl;
  crl.number = number;
  crl.this_update = now;
  crl.next_update = now + ca.crl_validity;
  absl::StatusOr<auth::UnsignedCrl> made =
      auth::MakeCrl(ca, *revoked, crl.number, crl.this_update, crl.next_update);
  if (!made.ok()) return End(state_, ca.name, now, made.status());
  core::SignCrl input;
  input.ca = ca;
  input.digest = std::move(made->digest);
  input.number = crl.number;
  input.revoked = static_cast<int>(revoked->size());
  input.this_update = crl.this_update;
  input.next_update = crl.next_update;
  pipeline_.Run(core::MakeSignCrlFlow(std::move(input)),
                [state = state_, clock = &clock_, ca, crl = std::move(crl),
                 tbs = std::move(made->tbs)](core::Answer answer) mutable {
                  const absl::Time end = clock->Now();
                  if (!answer.ok())
                    return End(state, ca.name, end, answer.status());
                  absl::StatusOr<std::string> der = auth::AssembleCrl(
                      ca, tbs, std::get<std::string>(*answer));
                  if (!der.ok()) return End(state, ca.name, end, der.status());
                  crl.der = *std::move(der);
                  End(state, ca.name, end, std::move(crl));
                });
}

void CrlKeeper::End(const std::shared_ptr<State>& state,
                    const std::string& authority, absl::Time now,
                    absl::StatusOr<SignedCrl> crl) {
  if (!crl.ok()) {
    base::Log(base::Severity::kWarning, "crl_not_signed",
              {{"authority", authority}, {"cause", crl.status().ToString()}});
  }
  base::MutexLock lock(state->mutex);
  Authority& entry = state->authorities[authority];
  entry.running = false;
  if (crl.ok()) {
    entry.newest = std::make_shared<const SignedCrl>(*std::move(crl));
    entry.pause = absl::ZeroDuration();
    entry.next_try = absl::InfinitePast();
    return;
  }
  entry.revoked = true;  // perhaps: what it was begun for is not done
  entry.pause = std::min(kLongestPause, std::max(kFirstPause, entry.pause * 2));
  entry.next_try = now + entry.pause;
}

void CrlKeeper::Revoked(const std::string& authority) {
  {
    base::MutexLock lock(state_->mutex);
    state_->authorities[authority].revoked = true;
  }
  Tick();
}

std::shared_ptr<const SignedCrl> CrlKeeper::Latest(
    const std::string& authority) const {
  base::MutexLock lock(state_->mutex);
  const auto found = state_->authorities.find(authority);
  return found == state_->authorities.end() ? nullptr : found->second.newest;
}

std::optional<std::string> CrlKeeper::LatestDer(
    const std::string& authority) const {
  const std::shared_ptr<const SignedCrl> newest = Latest(authority);
  if (newest == nullptr) return std::nullopt;
  return newest->der;
}

}  // namespace countersign::server
