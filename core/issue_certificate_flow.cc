// A certificate of the site's own authority: may it be, what its key is about
// to sign, and the chain in its place.
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/certificate_events.h"
#include "core/certificate_life.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxReason = 1024;  // octets

class IssueCertificateFlow final : public FlowBase {
 public:
  explicit IssueCertificateFlow(IssueCertificate input)
      : FlowBase(input.renewal ? "ApproveCertificateRenewal" : "issue",
                 input.caller),
        input_(std::move(input)) {}

  ProductName product() const override {
    return input_.key_version.operation.product;
  }

 private:
  enum class Stage { kRecordingIntent, kRecordingCertificate, kGivingUp };

  Effect Decide(const World& world) override {
    const KeyVersion* key = nullptr;
    absl::Status status = CheckCaller(world);
    if (status.ok()) status = Check(world.product.get(), *world.policy, &key);
    if (!status.ok()) {
      return Refuse(std::move(status), input_.key_version.Format(), world);
    }
    ChangeSet changes;
    changes.expected.emplace_back(product(), world.product->revision);
    changes.events.push_back(CertificateIssuingEvent(input_, *key, world.now));
    return CommitNext(std::move(changes), SignNeed{input_.ca.key, 1});
  }

  // Who agrees to a renewal is a person whom the flow looks at; the first
  // certificate was agreed to with the product.
  absl::Status CheckCaller(const World& world) const {
    const std::string name = input_.key_version.Format();
    if (!input_.renewal) return absl::OkStatus();
    if (world.product == nullptr ||
        !MaySeeProduct(*world.product, caller(), *world.policy)) {
      return error::NotFound(name);
    }
    RETURN_IF_ERROR(CheckProductApprover(caller(), *world.policy,
                                         "approve certificate renewals", name));
    if (input_.reason.size() > kMaxReason ||
        !base::IsValidUtf8(input_.reason)) {
      return error::BadRequest(
          {{"reason", "must be at most 1024 octets of valid UTF-8"}});
    }
    return absl::OkStatus();
  }

  // Whether the certificate may be, in `product` as it is now. NOT_FOUND says
  // no more than CheckCaller would.
  absl::Status Check(const Product* product, const Policy& policy,
                     const KeyVersion** found) const {
    const std::string name = input_.key_version.Format();
    const Operation* operation =
        product == nullptr
            ? nullptr
            : product->FindOperation(input_.key_version.operation.operation);
    const KeyVersion* key =
        operation == nullptr
            ? nullptr
            : operation->FindKeyVersion(input_.key_version.version);
    if (key == nullptr) return error::NotFound(name);
    RETURN_IF_ERROR(CheckMayBeCertified(*product, *operation, *key));
    if (input_.renewal) {
      if (!key->renewal.has_value()) return error::NoRenewal(name);
      if (policy.SamePerson(key->renewal->requester, caller())) {
        return error::OwnRenewal(name);
      }
    } else if (!key->issued.empty() || key->chain.has_value()) {
      return error::CertificateExists(name);
    }
    const IssuingCa* ca = policy.FindIssuingCa(input_.ca.name);
    const std::string& profile = operation->certificate->profile_id;
    if (ca == nullptr || !(*ca == input_.ca) ||
        (!profile.empty() && profile != input_.certificate.profile)) {
      return error::NoProfile(operation->name.Format(), profile);
    }
    if (key->spki.empty() || key->spki != input_.spki) {
      return absl::InternalError("a certificate for another key");
    }
    *found = key;
    return absl::OkStatus();
  }

  Effect OnRecorded(const World&) override {
    switch (stage_) {
      case Stage::kRecordingIntent: {
        SignJob job;
        job.key = input_.ca.key;
        job.algorithm = input_.ca.algorithm;
        job.hash = input_.ca.hash;
        job.digests.push_back(input_.digest);
        job.deadline = absl::InfiniteFuture();
        job.share = product().product;
        return Effect{std::nullopt, SignEffect{std::move(job)}};
      }
      case Stage::kRecordingCertificate:
        return Finish(Resource(next_));
      case Stage::kGivingUp:
        return Finish(failure_);
    }
    return Finish(absl::InternalError("unknown stage"));
  }

  Effect OnSigned(SignResult result, const World& world) override {
    if (!result.ok()) return GiveUp(result.status(), world);
    absl::StatusOr<CertificateChain> chain =
        input_.assemble(result->front().value);
    if (!chain.ok()) return GiveUp(chain.status(), world);
    if (chain->certificates.empty()) {
      return GiveUp(absl::InternalError("an empty chain"), world);
    }
    chain_ = *std::move(chain);
    input_.certificate.sha256 = base::Sha256Hex(chain_.certificates.front());
    return RecordCertificate(world.product.get(), world);
  }

  // The key's use is on record; whether the certificate may be is asked again.
  Effect RecordCertificate(const Product* latest, const World& world) {
    const KeyVersion* key = nullptr;
    const absl::Status status = Check(latest, *world.policy, &key);
    if (!status.ok()) return GiveUp(status, world);
    stage_ = Stage::kRecordingCertificate;
    next_ = *latest;
    next_.revision += 1;
    next_.update_time = world.now;
    ChangeSet changes;
    for (KeyVersion& changed :
         next_.FindOperation(input_.key_version.operation.operation)
             ->key_versions) {
      if (!(changed.name == input_.key_version)) continue;
      changed.chain = chain_;
      changed.issued.push_back(input_.certificate);
      changed.renewal.reset();
      changes.events.push_back(
          CertificateIssuedEvent(input_, changed, world.now));
    }
    changes.products.push_back(next_);
    return CommitNext(std::move(changes));
  }

  Effect GiveUp(absl::Status error, const World& world) {
    stage_ = Stage::kGivingUp;
    failure_ = std::move(error);
    ChangeSet changes;
    changes.events.push_back(
        CertificateFailedEvent(input_, failure_, world.now));
    return CommitNext(std::move(changes));
  }

  Effect OnLost(const LostRace& race, const World& world) override {
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    if (stage_ == Stage::kRecordingIntent) {
      return FlowBase::OnLost(race, latest);
    }
    if (++races_ > kMaxRaces) {
      return GiveUp(error::ConcurrentChange(product().Format()), latest);
    }
    return RecordCertificate(latest.product.get(), latest);
  }

  static constexpr int kMaxRaces = 8;

  IssueCertificate input_;
  Stage stage_ = Stage::kRecordingIntent;
  CertificateChain chain_;
  Product next_;
  absl::Status failure_;
  int races_ = 0;
};

}  // namespace

FlowPtr MakeIssueCertificateFlow(IssueCertificate input) {
  return std::make_unique<IssueCertificateFlow>(std::move(input));
}

}  // namespace countersign::core
