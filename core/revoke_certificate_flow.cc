// The end of a certificate before its time. The next CRL has it
// (server/crl_keeper.h).
#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "core/certificate_events.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"
#include "core/key_access.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxComment = 1024;  // octets

bool IsPublished(const KeyVersion& key, const IssuedCertificate& certificate) {
  return key.chain.has_value() && !key.chain->certificates.empty() &&
         base::Sha256Hex(key.chain->certificates.front()) == certificate.sha256;
}

class RevokeCertificateFlow final : public FlowBase {
 public:
  explicit RevokeCertificateFlow(RevokeCertificate input)
      : FlowBase("RevokeCertificate", input.caller), input_(std::move(input)) {}

  ProductName product() const override {
    return input_.key_version.operation.product;
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* operation = nullptr;
    const KeyVersion* key = nullptr;
    absl::Status status =
        FindKeyForAdministrator(world, caller(), input_.key_version,
                                "revoke certificates", &operation, &key);
    if (status.ok()) status = CheckInput(*key);
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    next_ = *world.product;
    next_.revision += 1;
    next_.update_time = world.now;
    ChangeSet changes;
    for (KeyVersion& changed :
         next_.FindOperation(operation->name.operation)->key_versions) {
      if (changed.name == input_.key_version) {
        changes.events.push_back(Revoke(changed, world.now));
      }
    }
    changes.products.push_back(next_);
    return CommitNext(std::move(changes));
  }

  absl::Status CheckInput(const KeyVersion& key) const {
    if (input_.comment.empty() || input_.comment.size() > kMaxComment ||
        !base::IsValidUtf8(input_.comment)) {
      return error::BadRequest(
          {{"comment",
            "is required: 1 to 1024 octets of valid UTF-8 that say why"}});
    }
    const auto found = std::find_if(
        key.issued.begin(), key.issued.end(),
        [this](const auto& issued) { return issued.serial == input_.serial; });
    if (found == key.issued.end()) {
      return error::BadRequest(
          {{"serial",
            "is that of no certificate that was issued for this key version; "
            "its issued_certificates lists them"}});
    }
    if (found->revocation.has_value()) {
      return error::AlreadyRevoked(key.name.Format(),
                                   base::HexEncode(input_.serial));
    }
    return absl::OkStatus();
  }

  Event Revoke(KeyVersion& key, absl::Time now) const {
    auto found = std::find_if(
        key.issued.begin(), key.issued.end(),
        [this](const auto& issued) { return issued.serial == input_.serial; });
    // To the microsecond, as leaves tell it.
    const absl::Time time = absl::FromUnixMicros(absl::ToUnixMicros(now));
    found->revocation =
        Revocation{input_.reason, input_.comment, caller(), time};
    const bool published = IsPublished(key, *found);
    if (published) key.chain.reset();
    // Nobody is to agree to another certificate for a key that others have.
    if (input_.reason == RevocationReason::kKeyCompromise) key.renewal.reset();
    return CertificateRevokedEvent(key, *found, published, now);
  }

  Effect OnRecorded(const World&) override { return Finish(Resource(next_)); }

  Effect OnLost(const LostRace& race, const World& world) override {
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return FlowBase::OnLost(race, latest);
  }

  RevokeCertificate input_;
  Product next_;
};

}  // namespace

FlowPtr MakeRevokeCertificateFlow(RevokeCertificate input) {
  return std::make_unique<RevokeCertificateFlow>(std::move(input));
}

}  // namespace countersign::core
