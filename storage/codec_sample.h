// Random parts for the codecs' tests.
#ifndef COUNTERSIGN_STORAGE_CODEC_SAMPLE_H_
#define COUNTERSIGN_STORAGE_CODEC_SAMPLE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "base/random.h"
#include "core/approval_rule.h"
#include "core/principal.h"

namespace countersign::storage {

// Values that a repeatable generator makes.
class Sampler {
 public:
  explicit Sampler(uint64_t seed) : random_(seed) {}

  uint64_t Number() {
    uint64_t value = 0;
    for (const unsigned char c : random_.Bytes(8)) value = value << 8 | c;
    return value;
  }
  // 0 to n - 1.
  int Pick(int n) { return static_cast<int>(Number() % n); }
  bool Coin() { return Pick(2) == 1; }
  // Any octets, often none.
  std::string Octets() { return random_.Bytes(Coin() ? 0 : Pick(300)); }
  template <typename E>
  E Enum(E last) {
    return static_cast<E>(Pick(static_cast<int>(last) + 1));
  }
  absl::Duration Duration() {
    switch (Pick(8)) {
      case 0:
        return absl::InfiniteDuration();
      case 1:
        return -absl::InfiniteDuration();
      case 2:
        return absl::ZeroDuration();
      default:
        return absl::Nanoseconds(static_cast<int64_t>(Number()) / 4);
    }
  }
  absl::Time Time() { return absl::UnixEpoch() + Duration(); }
  std::set<std::string> Strings() {
    std::set<std::string> strings;
    for (int n = Pick(4); n > 0; --n) strings.insert(Octets());
    return strings;
  }
  core::Principal Principal() {
    core::Principal principal;
    principal.subject = Octets();
    principal.issuer = Octets();
    principal.credential_fingerprint = Octets();
    principal.groups = Strings();
    principal.credential = Enum(core::CredentialKind::kBearerToken);
    principal.person = Octets();
    for (int n = Pick(3); n > 0; --n) principal.claims[Octets()] = Octets();
    principal.issuer_key = Octets();
    principal.certificate_subject = Octets();
    return principal;
  }
  core::ApprovalRule Rule() {
    core::ApprovalRule rule;
    rule.display_name = Octets();
    rule.description = Octets();
    rule.allowed_groups = Strings();
    rule.approval_groups = Strings();
    rule.blanket_groups = Strings();
    rule.required_approvals = Pick(1000) - 500;
    rule.request_expiry = Duration();
    for (int n = Pick(3); n > 0; --n) {
      rule.required_claims.push_back({Octets(), Strings(), Strings()});
    }
    return rule;
  }

 private:
  base::FakeRandom random_;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_CODEC_SAMPLE_H_
