// Issues certificates of the site's own authority: it has the octets made
// (auth/issue_certificate.h) with a fresh serial, and starts the flow that
// decides, signs and records (core/flows.h). One at a time for a key version,
// whoever starts it: a handler after an approval, or the sweeper after a crash.
#ifndef COUNTERSIGN_SERVER_PIPELINE_CERTIFICATE_ISSUER_H_
#define COUNTERSIGN_SERVER_PIPELINE_CERTIFICATE_ISSUER_H_

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "core/flows.h"
#include "core/names.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"

namespace countersign::server {

// Thread-safe. What it is made of must outlive it, and all that it lends.
class CertificateIssuer {
 public:
  // That a certificate for one key version is being made; ends with the last
  // copy.
  using Turn = std::shared_ptr<void>;

  CertificateIssuer(Pipeline& pipeline, ProductCache& products,
                    Pipeline::PolicySource policy, const base::Clock& clock,
                    base::Random& random)
      : pipeline_(pipeline),
        products_(products),
        policy_(std::move(policy)),
        clock_(clock),
        random_(random),
        board_(std::make_shared<Board>()) {}

  // What `product` misses (core/certificate_life.h), one after another, for
  // `caller`; answers the product as it is then. What cannot be issued now is
  // logged, and the sweeper tries again. Blocks on the signer.
  core::Product IssueMissing(core::Product product,
                             const core::Principal& caller);

  // An approver's agreement to the renewal that waits. Answers the product.
  // Blocks on the signer.
  absl::StatusOr<core::Product> Renew(const core::Principal& caller,
                                      const core::KeyVersionName& name,
                                      const std::string& reason);

  // nullptr where one is being made.
  Turn TryBegin(const core::KeyVersionName& name);
  // The flow of a first certificate, by the product as it is now; nullptr where
  // it misses none. Whoever runs it holds its turn until it has answered.
  absl::StatusOr<core::FlowPtr> First(const core::Principal& caller,
                                      const core::KeyVersionName& name);

  std::shared_ptr<const core::Policy> policy() const { return policy_(); }

 private:
  // Shared with the turns, some of which flows hold.
  struct Board {
    base::Mutex mutex;
    base::CondVar ended;
    std::set<std::string> under_way ABSL_GUARDED_BY(mutex);
  };

  // Blocks until there is none.
  Turn Begin(const core::KeyVersionName& name);
  static Turn TurnOf(std::shared_ptr<Board> board, const std::string& name);
  absl::StatusOr<core::IssueCertificate> Order(
      const core::Product& product, const core::KeyVersionName& name);

  Pipeline& pipeline_;
  ProductCache& products_;
  const Pipeline::PolicySource policy_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::shared_ptr<Board> board_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_CERTIFICATE_ISSUER_H_
